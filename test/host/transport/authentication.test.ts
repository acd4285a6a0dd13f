import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SshOptions } from '../../../src/transport/ssh';
import { trust } from '../lab/trust';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, run, scripted } from './attaching';
import { makeAccount, type TestAccount } from './testAccount';
import { attach, expectNoSecretTold, secret, transportOf, works } from './told';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());
afterAll(expectNoSecretTold);

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

describe('key files', () => {
  it('asks for no passphrase of a key that the server does not want', async () => {
    const strange = sshd.file('strange');
    makeKey(strange, { passphrase: 'secret' });
    const prompts = scripted();
    await works(attach(withKey(strange), prompts)); // the server's own key comes second in the configuration
    expect(prompts.asked).toEqual([]);
  });

  it('gives up after three wrong passphrases and says which key, never the passphrase', async () => {
    const locked = authorizedKey('locked-thrice', { passphrase: 'right' });
    const prompts = scripted({ secret: () => Promise.resolve(secret('wrong-secret-word')) });
    const lonely = withKey(locked);
    withoutServersKey(lonely);
    const error = await failure(attach(lonely, prompts));
    expect(prompts.asked).toHaveLength(3);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain(locked);
    expect(`${error.message} ${error.advice} ${error.stack ?? ''}`).not.toContain('wrong-secret-word');
  });

  it('is cancelled by the person', async () => {
    const locked = authorizedKey('locked-cancel', { passphrase: 'right' });
    const error = await failure(
      attach(withKey(locked), scripted({ secret: () => Promise.resolve(undefined) })),
    );
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'cancelled' });
  });

  it('a transport that connects again asks for no passphrase again', async () => {
    const locked = authorizedKey('locked-again', { passphrase: 'right' });
    const transport = transportOf(withKey(locked));
    const prompts = scripted({ secret: () => Promise.resolve('right') });
    for (let i = 0; i < 2; i++) (await transport.connect(prompts)).close();
    expect(prompts.asked).toHaveLength(1);
  });

  it('a key that cannot be read is skipped and told', async () => {
    const broken = sshd.file('broken');
    writeFileSync(broken, 'not a key');
    const options = withKey(broken, [`IdentityFile ${sshd.file('absent')}`]);
    withoutServersKey(options);
    const error = await failure(attach(options));
    expect(error.message).toContain(`${sshd.file('absent')} (ENOENT)`);
    expect(error.message).toContain(`${broken} (`);
    expect(error.message).toContain('the server accepts publickey');
  });
});

/** sshd checks passwords of accounts by PAM, as root only. */
describe.runIf(process.getuid?.() === 0)('passwords', () => {
  let account: TestAccount;
  let server: Sshd;

  beforeAll(async () => {
    account = makeAccount();
    server = await startSshd({
      user: account.name,
      config: ['UsePAM yes', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'],
    });
    trust(server);
  });
  afterAll(() => account.remove());
  afterAll(() => server.stop()); // goes first

  const only = (...methods: string[]): readonly string[] => [
    'PubkeyAuthentication no',
    ...['PasswordAuthentication', 'KbdInteractiveAuthentication'].map(
      (m) => `${m} ${methods.includes(m) ? 'yes' : 'no'}`,
    ),
  ];

  it('a wrong password is asked for again; the right one is kept for the next connection of the transport', async () => {
    const transport = transportOf(optionsFor(server, only('PasswordAuthentication')));
    const prompts = scripted({
      secret: ({ attempt }) => Promise.resolve(attempt === 1 ? secret('nonsense-typed') : account.password),
    });
    for (let i = 0; i < 2; i++) {
      const connection = await transport.connect(prompts);
      expect((await run(connection, 'id -un')).out).toBe(`${account.name}\n`);
      connection.close();
    }
    expect(prompts.asked).toEqual([`password ${account.name}@target 1`, `password ${account.name}@target 2`]);
  });

  it('keyboard-interactive asks what the server asks, each time anew', async () => {
    const transport = transportOf(optionsFor(server, only('KbdInteractiveAuthentication')));
    const prompts = scripted({ answers: () => Promise.resolve([account.password]) });
    for (let i = 0; i < 2; i++) (await transport.connect(prompts)).close();
    expect(prompts.asked).toEqual(['answers Password:', 'answers Password:']);
  });

  it('cancelled', async () => {
    for (const [method, answers] of [
      ['PasswordAuthentication', { secret: () => Promise.resolve(undefined) }],
      ['KbdInteractiveAuthentication', { answers: () => Promise.resolve(undefined) }],
    ] as const) {
      const error = await failure(attach(optionsFor(server, only(method)), scripted(answers)));
      expect(error).toMatchObject({ phase: 'authentication', remedy: 'cancelled' });
    }
  });

  it('PreferredAuthentications gives the order and leaves out the rest', async () => {
    const both = only('PasswordAuthentication', 'KbdInteractiveAuthentication');
    for (const [preferred, asked] of [
      ['password,keyboard-interactive', `password ${account.name}@target 1`],
      ['keyboard-interactive', 'answers Password:'],
    ] as const) {
      const prompts = scripted({
        secret: () => Promise.resolve(account.password),
        answers: () => Promise.resolve([account.password]),
      });
      const options = optionsFor(server, [...both, `PreferredAuthentications ${preferred}`]);
      (await attach(options, prompts)).close();
      expect(prompts.asked).toEqual([asked]);
    }
  });

  it('three wrong ones end it, naming the methods, not the secret', { timeout: 30_000 }, async () => {
    const prompts = scripted({ secret: () => Promise.resolve(secret('never-told')) });
    const error = await failure(attach(optionsFor(server, only('PasswordAuthentication')), prompts));
    expect(prompts.asked).toHaveLength(3);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain('tried password');
    expect(error.message).not.toContain('never-told');
  });
});

it('names who is logged in by default', async () => {
  const connection = await attach(optionsFor(sshd));
  expect((await run(connection, 'id -un')).out).toBe(`${userInfo().username}\n`);
  connection.close();
});
