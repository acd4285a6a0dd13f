import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPrivateKey } from '../../../src/transport/privateKey';
import { sshTransport, type SshOptions } from '../../../src/transport/ssh';
import { start, type Running } from '../../../scripts/processes.mjs';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor, run, scripted, trust, until } from './attaching';

const isRoot = process.getuid?.() === 0;
let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());

/** Options that know one key file only. */
function withKey(file: string, extra: readonly string[] = []): SshOptions {
  return optionsFor(sshd, [...extra, `IdentityFile ${file}`]);
}

/** Takes the key that the server made for us out of the configuration. */
function withoutServersKey({ configFile = '' }: SshOptions): void {
  const text = readFileSync(configFile, 'utf8');
  writeFileSync(configFile, text.replace(`  IdentityFile ${sshd.userKey}\n`, ''));
}

function authorizedKey(name: string, options: Parameters<typeof makeKey>[1]): string {
  const file = sshd.file(name);
  makeKey(file, options);
  sshd.authorize(`${file}.pub`);
  return file;
}

/** An agent on a socket, when it can be asked. */
async function startAgent(socket: string): Promise<Running> {
  const agent = start('ssh-agent', ['-D', '-a', socket], { output: 'pipe' });
  agent.output?.resume();
  await until(() => existsSync(socket));
  return agent;
}

async function works(options: SshOptions, prompts = scripted()): Promise<void> {
  const connection = await connect(options, prompts);
  expect((await run(connection, 'echo ok')).out).toBe('ok\n');
  connection.close();
}

describe('key files', () => {
  const kinds: [type: string, pem: 'PEM' | 'PKCS8' | undefined][] = [
    ['ed25519', undefined], // ssh-keygen writes it in no other format
    ['rsa', undefined],
    ['rsa', 'PEM'],
    ['rsa', 'PKCS8'],
    ['ecdsa', undefined],
    ['ecdsa', 'PEM'],
    ['ecdsa', 'PKCS8'],
  ];

  it.each(kinds)('%s in format %s, plain and with the right passphrase', async (type, pem) => {
    const plain = authorizedKey(`plain-${type}-${pem ?? ''}`, { type, ...(pem && { pem }) });
    await works(withKey(plain));

    const locked = authorizedKey(`locked-${type}-${pem ?? ''}`, {
      type,
      passphrase: 'open sesame',
      ...(pem && { pem }),
    });
    rmSync(`${locked}.pub`);
    const prompts = scripted({
      secret: ({ attempt }) => Promise.resolve(attempt === 1 ? 'wrong' : 'open sesame'),
    });
    await works(withKey(locked), prompts);
    expect(prompts.asked).toEqual([`passphrase ${locked} 1`, `passphrase ${locked} 2`]);
  });

  it('ed25519 as PKCS#8, which ssh-keygen does not write', async () => {
    const file = sshd.file('pkcs8-ed25519');
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const reading = readPrivateKey(readFileSync(file, 'utf8'));
    if (reading.kind !== 'key') throw new Error(reading.kind);
    appendFileSync(sshd.file('authorized_keys'), `ssh-ed25519 ${reading.key.publicKey.toString('base64')}\n`);
    await works(withKey(file));
  });

  it('asks for no passphrase of a key that the server does not want', async () => {
    const strange = sshd.file('strange');
    makeKey(strange, { passphrase: 'secret' });
    const prompts = scripted();
    await works(withKey(strange), prompts); // the server's own key comes second in the configuration
    expect(prompts.asked).toEqual([]);
  });

  it('gives up after three wrong passphrases and says which key, never the passphrase', async () => {
    const locked = authorizedKey('locked-thrice', { passphrase: 'right' });
    const prompts = scripted({ secret: () => Promise.resolve('wrong-secret-word') });
    const lonely = withKey(locked);
    withoutServersKey(lonely);
    const error = await failure(connect(lonely, prompts));
    expect(prompts.asked).toHaveLength(3);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain(locked);
    expect(`${error.message} ${error.advice} ${error.stack ?? ''}`).not.toContain('wrong-secret-word');
  });

  it('is cancelled by the person', async () => {
    const locked = authorizedKey('locked-cancel', { passphrase: 'right' });
    const error = await failure(
      connect(withKey(locked), scripted({ secret: () => Promise.resolve(undefined) })),
    );
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'cancelled' });
  });

  it('a transport that connects again asks for no passphrase again', async () => {
    const locked = authorizedKey('locked-again', { passphrase: 'right' });
    const transport = sshTransport(withKey(locked));
    const prompts = scripted({ secret: () => Promise.resolve('right') });
    for (let i = 0; i < 2; i++) (await transport.connect(prompts, new AbortController().signal)).close();
    expect(prompts.asked).toHaveLength(1);
  });

  it('a key that cannot be read is skipped and told', async () => {
    const broken = sshd.file('broken');
    writeFileSync(broken, 'not a key');
    const options = withKey(broken, [`IdentityFile ${sshd.file('absent')}`]);
    withoutServersKey(options);
    const error = await failure(connect(options));
    expect(error.message).toContain(`${sshd.file('absent')} (ENOENT)`);
    expect(error.message).toContain(`${broken} (`);
    expect(error.message).toContain('the server accepts publickey');
  });
});

