import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { sshTransport, type Timeouts } from '../../../src/transport/ssh';
import type { Connection, ConnectionError } from '../../../src/transport/connection';
import { maxBanners } from '../../../src/transport/sshLogin';
import { until } from '../lab/until';
import { kinds, reach, watch } from '../watching';
import { connect, failure, run, scripted } from './attaching';
import { startHostile } from './hostileServing';

/*
 * Servers made for this, for no real sshd does what they do. Each runs in a process of its own and does its worst for as
 * long as we let it. The bounds are those of `serverBounds.ts`, `sshLogin.ts`, `loginRequests.ts` and `frameReader.ts`.
 */

/** What an attack may make us hold at most, the library's and Node's own bookkeeping and what is not collected yet included. */
const mostGrowthBytes = 160 * 1024 * 1024;
/** No attack keeps others in this process from running for longer, nine times of ten: the machine may be busy. */
const longestBlockMs = 3000;
/** No attack that needs no time-out takes longer to be found. */
const foundWithinMs = 20_000;

const soon: Partial<Timeouts> = { handshakeMs: 1000, authenticationMs: 1000 };

/** What `attack` costs this process: the growth of its resident memory, and for how long nothing else could run. */
async function cost<T>(attack: () => Promise<T>): Promise<T> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const startMs = performance.now();
  try {
    return await attack();
  } finally {
    clearInterval(watching);
    loop.disable();
    expect(performance.now() - startMs).toBeLessThan(foundWithinMs);
    expect(Math.max(peak, process.memoryUsage.rss()) - before).toBeLessThan(mostGrowthBytes);
    expect(loop.percentile(90) / 1e6).toBeLessThan(longestBlockMs);
  }
}

/** What is shown of an error is one line of text of bounded length without anything that a terminal would act on. */
function expectShowable(error: ConnectionError): void {
  for (const text of [error.message, error.advice]) {
    // eslint-disable-next-line no-control-regex -- these must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(text.length).toBeLessThan(1000);
  }
}

const answering = scripted({
  secret: () => Promise.resolve('a password'),
  answers: ({ prompts }) => Promise.resolve(prompts.map(() => 'an answer')),
});

describe('a made-up server that falls silent is given up, and nothing stays open', () => {
  it.concurrent.each([
    ['silence before the version', 'handshake', 'retry'],
    ['silence after the version', 'handshake', 'retry'],
    ['silence after KEXINIT', 'handshake', 'retry'],
    ['silence after the host key', 'handshake', 'retry'],
    ['silence after the key exchange', 'authentication', 'retry'],
    ['silence after service accept', 'authentication', 'retry'],
    ['silence after the offer of a key', 'authentication', 'retry'],
    // Nobody is asked the same again by itself.
    ['silence after a password', 'authentication', 'user'],
    ['silence after an answer', 'authentication', 'user'],
  ])('%s: phase %s, remedy %s', async (behaviour, phase, remedy) => {
    await using server = await startHostile(behaviour);
    const error = await failure(connect({ ...server.options, timeouts: soon }, answering));
    expect(error).toMatchObject({ phase, remedy });
    expect(error.message).toMatch(/did not answer during the (SSH handshake|login) for 1 s\.$/);
    await until(() => server.closed() === 1);
  });

  // A host that thrashes may take minutes here, so that nothing gives up by itself; a person can.
  it.concurrent.each(['silence after channel open', 'silence after exec', 'silence of the command'])(
    '%s: the monitor waits, and stop() ends it at once',
    async (behaviour) => {
      await using server = await startHostile(behaviour);
      let connection: Connection | undefined;
      const transport = sshTransport(server.options);
      const watched = watch({
        connect: async (...args) => (connection = await transport.connect(...args)),
      });
      await until(() => connection !== undefined);
      const exec = connection?.exec('true').then(
        () => 'opened',
        (error: unknown) => (error as ConnectionError).phase,
      );
      watched.monitor.stop();
      await connection?.closed;
      expect(kinds(watched)).toEqual(['connecting', 'stopped']);
      expect(['opened', 'connection']).toContain(await exec);
      await until(() => server.closed() === 1);
    },
  );
});

