import ssh2, { type AuthContext, type AuthenticationType, type Prompt } from 'ssh2';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  progressAfter,
  progressText,
  type ConnectProgress,
} from '../../../src/core/connection/connectProgress';
import { english } from '../../../src/core/translate';
import type { ConnectionError, Prompts } from '../../../src/transport/connection';
import type { ConnectTrace } from '../../../src/transport/connectTrace';
import { makeKey } from '../sshd';
import { until } from '../lab/until';
import { failure, scripted } from './attaching';
import { attach, expectNoSecretTold, secret } from './told';

let folder: string;
const file = (name: string): string => path.join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'endless-'));
  for (const name of ['host', 'user', 'other']) makeKey(file(name));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterAll(expectNoSecretTold);

const typed = secret('typed-for-the-hostile-server');
const answering = (more: Partial<Prompts> = {}): ReturnType<typeof scripted> =>
  scripted({
    secret: () => Promise.resolve(typed),
    answers: ({ prompts }) => Promise.resolve(prompts.map(() => typed)),
    ...more,
  });

/** Logs in to a server that treats each request as told, until that fails. Nothing of it may be left. */
async function endOf(
  treat: (context: AuthContext) => void,
  prompts: Prompts = answering(),
  trace?: ConnectTrace,
): Promise<ConnectionError & { readonly requests: number }> {
  let requests = 0;
  const open = new Set<unknown>();
  const server = new ssh2.Server({ hostKeys: [readFileSync(file('host'))] }, (client) => {
    open.add(client);
    client.on('error', () => undefined);
    client.on('close', () => open.delete(client));
    client.on('authentication', (context) => {
      requests++;
      treat(context);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const configFile = file(`config-${port}`);
  const lines = [
    'Host target',
    'HostName 127.0.0.1',
    `Port ${port}`,
    'User somebody',
    'StrictHostKeyChecking no',
    'UserKnownHostsFile /dev/null',
    'IdentityAgent none',
    'IdentitiesOnly yes',
    `IdentityFile ${file('user')}`,
    '',
  ];
  writeFileSync(configFile, lines.join('\n'));
  try {
    const error = await failure(
      attach({ target: 'target', configFile }, prompts, undefined, undefined, trace),
    );
    await until(() => open.size === 0);
    return Object.assign(error, { requests });
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

const refusing =
  (methods: AuthenticationType[], partial = false) =>
  (context: AuthContext): void =>
    context.reject(methods, partial);

describe('a hostile server, made of ssh2’s Server class because no sshd does that', () => {
  it('says "partial success" for ever, to a password', async () => {
    const prompts = answering();
    const error = await endOf(refusing(['password'], true), prompts);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain('wants more than 8 proofs');
    expect(error.requests).toBeLessThan(15);
    expect(prompts.asked).toHaveLength(1); // what was right once is given again
  });

  it('says "partial success" for ever, to keys', async () => {
    const error = await endOf((context) => {
      if (context.method === 'publickey' && !context.signature) context.accept();
      else context.reject(['publickey'], true);
    });
    expect(error.remedy).toBe('user');
    expect(error.requests).toBeLessThan(10);
  });

  it('says "partial success" for ever, to keyboard-interactive', async () => {
    const error = await endOf((context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive'], true);
      else context.prompt('Code:', () => context.reject(['keyboard-interactive'], true));
    });
    expect(error.message).toContain('wants more than 8 proofs');
  });

  it('offers the same method for ever: password', async () => {
    const prompts = answering();
    const error = await endOf(refusing(['password']), prompts);
    expect(error.message).toContain('tried password; the server accepts password');
    expect(prompts.asked).toHaveLength(3);
  });

  it('offers the same method for ever: keyboard-interactive, with and without a question', async () => {
    const prompts = answering();
    const asking = await endOf((context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else context.prompt('Password:', () => context.reject(['keyboard-interactive']));
    }, prompts);
    expect(prompts.asked).toHaveLength(3);
    expect(asking.requests).toBe(4); // none, then three
    expect((await endOf(refusing(['keyboard-interactive']))).requests).toBe(2);
  });

  it('offers the same method for ever: publickey', async () => {
    const error = await endOf(refusing(['publickey']));
    expect(error.message).toContain(`tried key ${file('user')}; the server accepts publickey`);
    expect(error.requests).toBe(2);
  });

  it.each([
    ['one question', ['Again:']],
    ['no question', []],
  ] as const)('keyboard-interactive goes on for ever, each time with %s', async (_name, questions) => {
    const prompts = answering();
    const error = await endOf((context) => {
      if (context.method !== 'keyboard-interactive') {
        context.reject(['keyboard-interactive']);
        return;
      }
      const ask = (): void => context.prompt([...questions], ask);
      ask();
    }, prompts);
    expect(error.message).toContain('asks more than 20 times');
    expect(prompts.asked.length).toBeLessThanOrEqual(20);
  });

  it.each<[string, (string | Prompt)[]]>([
    [
      '1000 prompts at once',
      Array.from({ length: 1000 }, (_, i) => ({ prompt: `Secret ${i}:`, echo: false })),
    ],
    ['a prompt of 1 MB', ['x'.repeat(1_000_000)]],
    ['1000 prompts of 1 KB', Array.from({ length: 1000 }, () => 'y'.repeat(1000))],
  ])('%s', async (_name, questions) => {
    const prompts = answering();
    const error = await endOf((context) => {
      if (context.method === 'keyboard-interactive') context.prompt(questions, () => context.reject());
      else context.reject(['keyboard-interactive']);
    }, prompts);
    expect(error.message.length).toBeLessThan(500);
    expect(prompts.asked).toEqual([]);
  });

  it('prompts with escapes, HTML and a long title are cleaned and cut', async () => {
    const shown: string[] = [];
    const prompts = answering({
      answers: (question) => {
        shown.push(question.title, question.instructions, ...question.prompts.map(({ text }) => text));
        return Promise.resolve(undefined);
      },
    });
    const error = await endOf((context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else
        context.prompt(['\u001b[2JPass\u202eword:'], 't'.repeat(9000), 'i'.repeat(9000), () =>
          context.reject(),
        );
    }, prompts);
    expect(error.remedy).toBe('cancelled');
    expect(shown.map(({ length }) => length)).toEqual([200, 2000, 9]);
    expect(shown[2]).toBe('Password:');
  });

  it('refuses twice while the person is still typing', async () => {
    const prompts = answering({ secret: () => new Promise(() => undefined) });
    const error = await endOf((context) => {
      context.reject(['password']);
      const { _protocol: protocol } = context as unknown as {
        _protocol: { _authsQueue: string[]; authFailure(methods: string[], partial: boolean): void };
      };
      protocol._authsQueue.push('none');
      protocol.authFailure(['password'], false);
    }, prompts);
    expect(error.message).toContain('refuses what was not tried');
  });

  it('accepts a key that was not offered, or answers a signature with another question', async () => {
    const other = Buffer.from(readFileSync(file('other.pub'), 'utf8').split(' ')[1] ?? '', 'base64');
    const strange = await endOf((context) => {
      if (context.method === 'publickey') offered(context)(other);
      else context.reject(['publickey']);
    });
    expect(strange.message).toContain('accepts a key that was not offered');

    const deaf = await endOf((context) => {
      if (context.method === 'publickey' && context.signature) offered(context)(context.key.data);
      else if (context.method === 'publickey') context.accept();
      else context.reject(['publickey']);
    });
    expect(deaf.message).toContain('does not answer to a signature');
  });

  it('names 2,000 methods', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `method-${i}`) as unknown as AuthenticationType[];
    const error = await endOf(refusing(names));
    expect(error.message).toContain('and 1980 more');
    expect(error.message.length).toBeLessThan(1000);
  });

  it('wants the password to be changed', async () => {
    const error = await endOf((context) => {
      if (context.method === 'password') context.requestChange('Too old. New one:', () => context.reject());
      else context.reject(['password']);
    });
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain('has expired');
  });
});

it('keyboard-interactive with several prompts at once (password and code), by ssh2’s Server class: PAM asks one by one', async () => {
  const seen: string[][] = [];
  const prompts = answering({ answers: () => Promise.resolve([typed, secret('123456-code')]) });
  await endOf((context) => {
    if (context.method !== 'keyboard-interactive') {
      context.reject(['keyboard-interactive']);
      return;
    }
    context.prompt(
      [
        { prompt: 'Password:', echo: false },
        { prompt: 'Code:', echo: true },
      ],
      'Two',
      (answers) => {
        seen.push([...answers]);
        context.reject(['hostbased']);
      },
    );
  }, prompts);
  expect(seen).toEqual([[typed, '123456-code']]);
  expect(prompts.asked).toEqual(['answers Password:|Code: (shown)']);
});

it('keyboard-interactive that asks nothing: what the server says is shown while it waits, by ssh2’s Server class', async () => {
  let progress: ConnectProgress | undefined;
  const shown: (string | undefined)[] = [];
  await endOf(
    (context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else
        context.prompt([], 'Two\u001b[2J factors', 'Sent to your phone.', () =>
          context.reject(['hostbased']),
        );
    },
    answering(),
    (step) => {
      progress = progressAfter(progress, step);
      shown.push(progressText(progress, english));
    },
  );
  const said = shown.indexOf('target says: Two factors Sent to your phone.');
  expect(said).toBeGreaterThan(0);
  // Nothing hides it before the server has answered.
  expect(shown.slice(said + 1)).toEqual(['Logging in to target']);
});

/** Says of a key that a signature of it would be taken (SSH_MSG_USERAUTH_PK_OK). */
function offered(context: AuthContext): (key: Buffer) => void {
  const { _protocol: protocol } = context as unknown as {
    _protocol: { authPKOK(algorithm: string, key: Buffer): void };
  };
  return (key) => protocol.authPKOK('ssh-ed25519', key);
}
