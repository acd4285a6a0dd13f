import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SecretKeeper, SecretName } from '../../../src/transport/secretKeeper';
import type { SshOptions } from '../../../src/transport/ssh';
import { trust } from '../lab/trust';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { makeAccount, type TestAccount } from './testAccount';
import { attach, expectNoSecretTold, secret, transportOf, works } from './told';

/** Remembers what it is offered, as if the person always agreed; VS Code's own is behind the same interface. */
class AgreeingKeeper implements SecretKeeper {
  readonly kept = new Map<string, string>();
  readonly offered: SecretName[] = [];

  get(name: SecretName): Promise<string | undefined> {
    return Promise.resolve(this.kept.get(JSON.stringify(name)));
  }
  offer(name: SecretName, text: string): void {
    this.offered.push(name);
    this.kept.set(JSON.stringify(name), text);
  }
  forget(name: SecretName): Promise<void> {
    this.kept.delete(JSON.stringify(name));
    return Promise.resolve();
  }
}

afterAll(expectNoSecretTold);

describe('passphrases', () => {
  const first = secret('first-passphrase-kept');
  const second = secret('second-passphrase-kept');
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
    trust(sshd);
  });
  afterAll(() => sshd.stop());

  function lockedKey(name: string, format: readonly string[] = []): string {
    const file = sshd.file(name);
    makeKey(file, { type: 'ecdsa' });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', first, ...format, '-f', file]);
    sshd.authorize(`${file}.pub`);
    return file;
  }

  function withOnly(file: string, keeper: SecretKeeper): SshOptions {
    const options = optionsFor(sshd, [`IdentityFile ${file}`]);
    const text = readFileSync(options.configFile ?? '', 'utf8');
    writeFileSync(options.configFile ?? '', text.replace(`  IdentityFile ${sshd.userKey}\n`, ''));
    return { ...options, keeper };
  }

  const asking = (passphrase: string): ReturnType<typeof scripted> =>
    scripted({ secret: () => Promise.resolve(passphrase) });

  it('are asked once, kept after the server has let us in, and then used silently', async () => {
    const file = lockedKey('kept');
    const keeper = new AgreeingKeeper();
    const prompts = asking(first);
    await works(attach(withOnly(file, keeper), prompts));
    expect(prompts.asked).toEqual([`passphrase ${file} 1`]);
    const fingerprint = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1];
    expect(keeper.offered).toEqual([{ kind: 'passphrase', file, key: fingerprint }]);
    await works(attach(withOnly(file, keeper))); // another transport: a question would fail
    expect(keeper.offered).toHaveLength(1);
  });

  it('are forgotten when they stop working, and asked for again', async () => {
    const file = lockedKey('changed');
    const keeper = new AgreeingKeeper();
    await works(attach(withOnly(file, keeper), asking(first)));
    execFileSync('ssh-keygen', ['-q', '-p', '-P', first, '-N', second, '-f', file]);
    const prompts = asking(second);
    await works(attach(withOnly(file, keeper), prompts));
    expect(prompts.asked).toHaveLength(1);
    expect([...keeper.kept.values()]).toEqual([second]);
  });

  it('of a key whose file does not show its public key are named by the file', async () => {
    const file = lockedKey('nameless', ['-m', 'PEM']);
    rmSync(`${file}.pub`);
    const keeper = new AgreeingKeeper();
    await works(attach(withOnly(file, keeper), asking(first)));
    expect(keeper.offered).toEqual([
      { kind: 'passphrase', file, key: expect.stringMatching(/^file SHA256:/) as unknown },
    ]);
    await works(attach(withOnly(file, keeper)));
  });

  it('are not offered where the server does not let us in', async () => {
    const file = lockedKey('right-but-refused');
    const keeper = new AgreeingKeeper();
    writeFileSync(`${file}.pub`, '');
    const strict = await startSshd({ config: ['AuthenticationMethods publickey,publickey'] });
    try {
      trust(strict);
      execFileSync('sh', [
        '-c',
        `ssh-keygen -y -P '${first}' -f '${file}' >> '${strict.file('authorized_keys')}'`,
      ]);
      const options = optionsFor(strict, [`IdentityFile ${file}`]);
      const text = readFileSync(options.configFile ?? '', 'utf8');
      writeFileSync(options.configFile ?? '', text.replace(`  IdentityFile ${strict.userKey}\n`, ''));
      const prompts = asking(first);
      expect(await failure(attach({ ...options, keeper }, prompts))).toMatchObject({ remedy: 'user' });
      expect(prompts.asked).toHaveLength(1);
      expect(keeper.offered).toEqual([]);
    } finally {
      await strict.stop();
    }
  });

  it('a keychain that answers only after any time-out is waited for', async () => {
    const file = lockedKey('slow-keychain', ['-m', 'PEM']); // quickly decrypted
    const keeper = new AgreeingKeeper();
    await works(attach(withOnly(file, keeper), asking(first)));
    const slow: SecretKeeper = {
      get: async (name) => {
        await new Promise((resolve) => setTimeout(resolve, 1200));
        return keeper.get(name);
      },
      offer: () => undefined,
      forget: () => Promise.resolve(),
    };
    const timeouts = { authenticationMs: 1000, handshakeMs: 5000 };
    await works(attach({ ...withOnly(file, slow), timeouts }));
  });
});

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

  const only = (method: string, keeper: SecretKeeper): SshOptions => ({
    ...optionsFor(server, ['PubkeyAuthentication no', `PreferredAuthentications ${method}`]),
    keeper,
  });
  const typing = (): ReturnType<typeof scripted> =>
    scripted({
      secret: () => Promise.resolve(account.password),
      answers: () => Promise.resolve([account.password]),
    });

  it('are kept for this account at this very server, and then used silently', async () => {
    const keeper = new AgreeingKeeper();
    await works(attach(only('password', keeper), typing()));
    expect(keeper.offered).toEqual([
      { kind: 'password', account: `${account.name}@target`, hostKey: server.fingerprint() },
    ]);
    await works(attach(only('password', keeper)));
  });

  it('that stop working are tried once, forgotten and asked for again', async () => {
    const keeper = new AgreeingKeeper();
    const name = {
      kind: 'password',
      account: `${account.name}@target`,
      hostKey: server.fingerprint(),
    } as const;
    keeper.kept.set(JSON.stringify(name), secret('password-of-last-year'));
    const prompts = typing();
    await works(attach(only('password', keeper), prompts));
    expect(prompts.asked).toEqual([`password ${account.name}@target 1`]);
    expect(keeper.kept.get(JSON.stringify(name))).toBe(account.password);
  });

  it('are not given to a server with another key', async () => {
    const keeper = new AgreeingKeeper();
    await works(attach(only('password', keeper), typing()));
    server.changeHostKeys();
    await server.restart();
    writeFileSync(server.file('known_hosts'), server.knownHostsLine());
    const prompts = typing();
    await works(attach(only('password', keeper), prompts));
    expect(prompts.asked).toEqual([`password ${account.name}@target 1`]);
  });

  it('nor what was typed for the transport that connects again', async () => {
    const transport = transportOf(only('password', new AgreeingKeeper()));
    const prompts = typing();
    (await transport.connect(prompts)).close();
    (await transport.connect(prompts)).close();
    expect(prompts.asked).toHaveLength(1);
    server.changeHostKeys();
    await server.restart();
    writeFileSync(server.file('known_hosts'), server.knownHostsLine());
    (await transport.connect(prompts)).close();
    expect(prompts.asked).toHaveLength(2);
  });

  it('what is typed for keyboard-interactive is never kept: it may be a code', async () => {
    const keeper = new AgreeingKeeper();
    await works(attach(only('keyboard-interactive', keeper), typing()));
    expect(keeper.offered).toEqual([]);
  });
});