describe('agent', () => {
  let agent: Running | undefined;
  let socket: string;
  beforeAll(async () => {
    socket = sshd.file('agent');
    agent = await startAgent(socket);
    // Six keys that do not fit, then the right one: more than the server's MaxAuthTries.
    for (let i = 0; i < 6; i++) {
      makeKey(sshd.file(`agent-${i}`));
      execFileSync('ssh-add', ['-q', sshd.file(`agent-${i}`)], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      });
    }
    for (const type of ['ed25519', 'rsa', 'ecdsa']) {
      const file = authorizedKey(`in-agent-${type}`, { type });
      execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      rmSync(file); // only the agent has the private key
    }
  });
  afterAll(() => agent?.stop());

  it.each(['ed25519', 'rsa', 'ecdsa'])(
    'signs with the %s key that IdentityFile names, and offers no other',
    async (type) => {
      await works(withKey(sshd.file(`in-agent-${type}`), [`IdentityAgent ${socket}`]));
    },
  );

  it('a .pub file names a key of the agent too', async () => {
    await works(withKey(sshd.file('in-agent-ed25519.pub'), [`IdentityAgent ${socket}`]));
  });

  it('too many keys: the server ends it, and the advice names IdentitiesOnly', async () => {
    const error = await failure(
      connect(withKey(sshd.file('agent-0'), [`IdentityAgent ${socket}`, 'IdentitiesOnly no'])),
    );
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.advice).toContain('IdentitiesOnly yes');
  });

  it('an agent that is not there is told and does not stop key files', async () => {
    await works(optionsFor(sshd, [`IdentityAgent ${sshd.file('nobody')}`]));
  });
});

