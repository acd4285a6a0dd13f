import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectStep } from '../../../src/core/connection/connectStep';
import { sshTransport, type SshOptions } from '../../../src/transport/ssh';
import { trust } from '../lab/trust';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { attach, expectNoSecretTold, secret, works } from './told';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());
afterAll(expectNoSecretTold);

/** Makes a file that nobody expects under a name of the configuration. */
const made = {
  'a named pipe': (file: string) => execFileSync('mkfifo', [file]),
  'a folder': (file: string) => execFileSync('mkdir', [file]),
  '1 GB of nothing': (file: string) => {
    writeFileSync(file, '', { mode: 0o600 });
    truncateSync(file, 2 ** 30);
  },
  'an empty file': (file: string) => writeFileSync(file, '', { mode: 0o600 }),
} as const;
type Odd = keyof typeof made;

let count = 0;
function odd(kind: Odd): string {
  const file = sshd.file(`odd-${count++}`);
  made[kind](file);
  return file;
}

/** Options in which these lines stand instead of what the server's own configuration says of the same keywords. */
function instead(lines: readonly string[]): SshOptions {
  const options = optionsFor(sshd, lines);
  const keywords = lines.map((line) => line.split(' ')[0]);
  const text = readFileSync(options.configFile ?? '', 'utf8');
  const kept = text
    .split('\n')
    .filter((line) => lines.includes(line.trim()) || !keywords.includes(line.trim().split(' ')[0]));
  writeFileSync(options.configFile ?? '', kept.join('\n'));
  return options;
}

describe('trusts no host where a file that could name or revoke its key is', () => {
  it.each<[string, Odd]>([
    ['UserKnownHostsFile', 'a named pipe'],
    ['UserKnownHostsFile', 'a folder'],
    ['UserKnownHostsFile', '1 GB of nothing'],
    ['RevokedHostKeys', 'a named pipe'],
    ['RevokedHostKeys', 'a folder'],
    ['RevokedHostKeys', '1 GB of nothing'],
  ])(
    '%s, %s',
    async (keyword, kind) => {
      const file = odd(kind);
      const error = await failure(attach(instead([`${keyword} ${file}`])));
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
      expect(error.message).toContain(file);
      expect(error.message).toContain('no host key can be trusted');
    },
    10_000,
  );
});

it('an empty known_hosts is one that knows nobody', async () => {
  const file = odd('an empty file');
  const prompts = scripted({ unknownHostKey: () => Promise.resolve('save') });
  await works(attach(instead([`UserKnownHostsFile ${file}`]), prompts));
  expect(prompts.asked).toHaveLength(1);
  expect(readFileSync(file, 'utf8')).toBe(sshd.knownHostsLine());
});

it('a known_hosts in a folder that is not there is made for its owner only', async () => {
  const folder = sshd.file('.ssh');
  const options = instead([`UserKnownHostsFile ${folder}/known_hosts`]);
  await works(attach(options, scripted({ unknownHostKey: () => Promise.resolve('save') })));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(`${folder}/known_hosts`).mode & 0o777).toBe(0o600);
});

it('a known_hosts that cannot be made is told, and the key counts as long as the transport lives', async () => {
  const file = '/proc/nowhere/known_hosts';
  const log: string[] = [];
  const options = instead([`UserKnownHostsFile ${file}`]);
  const prompts = scripted({ unknownHostKey: () => Promise.resolve('save') });
  const transport = sshTransport({ ...options, log: (line) => log.push(line) });
  const steps: ConnectStep[] = [];
  for (let i = 0; i < 2; i++)
    await works(attach(options, prompts, undefined, transport, (step) => steps.push(step)));
  expect(prompts.asked).toHaveLength(1);
  expect(log.filter((line) => line.includes(`could not be saved in ${file}`))).toHaveLength(1);
  const why = expect.stringContaining('ENOENT') as string;
  expect(steps.filter(({ kind }) => kind === 'host-key-not-saved')).toEqual([
    { kind: 'host-key-not-saved', file, why },
  ]);
}, 10_000);

it.each(Object.keys(made) as Odd[])('an IdentityFile that is %s is passed over', async (kind) => {
  const file = odd(kind);
  await works(attach(optionsFor(sshd, [`IdentityFile ${file}`]))); // the right key comes after it
  const error = await failure(attach(instead([`IdentityFile ${file}`])));
  expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
  expect(error.message).toContain(`${file} (it is `);
});

it('IdentityFile none and IdentityAgent none leave no key to try', async () => {
  const error = await failure(attach(instead(['IdentityFile none', 'IdentityAgent none'])));
  expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
  expect(error.message).toContain('there was nothing to try; the server accepts publickey');
});

it.each([
  ['OpenSSH', []],
  ['PEM', ['-m', 'PEM']],
  ['PKCS8', ['-m', 'PKCS8']],
])('a passphrase beyond ASCII opens a key that ssh-keygen has locked, %s', async (name, format) => {
  const passphrase = secret('pässwörd-пароль-密码');
  const file = sshd.file(`beyond-ascii-${name}`);
  makeKey(file, { type: 'ecdsa' });
  sshd.authorize(`${file}.pub`);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, ...format, '-f', file]);
  const prompts = scripted({ secret: () => Promise.resolve(passphrase) });
  await works(attach(instead([`IdentityFile ${file}`]), prompts));
  expect(prompts.asked).toHaveLength(1);
});

it('a key that stays locked is told once', async () => {
  const file = sshd.file('stays-locked');
  makeKey(file, { passphrase: secret('never-typed') });
  sshd.authorize(`${file}.pub`);
  const prompts = scripted({ secret: () => Promise.resolve('') });
  const error = await failure(attach(instead([`IdentityFile ${file}`]), prompts));
  const could = /could not use (.*); the server/.exec(error.message)?.[1];
  expect(could).toBe(`${file} (no right passphrase)`);
});

it('a host whose ProxyJump is itself ends with a word on that', async () => {
  const configFile = sshd.file('loop_config');
  writeFileSync(configFile, `${sshd.sshConfig('target')}\nHost *\n  ProxyJump target\n`);
  const error = await failure(attach({ target: 'target', configFile }));
  expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
  expect(error.message).toContain('ProxyJump of target');
  rmSync(configFile);
  expect(existsSync(configFile)).toBe(false);
});

it('an attempt that is cancelled while the known hosts are read opens no connection', async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  const error = await failure(
    attach(optionsFor(sshd), scripted(), abort.signal, undefined, ({ kind }) => {
      seen.push(kind);
      if (kind === 'hop') abort.abort();
    }),
  );
  expect(error.remedy).toBe('cancelled');
  expect(seen).toEqual(['configured', 'hop']);
});
