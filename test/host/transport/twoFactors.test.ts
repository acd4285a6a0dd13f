import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prompts } from '../../../src/transport/connection';
import type { SshOptions } from '../../../src/transport/ssh';
import { trust } from '../lab/trust';
import { until } from '../lab/until';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { startAgent } from './sshAgent';
import { makeAccount, type TestAccount } from './testAccount';
import { attach, expectNoSecretTold, secret, works } from './told';

const passphrase = secret('passphrase-of-two-factors');

/** sshd checks passwords of accounts by PAM, as root only. */
describe.runIf(process.getuid?.() === 0)('steps of several (AuthenticationMethods)', () => {
  let account: TestAccount;
  beforeAll(() => {
    account = makeAccount();
  });
  afterAll(() => account.remove());
  afterAll(expectNoSecretTold);

  /** Runs `check` with a server that wants these methods. */
  async function withServer(methods: string, check: (server: Sshd) => Promise<void>): Promise<void> {
    const server = await startSshd({
      user: account.name,
      config: [
        'UsePAM yes',
        'PasswordAuthentication yes',
        'KbdInteractiveAuthentication yes',
        `AuthenticationMethods ${methods}`,
      ],
    });
    try {
      trust(server);
      await check(server);
    } finally {
      await server.stop();
    }
  }

  /** Gives the password wherever it is asked for. */
  const answering = (more: Partial<Prompts> = {}): ReturnType<typeof scripted> =>
    scripted({
      secret: ({ kind }) => Promise.resolve(kind === 'passphrase' ? passphrase : account.password),
      answers: ({ prompts }) => Promise.resolve(prompts.map(() => account.password)),
      ...more,
    });

  const password = (): string => `password ${account.name}@target 1`;
  const code = 'answers Password:';
  const rows: readonly (readonly [methods: string, asked: () => string[]])[] = [
    ['publickey,keyboard-interactive', () => [code]],
    ['publickey,password', () => [password()]],
    ['publickey,publickey', () => []],
    ['publickey,publickey,password', () => [password()]],
    ['password,keyboard-interactive', () => [password(), code]],
    ['keyboard-interactive,publickey', () => [code]],
    ['password,publickey', () => [password()]],
    ['publickey,password,keyboard-interactive', () => [password(), code]],
    ['publickey,keyboard-interactive publickey,password', () => [code]],
  ];

  it.each(rows)('%s: with keys of files and with keys of an agent', async (methods, asked) => {
    await withServer(methods, async (server) => {
      const second = server.file('second');
      makeKey(second);
      server.authorize(`${second}.pub`);
      const prompts = answering();
      await works(attach(optionsFor(server, [`IdentityFile ${second}`]), prompts));
      expect(prompts.asked).toEqual(asked());

      const agent = await startAgent(server.file('agent'));
      try {
        for (const key of [server.userKey, second]) {
          agent.add(key);
          rmSync(key);
        }
        const again = answering();
        const lines = [`IdentityAgent ${agent.socket}`, 'IdentitiesOnly no'];
        await works(attach(optionsFor(server, lines), again));
        expect(again.asked).toEqual(asked());
      } finally {
        await agent.stop();
      }
    });
  });

  it('publickey,publickey with one key only: each step once, then it says what is missing', async () => {
    await withServer('publickey,publickey', async (server) => {
      const error = await failure(attach(optionsFor(server)));
      expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
      expect(error.message).toContain(`tried key ${server.userKey}; the server accepts publickey`);
    });
  });

  it('publickey,keyboard-interactive with an encrypted key and a person who takes longer than any time-out', async () => {
    await withServer('publickey,keyboard-interactive', async (server) => {
      const locked = server.file('locked');
      makeKey(locked, { passphrase, type: 'ecdsa', pem: 'PEM' }); // quickly decrypted
      server.authorize(`${locked}.pub`);
      const slowly = <T>(answer: T): Promise<T> =>
        new Promise((resolve) => setTimeout(resolve, 1200, answer));
      const prompts = answering({
        secret: () => slowly(passphrase),
        answers: () => slowly([account.password]),
      });
      const options = without(server.userKey, optionsFor(server, [`IdentityFile ${locked}`]));
      const timeouts = { authenticationMs: 1000, handshakeMs: 5000 };
      await works(attach({ ...options, timeouts }, prompts));
      expect(prompts.asked).toEqual([`passphrase ${locked} 1`, code]);
    });
  });

  it('cancel at the second step is silent and leaves nothing behind', async () => {
    await withServer('publickey,keyboard-interactive', async (server) => {
      const before = sockets();
      const byPerson = answering({ answers: () => Promise.resolve(undefined) });
      expect(await failure(attach(optionsFor(server), byPerson))).toMatchObject({ remedy: 'cancelled' });

      const cancel = new AbortController();
      const prompts = answering({
        answers: () => {
          cancel.abort();
          return new Promise(() => undefined); // the box stays open
        },
      });
      const error = await failure(attach(optionsFor(server), prompts, cancel.signal));
      expect(error).toMatchObject({ remedy: 'cancelled' });
      await until(() => server.sessionPids().length === 0);
      await until(() => sockets() <= before);
    });
  });

  it('keyboard-interactive with several prompts: a password that has expired is changed', async () => {
    const expired = makeAccount();
    const server = await startSshd({
      user: expired.name,
      config: [
        'UsePAM yes',
        'KbdInteractiveAuthentication yes',
        'AuthenticationMethods keyboard-interactive',
      ],
    });
    try {
      trust(server);
      expired.expirePassword();
      const renewed = secret(`${expired.password}-Renewed7`);
      const prompts = scripted({
        answers: ({ prompts: [question] }) =>
          Promise.resolve([/new password/i.test(question?.text ?? '') ? renewed : expired.password]),
      });
      await works(attach(optionsFor(server), prompts));
      expect(prompts.asked).toEqual([
        'answers Password:',
        expect.stringMatching(/^answers You are required to change .* Current password:$/),
        'answers New password:',
        'answers Retype new password:',
      ]);
    } finally {
      await server.stop();
      expired.remove();
    }
  });
});

/** The same options without one of the key files. */
function without(key: string, options: SshOptions): SshOptions {
  const { configFile = '' } = options;
  const own = `${configFile}-own`;
  copyFileSync(configFile, own);
  writeFileSync(own, readFileSync(own, 'utf8').replace(`  IdentityFile ${key}\n`, ''));
  return { ...options, configFile: own };
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|Pipe/.test(kind)).length;
}