describe('a made-up server that sends what no login needs is cut off, and memory stays bounded', () => {
  const cut = 'the connection was cut.';
  it.each([
    ['banner of 10 MB before the version', 'handshake', cut],
    ['banner of 10 MB in short lines', 'handshake', 'before its SSH version'],
    ['endless line', 'handshake', 'before its SSH version'],
    ['endless version', 'handshake', 'before its SSH version'],
    ['packet of 4 GB', 'handshake', 'Bad packet length'],
    ['packet of no length', 'handshake', 'Bad packet length'],
    ['packet of 1 byte', 'handshake', 'Bad packet length'],
    ['login accepted before the key exchange', 'handshake', 'unexpected packet type 52'],
    ['an auth banner flood', 'authentication', cut],
    ['USERAUTH_FAILURE forever', 'authentication', 'refuses what was not tried'],
    ['USERAUTH_FAILURE to each try', 'authentication', 'failed'],
    ['EXT_INFO of megabytes', 'authentication', cut],
    ['an EXT_INFO that says it has 4 billion entries', 'authentication', 'Malformed EXT_INFO'],
    ['an ignore flood before the login', 'authentication', cut],
    ['a debug flood before the login', 'authentication', cut],
    ['questions without an end', 'authentication', 'asks'],
    ['a thousand questions at once', 'authentication', 'asks for 1000 answers at once'],
    ['empty questions without an end', 'authentication', cut],
    ['a disconnect message with escapes and HTML', 'authentication', '<img src=x onerror=alert(1)>'],
    ['a disconnect message of 1 MB', 'authentication', 'ended the login'],
  ])('%s: phase %s, “%s”', async (behaviour, phase, words) => {
    await using server = await startHostile(behaviour);
    const prompts =
      behaviour === 'questions without an end'
        ? scripted({ answers: () => new Promise(() => undefined) }) // a person types
        : answering;
    const error = await cost(() => failure(connect(server.options, prompts)));
    expect(error.phase).toBe(phase);
    expect(error.message).toContain(words);
    expectShowable(error);
    await until(() => server.closed() === 1);
  });

  it('a made-up banner with escapes and HTML is written to the log as text, some of it, and nowhere else', async () => {
    await using server = await startHostile('banners with escapes and HTML');
    const logged: string[] = [];
    const connection = await connect({ ...server.options, log: (line) => logged.push(line) });
    expect((await run(connection, 'x')).out).toBe('ran x\n');
    connection.close();
    const banners = logged.filter((line) => line.includes('banner:'));
    expect(banners).toEqual([
      'hostile: banner: <img src=x onerror=alert(1)>[a](command:b)$(trash) <img src=x onerror=alert(1)>[a](command:b)$(trash)',
    ]);
  });

  it('an auth banner flood of a made-up server fills no log', async () => {
    await using server = await startHostile('an auth banner flood');
    const logged: string[] = [];
    await failure(connect({ ...server.options, log: (line) => logged.push(line) }));
    expect(logged.filter((line) => line.includes('banner:'))).toHaveLength(maxBanners);
    expect(Math.max(...logged.map((line) => line.length))).toBeLessThan(1100);
  });
});

describe('a made-up server that floods a connection that is logged in is cut off, and memory stays bounded', () => {
  it.each([
    ['channel-open requests that are not read', 'belong to nothing'],
    ['100,000 channel-open requests', 'belong to nothing'],
    ['a global request flood', 'belong to nothing'],
    ['a global request flood that is not read', 'belong to nothing'],
    ['a flood of host keys', 'tells its host keys again and again'],
    ['an ignore flood after the login', 'belong to nothing'],
    ['a debug flood after the login', 'belong to nothing'],
  ])('%s: “%s”', async (behaviour, words) => {
    await using server = await startHostile(behaviour);
    const connection = await connect(server.options);
    const error = await cost(() => connection.closed);
    expect(error).toMatchObject({ phase: 'connection' });
    expect(error?.message).toContain(words);
    if (error) expectShowable(error);
    await until(() => server.closed() === 1);
  });

  it.each([
    ['data beyond the window', 'that nobody had asked it for'],
    ['data for a channel that is not there', 'belong to nothing'],
    ['a bad packet without an end', 'was lost: Bad packet length'],
    ['a goodbye without an end', 'was lost'],
  ])('%s (nobody reads): “%s”', async (behaviour, words) => {
    await using server = await startHostile(behaviour);
    const connection = await connect(server.options);
    const channel = await connection.exec('x');
    const error = await cost(() => connection.closed);
    expect(error?.message).toContain(words);
    expect(await channel.exit).toEqual({});
    await until(() => server.closed() === 1);
  });

  it('a stderr flood of a made-up server, 32 MB: its last 16 KiB are kept, as text', async () => {
    await using server = await startHostile('a stderr flood');
    const connection = await connect(server.options);
    const result = await cost(() => run(connection, 'x'));
    expect(result.code).toBe(0);
    expect(result.errors.length).toBeLessThanOrEqual(16 * 1024);
    expect(result.errors).toMatch(/AAA<img src=x onerror=alert\(1\)>\[a\]\(command:b\)\$\(trash\)END$/);
    connection.close();
  });

  it('forwarded-tcpip, x11, agent, socket, session and unknown channels that a made-up server opens are refused', async () => {
    await using server = await startHostile('one channel-open request of each kind');
    const connection = await connect(server.options);
    await until(() => server.told.some(({ refused }) => refused === 6));
    expect((await run(connection, 'x')).out).toBe('ran x\n');
    connection.close();
  });

  it('exit-signal texts of a made-up server are cleaned and cut', async () => {
    await using server = await startHostile('exit-signal texts');
    const connection = await connect(server.options);
    const channel = await connection.exec('x');
    channel.stream.resume();
    const { signal = '' } = await channel.exit;
    expect(signal).toMatch(/^SIG<img src=x onerror=alert\(1\)>/);
    expect(signal.length).toBeLessThanOrEqual(40);
    connection.close();
  });
});

describe('a made-up program that answers in place of ours', () => {
  it.each([
    ['a reply with the wrong mark', 'more than 1 MiB that is no answer'],
    ['a reply with half of the mark', 'the very text that we sent'],
    ['a reply without an end', 'an answer larger than 4 MiB'],
    ['a reply that is one endless line', 'a line longer than 64 KiB'],
  ])('%s: the monitor fails with a sentence: %s', async (behaviour, words) => {
    await using server = await startHostile(behaviour);
    await cost(async () => {
      const watched = watch(sshTransport(server.options));
      const { error } = await reach(watched, 'failed');
      expect(error.message).toBe(`The host sends what our program would not: ${words}.`);
      expect(kinds(watched)).toEqual(['connecting', 'failed']);
    });
    await until(() => server.closed() === 1);
  });
});
