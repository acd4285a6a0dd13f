import { describe, expect, it } from 'vitest';
import { CgroupTable } from '../../../../src/core/cgroups/cgroupTable';
import { EventBook } from '../../../../src/core/oomEvents/eventBook';
import type { WitnessedKills } from '../../../../src/core/oomEvents/hostEvent';
import { ProcessTrail } from '../../../../src/core/oomEvents/processTrail';
import { Witnesses, type LogView } from '../../../../src/core/oomEvents/witnessCounts';
import { ProcessTable } from '../../../../src/core/processes/processTable';
import { slice, stats } from '../processes/slices';
import { found, kill, randomOf } from './kills';

const reading: LogView = { state: 'reading', firstLineMs: 0, rateLimited: false };
const denied: LogView = { state: 'denied', rateLimited: false };

/** A host of which counters and processes are told, second by second. */
class Watched {
  readonly trail = new ProcessTrail();
  readonly witnesses = new Witnesses(this.trail);
  readonly book = new EventBook();
  private readonly processes = new ProcessTable(4096);
  private readonly cgroups = new CgroupTable();

  count(atSeconds: number, oomKill: number | undefined): void {
    const vmstat = oomKill === undefined ? {} : { oomKill };
    this.witnesses.noteSample({ bootId: 'boot', at: atSeconds * 1000, vmstat });
  }

  groups(atSeconds: number, kills: Readonly<Record<string, number>>): void {
    const text = Object.fromEntries(
      Object.entries(kills).flatMap(([path, count]) => [
        [`sys/fs/cgroup${path}/memory.current`, '4096\n'],
        [`sys/fs/cgroup${path}/memory.events`, `oom_kill ${count}\n`],
      ]),
    );
    this.cgroups.add(slice(atSeconds, { cgroups: Object.keys(kills), text }));
    this.witnesses.noteSurvey({ bootId: 'boot', cgroups: this.cgroups });
  }

  pids(atSeconds: number, ...pids: readonly number[]): void {
    this.show(atSeconds, stats(Object.fromEntries(pids.map((pid) => [pid, { rss: pid, name: `p${pid}` }]))));
  }

  show(atSeconds: number, text: Record<string, string>): void {
    const pids = Object.keys(text).map((file) => Number(file.split('/')[1]));
    this.processes.add(slice(atSeconds, { pids, text }));
    this.trail.note({ bootId: 'boot', processes: this.processes }, atSeconds * 1000);
  }

  log(pid: number, atSeconds: number): void {
    const change = this.book.add(found(kill(pid, atSeconds * 1000), { bootId: 'boot' }));
    if (change) this.witnesses.noteEvent(change.event);
  }
}

