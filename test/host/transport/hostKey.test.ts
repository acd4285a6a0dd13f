import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sshTransport } from '../../../src/transport/ssh';
import { startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor, run, scripted } from './attaching';
import { trust } from '../lab/trust';

let sshd: Sshd;
beforeEach(async () => {
  // DEBUG1 writes down every request to log in, so that "nothing was sent" can be seen.
  sshd = await startSshd({ config: ['LogLevel DEBUG1'] });
});
afterEach(() => sshd.stop());

const logins = (): number => sshd.log().match(/userauth-request for user/g)?.length ?? 0;

describe('unknown host key', () => {
  it('is asked about once, saved, and silent the second time', async () => {
    const options = optionsFor(sshd);
    const prompts = scripted({ unknownHostKey: () => Promise.resolve('save') });
    const first = await connect(options, prompts);
    first.close();
    expect(logins()).toBeGreaterThan(0); // the words that the tests below miss in the log
    expect(sshd.log()).toContain('SSH2_MSG_NEWKEYS received');
    const address = `[127.0.0.1]:${sshd.port}`;
    expect(prompts.asked).toEqual([`unknownHostKey target ${address} ssh-ed25519 ${sshd.fingerprint()}`]);
    expect(readFileSync(sshd.file('known_hosts'), 'utf8')).toBe(sshd.knownHostsLine());
    expect(statSync(sshd.file('known_hosts')).mode & 0o777).toBe(0o600);

    const second = await connect(options, scripted());
    expect((await run(second, 'echo $((6 * 7))')).out).toBe('42\n');
    second.close();
  });

  it('is saved with a hashed name where HashKnownHosts says so', async () => {
    const options = optionsFor(sshd, ['HashKnownHosts yes']);
    (await connect(options, scripted({ unknownHostKey: () => Promise.resolve('save') }))).close();
    expect(readFileSync(sshd.file('known_hosts'), 'utf8')).toMatch(/^\|1\|\S+\|\S+ ssh-ed25519 /);
    (await connect(options)).close();
  });

  it('trusted once is not saved, and the same transport does not ask again', async () => {
    const transport = sshTransport(optionsFor(sshd));
    const prompts = scripted({ unknownHostKey: () => Promise.resolve('once') });
    const { signal } = new AbortController();
    (await transport.connect(prompts, signal)).close();
    (await transport.connect(prompts, signal)).close();
    expect(prompts.asked).toHaveLength(1);
    expect(existsSync(sshd.file('known_hosts'))).toBe(false);

    sshd.changeHostKeys();
    await sshd.restart();
    expect(await failure(transport.connect(prompts, signal))).toMatchObject({
      phase: 'host-key',
      remedy: 'user',
    });
  });

  it.each(['ask', 'accept-new'])(
    'with UserKnownHostsFile /dev/null it is remembered as long as the transport lives (%s)',
    async (strict) => {
      const known = ['UserKnownHostsFile /dev/null', `StrictHostKeyChecking ${strict}`];
      const transport = sshTransport(optionsFor(sshd, known));
      const prompts = scripted({ unknownHostKey: () => Promise.resolve('save') });
      const { signal } = new AbortController();
      for (let i = 0; i < 2; i++) (await transport.connect(prompts, signal)).close();
      expect(prompts.asked).toHaveLength(strict === 'ask' ? 1 : 0);

      sshd.changeHostKeys();
      await sshd.restart();
      expect(await failure(transport.connect(prompts, signal))).toMatchObject({ phase: 'host-key' });
    },
  );

  it('refused by the person cancels and sends no login', async () => {
    const before = logins();
    const error = await failure(
      connect(optionsFor(sshd), scripted({ unknownHostKey: () => Promise.resolve(undefined) })),
    );
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'cancelled' });
    expect(existsSync(sshd.file('known_hosts'))).toBe(false);
    expect(logins()).toBe(before);
  });

  it('each verifier return shape but "save" and "once" is a refusal, and no login is sent', async () => {
    const before = logins();
    for (const shape of [undefined, null, false, 0, '', true, 1, 'yes', {}, () => 'once']) {
      const unknownHostKey = (): Promise<'once'> => Promise.resolve(shape as 'once');
      const error = await failure(connect(optionsFor(sshd), scripted({ unknownHostKey })));
      expect(error, JSON.stringify(shape)).toMatchObject({ phase: 'host-key', remedy: 'cancelled' });
    }
    const throwing = (): Promise<'once'> => Promise.reject(new Error('nobody is here'));
    expect(await failure(connect(optionsFor(sshd), scripted({ unknownHostKey: throwing })))).toBeInstanceOf(
      Error,
    );
    expect(existsSync(sshd.file('known_hosts'))).toBe(false);
    expect(logins()).toBe(before);
  });

  it.each([
    ['yes', undefined],
    ['no', ''],
    ['accept-new', 'saved'],
  ])('with StrictHostKeyChecking %s', async (strict, outcome) => {
    const attempt = connect(optionsFor(sshd, [`StrictHostKeyChecking ${strict}`]));
    if (outcome === undefined) {
      const error = await failure(attempt);
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
      expect(error.message).toContain(sshd.fingerprint());
    } else {
      (await attempt).close();
    }
    expect(existsSync(sshd.file('known_hosts'))).toBe(outcome === 'saved');
  });
});

