import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sshTransport } from '../../../src/transport/ssh';
import { until } from '../lab/until';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { softAgent } from './softAgent';
import { attach, works } from './told';

let sshd: Sshd;
let key: string;
beforeAll(async () => {
  sshd = await startSshd();
  key = sshd.file('locked');
  makeKey(key, { type: 'ecdsa', passphrase: 'right' });
  sshd.authorize(`${key}.pub`);
});
afterAll(() => sshd.stop());

const prompts = (): ReturnType<typeof scripted> =>
  scripted({
    unknownHostKey: () => Promise.resolve('once'),
    secret: () => Promise.resolve('right'),
  });

/** A login in which all is asked that can be: about the host key, and for a passphrase. */
function options(): ReturnType<typeof optionsFor> {
  const made = optionsFor(sshd, [`IdentityFile ${key}`]);
  const text = readFileSync(made.configFile ?? '', 'utf8');
  writeFileSync(made.configFile ?? '', text.replace(`  IdentityFile ${sshd.userKey}\n`, ''));
  return made;
}

it('an attempt may be cancelled at each of its steps: it ends at once and leaves nothing', async () => {
  const steps: string[] = [];
  await works(attach(options(), prompts(), undefined, undefined, ({ kind }) => steps.push(kind)));
  expect(new Set(steps).size).toBeGreaterThan(10);
  for (const [at, kind] of steps.entries()) {
    const abort = new AbortController();
    let seen = 0;
    const error = await failure(
      attach(options(), prompts(), abort.signal, undefined, () => {
        if (seen++ === at) abort.abort();
      }),
    );
    expect(error, `at step ${at}, ${kind}`).toMatchObject({ remedy: 'cancelled' });
    expect(seen, `steps after step ${at}, ${kind}`).toBeLessThan(at + 4); // what was under way is told
  }
  await until(() => sshd.sessionPids().length === 0);
}, 30_000);

it.each(['unknownHostKey', 'secret'] as const)(
  'one that waits for a person who never answers ends too: %s',
  async (question) => {
    const abort = new AbortController();
    const silent = scripted({
      unknownHostKey: () => Promise.resolve('once'),
      [question]: () => {
        setImmediate(() => abort.abort());
        return new Promise<never>(() => undefined);
      },
    });
    const error = await failure(sshTransport(options()).connect(silent, abort.signal));
    expect(error).toMatchObject({ remedy: 'cancelled' });
    await until(() => sshd.sessionPids().length === 0);
  },
);

it.each(['unknownHostKey', 'secret'] as const)(
  'a server that closes while a person is asked takes the question away: %s',
  async (question) => {
    let asked: AbortSignal | undefined;
    const asking = scripted({
      unknownHostKey: () => Promise.resolve('once'),
      [question]: (_: unknown, signal?: AbortSignal) => {
        asked = signal;
        sshd.signalSessions('SIGKILL');
        return new Promise<never>(() => undefined);
      },
    });
    const error = await failure(attach(options(), asking));
    expect(error.message).toContain('closed the connection while you were asked');
    expect(asked?.aborted).toBe(true);
  },
);

it('one that waits for an agent ends too', async () => {
  await using agent = await softAgent(sshd.file('agent'), () => undefined);
  const abort = new AbortController();
  const attempt = failure(
    attach(optionsFor(sshd, [`IdentityAgent ${agent.socket}`]), prompts(), abort.signal),
  );
  await until(() => agent.open.size > 0);
  abort.abort();
  expect(await attempt).toMatchObject({ remedy: 'cancelled' });
  await until(() => agent.open.size === 0);
});
