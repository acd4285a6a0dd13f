import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openAgent } from '../../../src/transport/agentAddress';
import { AgentClient } from '../../../src/transport/agentClient';
import type { SshOptions } from '../../../src/transport/ssh';
import { stringFields, uint32 } from '../../../src/transport/sshFields';
import { trust } from '../lab/trust';
import { until } from '../lab/until';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { identities, signature, signRequest, softAgent } from './softAgent';
import { startAgent, type SshAgent } from './sshAgent';
import { attach, works } from './told';

const never = new AbortController().signal;

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function realAgent(name: string, env?: NodeJS.ProcessEnv): Promise<SshAgent> {
  const agent = await startAgent(sshd.file(name), env);
  ended.push(() => agent.stop());
  return agent;
}

/** Options with this agent and no key file. `lines` go first. */
function withAgent(socket: string, lines: readonly string[] = ['IdentitiesOnly no']): SshOptions {
  const options = optionsFor(sshd, [...lines, `IdentityAgent ${socket}`]);
  const text = readFileSync(options.configFile ?? '', 'utf8');
  writeFileSync(
    options.configFile ?? '',
    text.replace(`  IdentityFile ${sshd.userKey}\n`, `  IdentityFile ${sshd.file('none')}\n`),
  );
  return options;
}

function publicKeyOf(file: string): Buffer {
  return Buffer.from(readFileSync(file, 'utf8').split(' ')[1] ?? '', 'base64');
}

describe('an agent with 7 keys, the last one of them right', () => {
  let agent: SshAgent;
  beforeAll(async () => {
    agent = await startAgent(sshd.file('seven'));
    for (let i = 0; i < 6; i++) {
      makeKey(sshd.file(`stranger-${i}`));
      agent.add(sshd.file(`stranger-${i}`));
    }
    makeKey(sshd.file('seventh'));
    sshd.authorize(sshd.file('seventh.pub'));
    agent.add(sshd.file('seventh'));
    rmSync(sshd.file('seventh')); // only the agent has the private key
  });
  afterAll(() => agent.stop());

  it('MaxAuthTries ends it, and the advice names IdentitiesOnly', async () => {
    const error = await failure(attach(withAgent(agent.socket)));
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain('Too many authentication failures');
    expect(error.advice).toContain('IdentitiesOnly yes');
  });

  it('IdentitiesOnly with an IdentityFile that is a .pub works', async () => {
    const lines = ['IdentitiesOnly yes', `IdentityFile ${sshd.file('seventh.pub')}`];
    await works(attach(withAgent(agent.socket, lines)));
  });

  it('IdentityFile without IdentitiesOnly is offered first', async () => {
    const lines = ['IdentitiesOnly no', `IdentityFile ${sshd.file('seventh')}`]; // with its .pub beside
    await works(attach(withAgent(agent.socket, lines)));
  });

  it('IdentitiesOnly without a fitting file: none of them is offered', async () => {
    const error = await failure(attach(withAgent(agent.socket, ['IdentitiesOnly yes'])));
    expect(error.message).toContain('there was nothing to try');
  });

  it('offers the keys in the order of ssh itself', async () => {
    const file = sshd.file('own-file');
    makeKey(file, { type: 'ecdsa' });
    for (const only of ['no', 'yes']) {
      const lines = [`IdentitiesOnly ${only}`, `IdentityFile ${file}`];
      for (const i of [4, 1]) lines.push(`IdentityFile ${sshd.file(`stranger-${i}`)}`);
      const options = withAgent(agent.socket, lines);
      const offered: string[] = [];
      await attach(options, scripted(), never, undefined, (step) => {
        if (step.kind === 'trying' && step.login.key) offered.push(step.login.key.fingerprint);
      }).catch(() => undefined);
      expect(offered.length).toBeGreaterThan(2);
      expect(offered).toEqual(offeredBySsh(options).slice(0, offered.length));
    }
  });
});