describe('a name of its own in known_hosts', () => {
  const keyLine = (name: string, server = sshd): string =>
    server.knownHostsLine().replace(`[127.0.0.1]:${server.port}`, name);

  it('HostKeyAlias is looked up without a port, saved so, and named where the key changed', async () => {
    const options = optionsFor(sshd, ['HostKeyAlias the-alias']);
    (await connect(options, scripted({ unknownHostKey: () => Promise.resolve('save') }))).close();
    expect(readFileSync(sshd.file('known_hosts'), 'utf8')).toBe(keyLine('the-alias'));
    (await connect(options)).close();
    sshd.changeHostKeys();
    await sshd.restart();
    const { fix } = await failure(connect(options));
    expect(fix).toMatchObject({ text: `ssh-keygen -f "${sshd.file('known_hosts')}" -R "the-alias"` });
  });

  it('[host]:port is known where only the plain name is, with the same key', async () => {
    writeFileSync(sshd.file('known_hosts'), keyLine('127.0.0.1'));
    (await connect(optionsFor(sshd))).close();
  });

  it('CA-only: a plain key is asked about, and refused where StrictHostKeyChecking is on', async () => {
    writeFileSync(sshd.file('known_hosts'), `@cert-authority ${keyLine('*')}`);
    const prompts = scripted({ unknownHostKey: () => Promise.resolve('once') });
    (await connect(optionsFor(sshd), prompts)).close();
    expect(prompts.asked).toHaveLength(1);
    const error = await failure(connect(optionsFor(sshd, ['StrictHostKeyChecking yes'])));
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'user', fix: { kind: 'use-openssh' } });
    expect(error.message).toContain('host certificate');
  });

  it('VerifyHostKeyDNS, UpdateHostKeys and CheckHostIP make nothing known and change no file', async () => {
    const lines = ['VerifyHostKeyDNS yes', 'UpdateHostKeys yes', 'CheckHostIP yes'];
    const prompts = scripted({ unknownHostKey: () => Promise.resolve('once') });
    const connection = await connect(optionsFor(sshd, lines), prompts);
    await run(connection, 'true');
    connection.close();
    expect(prompts.asked).toHaveLength(1);
    expect(existsSync(sshd.file('known_hosts'))).toBe(false);
  });
});

describe('a key that speaks against the host', () => {
  it.each(['ask', 'no', 'accept-new'])(
    'changed: both fingerprints, nothing sent (StrictHostKeyChecking %s)',
    async (strict) => {
      trust(sshd);
      const known = sshd.fingerprint();
      sshd.changeHostKeys();
      await sshd.restart();
      const before = readFileSync(sshd.file('known_hosts'), 'utf8');

      const error = await failure(connect(optionsFor(sshd, [`StrictHostKeyChecking ${strict}`])));
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
      expect(error.message).toContain(known);
      expect(error.message).toContain(sshd.fingerprint());
      expect(error.message).toContain(`${sshd.file('known_hosts')}:1`);
      expect(error.advice).toContain(
        `ssh-keygen -f "${sshd.file('known_hosts')}" -R "[127.0.0.1]:${sshd.port}"`,
      );
      expect(logins()).toBe(0);
      expect(sshd.log()).not.toContain('SSH2_MSG_NEWKEYS received');
      expect(readFileSync(sshd.file('known_hosts'), 'utf8')).toBe(before);
    },
  );

  it('revoked: refused even though it is known as well', async () => {
    writeFileSync(sshd.file('known_hosts'), `${sshd.knownHostsLine()}@revoked ${sshd.knownHostsLine()}`);
    const error = await failure(connect(optionsFor(sshd)));
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
    expect(error.message).toContain('revoked');
    expect(error.message).toContain(`${sshd.file('known_hosts')}:2`);
    expect(error.fix).toEqual({ kind: 'open-file', path: sshd.file('known_hosts'), line: 2 });
    expect(logins()).toBe(0);
  });

  it('changed in several files: what removes it is quoted and names each file', async () => {
    const odd = sshd.file("it's a $file");
    for (const file of [sshd.file('known_hosts'), odd]) writeFileSync(file, sshd.knownHostsLine());
    sshd.changeHostKeys();
    await sshd.restart();
    const files = [`UserKnownHostsFile ${sshd.file('known_hosts')} "${odd}"`];
    const { fix } = await failure(connect(optionsFor(sshd, files)));
    if (fix?.kind !== 'copy') throw new Error('nothing to copy');
    // The line does in a shell what it says: then the host is unknown, no more changed.
    execFileSync('/bin/sh', ['-c', fix.text], { stdio: 'ignore' });
    const prompts = scripted({ unknownHostKey: () => Promise.resolve('once') });
    (await connect(optionsFor(sshd, files), prompts)).close();
    expect(prompts.asked).toHaveLength(1);
  });

  it('a known_hosts file that cannot be read fails closed', async () => {
    const options = optionsFor(sshd, [`UserKnownHostsFile ${sshd.folder}`]); // a folder: EISDIR also for root
    const error = await failure(
      connect(options, scripted({ unknownHostKey: () => Promise.resolve('once') })),
    );
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
    expect(logins()).toBe(0);
  });
});

it('asks for the host key type that is known, so that an RSA-only entry is no false alarm', async () => {
  const three = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
  try {
    writeFileSync(three.file('known_hosts'), three.knownHostsLine(['rsa']));
    (await connect(optionsFor(three))).close();
  } finally {
    await three.stop();
  }
});