describe('a kill that is counted', () => {
  it('and explained by the log is told by no counter', () => {
    const host = new Watched();
    host.count(100, 5);
    host.count(101, 6);
    host.log(70, 100.5);
    expect(host.witnesses.found(reading, 107_000)).toEqual([]);
    expect(host.witnesses.ledger(reading)).toEqual({
      bootId: 'boot',
      counted: 6,
      explained: 1,
      withoutLog: 5,
      notCounted: 0,
      reasons: ['unknown'],
    });
  });

  it('and not explained is told after the log has had its time, once', () => {
    const host = new Watched();
    host.count(100, 5);
    host.count(101, 7);
    expect(host.witnesses.found(reading, 104_000)).toEqual([]);
    const witnessed = {
      count: 2,
      fromCount: 5,
      toCount: 7,
      fromMs: 100_000,
      toMs: 101_000,
      cgroups: [],
      gone: [],
    };
    expect(host.witnesses.found(reading, 106_000)).toEqual([
      {
        event: {
          kind: 'kernel',
          id: '101000-count-7',
          scope: 'unknown',
          victims: [],
          outcome: 'killed',
          complete: false,
          missing: ['trigger', 'scope', 'cgroup', 'victim', 'sizes'],
        },
        source: 'counters',
        bootId: 'boot',
        atMs: undefined,
        witnessed,
      },
    ]);
    expect(host.witnesses.found(reading, 107_000)).toEqual([]);
  });

  it('names its cgroup, the innermost, and who has gone from there', () => {
    const host = new Watched();
    host.count(100, 5);
    host.groups(100, { '/a': 1, '/a/b': 1, '/c': 0 });
    host.pids(100, 11, 12, 13);
    host.count(101, 6);
    host.pids(102, 11, 13);
    expect(host.witnesses.found(denied, 102_000)).toMatchObject([
      { witnessed: { cgroups: [], gone: [{ pid: 12, name: 'p12', rssBytes: 12 * 4096 }] } },
    ]);
    host.groups(105, { '/a': 2, '/a/b': 2, '/c': 0 });
    expect(host.witnesses.found(denied, 106_000)).toMatchObject([
      { event: { cgroup: { task: '/a/b' } }, witnessed: { cgroups: [{ path: '/a/b', kills: 1 }] } },
    ]);
    expect(host.witnesses.isFollowing(106_000)).toBe(true);
    expect(host.witnesses.isFollowing(140_000)).toBe(false);
  });

  it('names who has gone with what it held, not with what was left of it as a zombie', () => {
    const host = new Watched();
    host.count(100, 5);
    host.pids(100, 11, 12);
    host.count(101, 6);
    host.show(102, stats({ 11: { rss: 11, name: 'p11' }, 12: { rss: 0, name: 'p12', state: 'Z' } }));
    host.pids(103, 11);
    expect(host.witnesses.found(denied, 103_000)).toMatchObject([
      { witnessed: { gone: [{ pid: 12, name: 'p12', rssBytes: 12 * 4096 }] } },
    ]);
  });

  it('two, one of which is explained: one is told', () => {
    const host = new Watched();
    host.count(100, 5);
    host.count(101, 7);
    host.log(70, 100.5);
    expect(host.witnesses.found(reading, 107_000)).toMatchObject([{ witnessed: { count: 1 } }]);
  });

  it('explained late is one that the next rise is not taken for', () => {
    const host = new Watched();
    host.count(100, 5);
    host.count(101, 6);
    expect(host.witnesses.found(reading, 107_000)).toHaveLength(1);
    host.log(70, 100.5);
    host.count(120, 7);
    expect(host.witnesses.found(reading, 130_000)).toMatchObject([
      { witnessed: { fromCount: 6, toCount: 7 } },
    ]);
  });

  it('without a line, soon before one that has one, is told, and the other one is not', () => {
    const host = new Watched();
    host.count(100, 5);
    host.count(101, 6);
    host.count(102, 7);
    host.log(70, 101.5);
    const told = [106, 107, 120].flatMap((at) => host.witnesses.found(reading, at * 1000));
    expect(told).toMatchObject([{ witnessed: { count: 1, fromCount: 5, toCount: 6 } }]);
    expect(told).toHaveLength(1);
  });

  it('is explained by a line whose clock is a little ahead of it, though another one follows', () => {
    const host = new Watched();
    host.count(100, 5);
    host.count(101, 6);
    host.count(102, 7);
    host.log(70, 101.1);
    host.log(71, 102.1);
    expect([106, 107, 120].flatMap((at) => host.witnesses.found(reading, at * 1000))).toEqual([]);
  });

  it('in a gap of the connection is explained by a line that came before the sample', () => {
    const host = new Watched();
    host.count(100, 5);
    host.log(70, 2000);
    host.count(4000, 6);
    expect(host.witnesses.found(reading, 4_010_000)).toEqual([]);
  });

  it('is explained by no line of another time, or of a time that is not known', () => {
    const host = new Watched();
    host.count(100, 5);
    host.log(70, 300);
    const { kernelTimeMs, ...timeless } = kill(71, 0);
    expect(kernelTimeMs).toBe(0);
    const change = host.book.add(found(timeless, { bootId: 'boot' }));
    if (change) host.witnesses.noteEvent(change.event);
    host.count(500, 5);
    host.count(501, 6);
    expect(host.witnesses.found(reading, 510_000)).toMatchObject([{ witnessed: { count: 1 } }]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('adds up in whatever order lines and samples come (seed %i)', (seed) => {
    const random = randomOf(seed);
    const host = new Watched();
    host.count(99, 0);
    const logged = new Map<number, number>();
    let count = 0;
    for (let at = 100; at < 160; at++) {
      for (let kills = Math.floor(random() * 3); kills > 0; kills--) {
        count++;
        if (random() < 0.6) logged.set(count, at - random());
      }
      if (random() < 0.8) host.count(at, count);
    }
    host.count(160, count);
    const told: WitnessedKills[] = [];
    const late = [...logged].map(([pid, at]) => ({ pid, at, comes: at + random() * 4 }));
    for (let now = 100; now < 260; now++) {
      for (const one of late.filter(({ comes }) => Math.ceil(comes) === now)) host.log(one.pid, one.at);
      for (const { witnessed } of host.witnesses.found(reading, now * 1000))
        if (witnessed) told.push(witnessed);
    }
    expect(told.reduce((sum, one) => sum + one.count, 0)).toBe(count - logged.size);
  });

  it('names a cgroup that was made anew since', () => {
    const host = new Watched();
    host.count(100, 5);
    host.groups(100, { '/a': 3, '/b': 2 });
    host.count(101, 6);
    host.groups(102, { '/a': 1, '/b': 0 });
    expect(host.witnesses.found(denied, 103_000)).toMatchObject([
      { witnessed: { cgroups: [{ path: '/a', kills: 1 }] } },
    ]);
  });

  it('names each cgroup with its own kills, in whatever order the groups are listed', () => {
    const host = new Watched();
    host.count(100, 5);
    host.groups(100, { '/a/b': 0, '/a': 0, '/a/b/c': 0, '/x': 0, '/x/y': 0 });
    host.count(101, 8);
    host.groups(102, { '/a/b': 1, '/a': 1, '/a/b/c': 1, '/x': 2, '/x/y': 1 });
    const [first] = host.witnesses.found(denied, 103_000);
    expect(first?.witnessed?.cgroups).toEqual([
      { path: '/a/b/c', kills: 1 },
      { path: '/x', kills: 1 },
      { path: '/x/y', kills: 1 },
    ]);
  });

  it('by another boot is another count', () => {
    const host = new Watched();
    host.count(100, 5);
    host.witnesses.noteSample({ bootId: 'next', at: 3000, vmstat: { oomKill: 0 } });
    expect(host.witnesses.found(reading, 20_000)).toEqual([]);
    expect(host.witnesses.ledger(reading)).toMatchObject({ bootId: 'next', counted: 0, withoutLog: 0 });
  });

  it('before anybody looked is none of ours, but stands in the ledger with the reason', () => {
    const host = new Watched();
    host.count(100, 5);
    expect(host.witnesses.found(reading, 200_000)).toEqual([]);
    expect(host.witnesses.ledger(denied)).toMatchObject({ withoutLog: 5, reasons: ['log-not-readable'] });
    const overwritten: LogView = { state: 'reading', firstLineMs: 50_000, rateLimited: true };
    expect(host.witnesses.ledger(overwritten)?.reasons).toEqual(['log-overwritten', 'rate-limited']);
  });

  it('where the kernel counts nothing there is no ledger', () => {
    const host = new Watched();
    host.count(100, undefined);
    expect(host.witnesses.ledger(reading)).toBeUndefined();
  });
});
