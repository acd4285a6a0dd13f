import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sshTransport } from '../../src/transport/ssh';
import { NetNamespace, netNamespaceObstacle } from './lab/netNamespace';
import { markSessions, sessionProcesses } from './lab/sessions';
import { portsTo } from './lab/tcpPorts';
import { startSshd, type Sshd } from './sshd';
import { optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import {
  expectNoneTwice,
  gapsOf,
  kinds,
  longestGapMs,
  more,
  ownSamplesIn,
  reach,
  sleep,
  watch,
  type Watching,
  type WatchOptions,
} from './watching';

/*
 * A host in a network of its own whose packets are dropped: neither side is told, so each believes in the connection
 * until TCP has sent again what was lost, after pauses that double.
 */
const mark = `network-${process.pid}`;
let network: NetNamespace | undefined;
let sshd: Sshd | undefined;
let watching: Watching | undefined;

beforeEach(async ({ skip }) => {
  const obstacle = netNamespaceObstacle();
  skip(obstacle !== undefined, obstacle);
  network = await NetNamespace.create();
  const { address, within } = network;
  sshd = await startSshd({ address, within, config: [markSessions(mark)] });
  trust(sshd);
});
afterEach(async () => {
  watching?.monitor.stop();
  watching = undefined;
  await sshd?.stop();
  sshd = undefined;
  await network?.stop();
  network = undefined;
});

async function attach(
  options: WatchOptions = {},
  connectTimeoutSeconds = 5,
): Promise<{
  readonly watched: Watching;
  readonly net: NetNamespace;
}> {
  if (!sshd || !network) throw new Error('there is no host');
  const watched = watch(sshTransport(optionsFor(sshd, [`ConnectTimeout ${connectTimeoutSeconds}`])), options);
  watching = watched;
  await more(watched, 10);
  return { watched, net: network };
}

/** Each question was answered on the one connection there was, and in order. */
function expectEachAnswered({ moments }: Watching): void {
  const seqs = moments.filter(({ sample }) => sample.clock === 'asked').map(({ sample }) => sample.seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
}

describe('a host whose network is gone for a while', () => {
  it.each([
    ['packets dropped', 8000, 'drop', 'letThrough'],
    ['cable unplugged', 6000, 'unplug', 'plug'],
  ] as const)('(%s for %d ms) goes on on the same connection', async (_, goneMs, cut, mend) => {
    const { watched, net } = await attach();
    const { connection } = watched.monitor;
    const ports = portsTo(net.address, 'connected');
    expect(ports).toHaveLength(1);
    net[cut]();
    const cutAtMs = performance.now();
    await reach(watched, 'silent');
    await sleep(cutAtMs + goneMs - performance.now());
    expect(watched.monitor.state.kind).toBe('silent');
    net[mend]();
    await reach(watched, 'live', 2 * goneMs);
    await more(watched, 10);
    expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'live']);
    expect(watched.monitor.connection).toBe(connection);
    expect(portsTo(net.address, 'connected')).toEqual(ports);
    expectNoneTwice(watched);
    expectEachAnswered(watched);
    // The host went on: its own clock took what nobody could ask for.
    expect(Math.max(...gapsOf(watched))).toBeLessThan(longestGapMs);
    const own = watched.moments.filter(({ sample }) => sample.clock === 'own');
    expect(own.length).toBeGreaterThanOrEqual(ownSamplesIn(goneMs));
    expect(Math.max(...own.map(({ ageMs }) => ageMs ?? 0))).toBeGreaterThan(goneMs - longestGapMs);
    expect(watched.monitor.interruptions).toEqual([]);
  });
});

describe('a connection whose packets are dropped while others get through', () => {
  it('is replaced by a second one, and leaves nothing on the host', async () => {
    const timing = { secondMs: 2000, graceMs: 1000 };
    const { watched, net } = await attach({ timing });
    const first = watched.monitor.connection;
    const old = sessionProcesses(mark).map(({ pid }) => pid);
    expect(old.length).toBeGreaterThan(0);
    const [port] = portsTo(net.address, 'connected');
    net.drop(port);
    await reach(watched, 'silent');
    await reach(watched, 'live', 15_000);
    await more(watched, 10);
    await first?.closed;

    // All of them: the silence that is the subject here is short.
    const { states } = watched;
    expect(states.map(({ kind }) => kind)).toEqual(['connecting', 'live', 'silent', 'silent', 'live']);
    expect(states[3]).toMatchObject({ kind: 'silent', second: { attempt: 1 } });
    expect(watched.monitor.connection).not.toBe(first);
    const ports = portsTo(net.address, 'connected');
    expect(ports).toHaveLength(1);
    expect(ports).not.toEqual([port]);
    expectNoneTwice(watched);
    // It cannot be told that it is over before packets get through again.
    net.letThrough();
    const left = (): number[] =>
      sessionProcesses(mark)
        .map(({ pid }) => pid)
        .filter((pid) => old.includes(pid));
    await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    await more(watched, 10);
    expect(watched.monitor.state).toEqual({ kind: 'live' });
  });
});

describe('a host that cannot be reached at all', () => {
  const secondPauseMs = 2000;

  it('keeps its connection, is tried once at a time, and is live again afterwards', async () => {
    const timing = { secondMs: 1500, secondPauseMs, graceMs: 30_000 };
    const { watched, net } = await attach({ timing }, 1);
    const { connection } = watched.monitor;
    const ports = portsTo(net.address, 'connected');
    expect(ports).toHaveLength(1);
    net.drop();
    // What the kernel of this machine sends, by port: one for each attempt.
    const attempts = new Map<number, number>();
    let atOnce = 0;
    for (const startMs = performance.now(); performance.now() - startMs < 9000;) {
      const now = portsTo(net.address, 'connecting');
      atOnce = Math.max(atOnce, now.length);
      for (const port of now) attempts.set(port, attempts.get(port) ?? performance.now());
      await sleep(20);
    }
    const starts = [...attempts.values()];
    const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    expect(atOnce).toBe(1);
    expect(starts.length).toBeGreaterThanOrEqual(2);
    expect(Math.min(...pauses)).toBeGreaterThan(secondPauseMs - 500);
    expect(new Set(kinds(watched))).toEqual(new Set(['connecting', 'live', 'silent']));
    // The last one may have begun since we looked.
    const attemptsTold = watched.states.map((state) =>
      state.kind === 'silent' ? (state.second?.attempt ?? 0) : 0,
    );
    expect([starts.length, starts.length + 1]).toContain(Math.max(...attemptsTold));
    expect(watched.monitor.connection).toBe(connection);
    expect(portsTo(net.address, 'connected')).toEqual(ports);

    net.letThrough();
    await reach(watched, 'live', 30_000);
    // Whichever is first, the lost packets that are sent again or a second connection: nothing is missing in the end.
    await expect.poll(() => Math.max(...gapsOf(watched)), { timeout: 20_000 }).toBeLessThan(longestGapMs);
    await more(watched, 10);
    expect(new Set(kinds(watched))).toEqual(new Set(['connecting', 'live', 'silent']));
    expectNoneTwice(watched);
    expect(watched.monitor.interruptions).toEqual([]);
  });
});