/** The fingerprints of the keys that the ssh program would offer, in its order. */
function offeredBySsh({ configFile = '' }: SshOptions): string[] {
  const args = ['-v', '-F', configFile, '-o', 'BatchMode=yes', 'target', 'true'];
  let said = '';
  try {
    execFileSync('ssh', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    said = (error as { stderr: string }).stderr;
  }
  return [...said.matchAll(/Will attempt key: .* (SHA256:\S+)/g)].map(([, print = '']) => print);
}

describe('signatures of a real ssh-agent', () => {
  it.each([['ed25519'], ['rsa'], ['ecdsa']])('%s', async (type) => {
    const agent = await realAgent(`real-${type}`);
    const file = sshd.file(`held-${type}`);
    makeKey(file, { type });
    sshd.authorize(`${file}.pub`);
    agent.add(file);
    rmSync(file);
    await works(attach(withAgent(agent.socket)));
  });

  it('a key that asks to be confirmed (ssh-add -c): no time-out while the person thinks, and it is told', async () => {
    const [asked, answer] = [sshd.file('asked'), sshd.file('answered')];
    const askpass = sshd.file('askpass');
    const script = `#!/bin/sh\n: > '${asked}'\nwhile [ ! -e '${answer}' ]; do sleep 0.05; done\n[ -s '${answer}' ]\n`;
    writeFileSync(askpass, script, { mode: 0o755 });
    const agent = await realAgent('asking', {
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: ':none',
    });
    agent.add('-c', sshd.userKey);
    const log: string[] = [];
    const waiting = (): boolean => log.some((line) => line.includes('waiting for the agent to sign'));
    const options = {
      ...withAgent(agent.socket),
      timeouts: { authenticationMs: 900 }, // shorter than the second after which the wait is told
      log: (line: string) => log.push(line),
    };
    const connection = works(attach(options));
    await until(() => existsSync(asked) && waiting());
    writeFileSync(answer, 'yes');
    await connection;

    // The person says no: the key is told, and nothing is tried for ever.
    writeFileSync(answer, '');
    const error = await failure(attach(options));
    expect(error.message).toMatch(/could not use .*\(the agent refused to sign\)/);
  });

  it('cancelling while the agent waits for its person leaves no connection to it', async () => {
    await using agent = await softAgent(sshd.file('patient'), (request) =>
      request === 11 ? identities([publicKeyOf(`${sshd.userKey}.pub`), 'patient']) : undefined,
    );
    const cancel = new AbortController();
    const attempt = failure(attach(withAgent(agent.socket), scripted(), cancel.signal));
    await until(() => agent.signed() === 1);
    cancel.abort();
    expect(await attempt).toMatchObject({ remedy: 'cancelled' });
    await until(() => agent.open.size === 0);
    await until(() => sshd.sessionPids().length === 0);
  });
});

describe('keys that ssh2 does not know, held by an agent', () => {
  it('a FIDO key (sk-ssh-ed25519), its device played by an agent of our own: a real sshd takes it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const type = 'sk-ssh-ed25519@openssh.com';
    const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const blob = stringFields(type, point, 'ssh:');
    appendFileSync(sshd.file('authorized_keys'), `${type} ${blob.toString('base64')} fido\n`);
    const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
    await using agent = await softAgent(sshd.file('fido'), (request, message) => {
      if (request === 11) return identities([blob, 'my token']);
      // PROTOCOL.u2f of OpenSSH: flags (1: touched) and counter are signed too, and follow the signature.
      const touched = Buffer.concat([Buffer.of(1), uint32(7)]);
      const signed = Buffer.concat([sha256('ssh:'), touched, sha256(signRequest(message).data)]);
      return signature(Buffer.concat([stringFields(type, sign(null, signed, privateKey)), touched]));
    });
    await works(attach(withAgent(agent.socket)));
    expect(agent.signed()).toBe(1);
  });

  it('an RSA key of an agent that signs with SHA-1 only is told, not sent', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { e = '', n = '' } = privateKey.export({ format: 'jwk' });
    const number = (text: string): Buffer =>
      Buffer.concat([text.startsWith('AQ') ? Buffer.alloc(0) : Buffer.of(0), Buffer.from(text, 'base64url')]);
    const blob = stringFields('ssh-rsa', number(e), number(n));
    appendFileSync(sshd.file('authorized_keys'), `ssh-rsa ${blob.toString('base64')} old\n`);
    await using agent = await softAgent(sshd.file('old'), (request, message) =>
      request === 11
        ? identities([blob, 'old'])
        : signature(stringFields('ssh-rsa', sign('sha1', signRequest(message).data, privateKey))),
    );
    const error = await failure(attach(withAgent(agent.socket)));
    expect(error.message).toContain('it signs with ssh-rsa instead of rsa-sha2-512');
  });
});