describe.runIf(isRoot)('passwords', () => {
  const user = `rmd-test-${process.pid % 100000}`;
  const password = randomBytes(18).toString('base64url'); // the account is real for as long as this runs
  let server: Sshd;
  let started: Sshd | undefined;

  beforeAll(async () => {
    execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', user]);
    execFileSync('chpasswd', { input: `${user}:${password}\n` });
    server = await startSshd({
      user,
      config: ['UsePAM yes', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'],
    });
    started = server;
    trust(server);
  });
  afterAll(async () => {
    try {
      await started?.stop();
    } finally {
      execFileSync('userdel', ['--force', user], { stdio: 'ignore' });
    }
  });

  const only = (...methods: string[]): readonly string[] => [
    'PubkeyAuthentication no',
    ...['PasswordAuthentication', 'KbdInteractiveAuthentication'].map(
      (m) => `${m} ${methods.includes(m) ? 'yes' : 'no'}`,
    ),
  ];

  it('a wrong password is asked for again; the right one is kept for the next connection of the transport', async () => {
    const transport = sshTransport(optionsFor(server, only('PasswordAuthentication')));
    const prompts = scripted({
      secret: ({ attempt }) => Promise.resolve(attempt === 1 ? 'nonsense' : password),
    });
    for (let i = 0; i < 2; i++) {
      const connection = await transport.connect(prompts, new AbortController().signal);
      expect((await run(connection, 'id -un')).out).toBe(`${user}\n`);
      connection.close();
    }
    expect(prompts.asked).toEqual([`password ${user}@target 1`, `password ${user}@target 2`]);
  });

  it('keyboard-interactive asks what the server asks, each time anew', async () => {
    const transport = sshTransport(optionsFor(server, only('KbdInteractiveAuthentication')));
    const prompts = scripted({ answers: () => Promise.resolve([password]) });
    for (let i = 0; i < 2; i++) (await transport.connect(prompts, new AbortController().signal)).close();
    expect(prompts.asked).toEqual(['answers Password:', 'answers Password:']);
  });

  it('cancelled', async () => {
    for (const [method, answers] of [
      ['PasswordAuthentication', { secret: () => Promise.resolve(undefined) }],
      ['KbdInteractiveAuthentication', { answers: () => Promise.resolve(undefined) }],
    ] as const) {
      const error = await failure(connect(optionsFor(server, only(method)), scripted(answers)));
      expect(error).toMatchObject({ phase: 'authentication', remedy: 'cancelled' });
    }
  });

  it('PreferredAuthentications gives the order and leaves out the rest', async () => {
    const both = only('PasswordAuthentication', 'KbdInteractiveAuthentication');
    for (const [preferred, asked] of [
      ['password,keyboard-interactive', `password ${user}@target 1`],
      ['keyboard-interactive', 'answers Password:'],
    ] as const) {
      const prompts = scripted({
        secret: () => Promise.resolve(password),
        answers: () => Promise.resolve([password]),
      });
      const options = optionsFor(server, [...both, `PreferredAuthentications ${preferred}`]);
      (await connect(options, prompts)).close();
      expect(prompts.asked).toEqual([asked]);
    }
  });

  it('three wrong ones end it, naming the methods, not the secret', { timeout: 30_000 }, async () => {
    const prompts = scripted({ secret: () => Promise.resolve('never-told') });
    const error = await failure(connect(optionsFor(server, only('PasswordAuthentication')), prompts));
    expect(prompts.asked).toHaveLength(3);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain('tried password');
    expect(error.message).not.toContain('never-told');
  });

  it('a key and then a code: the key of the file, then keyboard-interactive', async () => {
    const both = await startSshd({
      user,
      config: [
        'UsePAM yes',
        'KbdInteractiveAuthentication yes',
        'AuthenticationMethods publickey,keyboard-interactive',
      ],
    });
    try {
      trust(both);
      const prompts = scripted({ answers: () => Promise.resolve([password]) });
      const connection = await connect(optionsFor(both), prompts);
      expect((await run(connection, 'id -un')).out).toBe(`${user}\n`);
      connection.close();
      expect(prompts.asked).toEqual(['answers Password:']);

      // The same with the key in an agent, whose partial success ssh2 loses.
      const socket = both.file('agent');
      const agent = await startAgent(socket);
      try {
        execFileSync('ssh-add', ['-q', both.userKey], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
        rmSync(both.userKey);
        (await connect(optionsFor(both, [`IdentityAgent ${socket}`]), prompts)).close();
      } finally {
        await agent.stop();
      }
    } finally {
      await both.stop();
    }
  });
});

it('names who is logged in by default', async () => {
  const connection = await connect(optionsFor(sshd));
  expect((await run(connection, 'id -un')).out).toBe(`${userInfo().username}\n`);
  connection.close();
});