describe('an agent, played by a server of our own, that does what none should', () => {
  const key = (): Buffer => publicKeyOf(`${sshd.userKey}.pub`);
  const many = (count: number): Buffer =>
    identities(...Array.from({ length: count }, () => [key(), ''] as const));

  it.each<[name: string, words: RegExp, answer: Parameters<typeof softAgent>[1]]>([
    ['answers nothing', /no answer within/, () => undefined],
    ['says 1 GB will come', /1073741824 bytes/, (_, __, socket) => void socket.write(uint32(2 ** 30))],
    ['sends 10,000 keys', /bytes long|10000 keys/, () => many(10_000)],
    ['claims 10,000 keys', /10000 keys/, () => Buffer.concat([Buffer.of(12), uint32(10_000)])],
    [
      'dies in the middle',
      /ended/,
      (_, __, socket) => void socket.end(Buffer.concat([uint32(100), Buffer.of(12, 0)])),
    ],
    ['dies at once', /ended/, (_, __, socket) => void socket.destroy()],
    ['sends a list that ends too early', /too early/, () => many(3).subarray(0, 100)],
    ['says no', /did not list/, () => Buffer.of(5)],
    ['sends an empty message', /too early/, () => Buffer.alloc(0)],
  ])('%s', async (name, words, answer) => {
    await using agent = await softAgent(sshd.file(name.replace(/\W/g, '')), answer);
    const client = new AgentClient(agent.socket, name === 'answers nothing' ? 200 : 30_000);
    await expect(client.keys(never)).rejects.toThrow(words);
    await until(() => agent.open.size === 0);
  });

  it('one whose address keeps us waiting, as a folder of pipes may: no answer in time, and what opens late is closed', async () => {
    const late = new Duplex({ read: () => undefined });
    let open: (stream: Duplex) => void = () => undefined;
    const opening = new Promise<Duplex>((resolve) => (open = resolve));
    const client = new AgentClient('anywhere', 100, () => opening);
    await expect(client.keys(never)).rejects.toThrow(/no answer within/);
    open(late);
    await until(() => late.destroyed);
  });

  it('one that is not there, one that answers nonsense: told, and key files go on', async () => {
    await using agent = await softAgent(sshd.file('nonsense'), () => Buffer.from('nonsense'));
    for (const [socket, why] of [
      [agent.socket, 'did not list its keys'],
      [sshd.file('nobody'), 'ENOENT'],
    ] as const) {
      await works(attach(optionsFor(sshd, [`IdentityAgent ${socket}`])));
      const error = await failure(attach(withAgent(socket)));
      expect(error.message).toContain('the SSH agent (');
      expect(error.message).toContain(why);
    }
  });

  it('a server that closes while the agent is silent: nobody was asked anything, it is tried again', async () => {
    const hasty = await startSshd({ config: ['LoginGraceTime 1'] });
    try {
      trust(hasty);
      await using agent = await softAgent(sshd.file('silent'), () => undefined);
      const error = await failure(attach(optionsFor(hasty, [`IdentityAgent ${agent.socket}`])));
      expect(error).toMatchObject({ phase: 'authentication', remedy: 'retry' });
      await until(() => agent.open.size === 0);
    } finally {
      await hasty.stop();
    }
  });

  it('one whose signatures are wrong, refused or cut off: the next key is tried', async () => {
    const stranger = sshd.file('other-key');
    makeKey(stranger);
    const wrong = stringFields('ssh-ed25519', Buffer.alloc(64));
    for (const reply of [signature(wrong), Buffer.of(5), signature(Buffer.from('??')), Buffer.of(14, 0)]) {
      await using agent = await softAgent(sshd.file('liar'), (request) =>
        request === 11 ? identities([publicKeyOf(`${sshd.userKey}.pub`), 'liar']) : reply,
      );
      const prompts = scripted();
      const error = await failure(attach(withAgent(agent.socket), prompts));
      expect(error.message).toContain('agent: liar');
      expect(agent.signed()).toBe(1);
    }
  });

  it('names and comments with escapes and 100 KB are cut and cleaned', async () => {
    const comment = `\u001b]0;owned\u0007${'x'.repeat(100_000)}`;
    makeKey(sshd.file('long-name'));
    await using agent = await softAgent(sshd.file('long'), () =>
      identities([publicKeyOf(sshd.file('long-name.pub')), comment]),
    );
    const { message } = await failure(attach(withAgent(agent.socket)));
    expect(message.length).toBeLessThan(1000);
    expect(message).not.toContain('\u001b');
  });
});

describe('agents of Windows, which cannot be run here: their pipes are sockets in a folder of ours', () => {
  /** What a real ssh-agent on this socket says to be asked as if this were Windows. */
  async function keysVia(pipes: string, address: string): Promise<number> {
    const client = new AgentClient(address, 5000, (name) => openAgent(name, 'win32', pipes));
    return (await client.keys(never)).length;
  }

  it.each([
    ['the named pipe of the ssh-agent service', 'openssh-ssh-agent', '\\\\.\\pipe\\openssh-ssh-agent'],
    ['Pageant, named in IdentityAgent', 'pageant.somebody.0123abcd', 'pageant'],
    ['Pageant, where there is no other agent', 'pageant.somebody.0123abcd', '\\\\.\\pipe\\openssh-ssh-agent'],
  ])('%s', async (name, pipe, address) => {
    const pipes = `${sshd.file(name.replace(/\W/g, ''))}/`;
    mkdirSync(pipes);
    const agent = await startAgent(`${pipes}${pipe}`);
    ended.push(() => agent.stop());
    agent.add(sshd.userKey);
    expect(await keysVia(pipes, address)).toBe(1);
  });

  it('Pageant does not run', async () => {
    const pipes = `${sshd.file('no-pipes')}/`;
    mkdirSync(pipes);
    await expect(keysVia(pipes, 'pageant')).rejects.toThrow('Pageant does not run');
  });
});
