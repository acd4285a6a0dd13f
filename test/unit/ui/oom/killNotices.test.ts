import { beforeEach, describe, expect, it } from 'vitest';
import { KillNotices } from '../../../../src/ui/oom/killNotices';

/** A clock that stands still until it is told to go on. */
class HandClock {
  private readonly timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  private now = 1_000_000;

  nowMs(): number {
    return this.now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.now + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.now + ms;
    for (;;) {
      await Promise.resolve(); // what was closed is known
      const [next] = [...this.timers].sort((one, other) => one.atMs - other.atMs);
      if (!next || next.atMs > endMs) break;
      this.timers.delete(next);
      this.now = next.atMs;
      next.run();
    }
    this.now = endMs;
  }
}

describe('notices of kills', () => {
  let clock: HandClock;
  let told: { readonly atMs: number; readonly kills: readonly string[]; readonly close: () => void }[];
  let notices: KillNotices<string>;
  let startMs: number;

  beforeEach(() => {
    clock = new HandClock();
    told = [];
    startMs = clock.nowMs();
    notices = new KillNotices<string>(
      (kills) =>
        new Promise((resolve) => {
          told.push({ atMs: clock.nowMs() - startMs, kills, close: resolve });
        }),
      clock,
    );
  });

  const tellings = (): (readonly [atMs: number, kills: string])[] =>
    told.map(({ atMs, kills }) => [atMs, kills.join(' ')]);

  it('tell the first within 300 ms, with its companions', async () => {
    notices.add('a');
    await clock.advance(200);
    notices.add('b');
    await clock.advance(200);
    expect(tellings()).toEqual([[300, 'a b']]);
  });

  it('tell what follows while the first is open as one, after 30 s', async () => {
    notices.add('a');
    await clock.advance(1000);
    notices.add('b');
    await clock.advance(10_000);
    notices.add('c');
    await clock.advance(19_299);
    expect(tellings()).toEqual([[300, 'a']]);
    await clock.advance(1);
    expect(tellings()).toEqual([
      [300, 'a'],
      [30_300, 'b c'],
    ]);
  });

  it('tell what follows when the first was closed and the burst pauses', async () => {
    notices.add('a');
    await clock.advance(1000);
    told[0]?.close();
    notices.add('b');
    await clock.advance(2000);
    notices.add('c');
    await clock.advance(2999);
    expect(tellings()).toEqual([[300, 'a']]);
    await clock.advance(1);
    expect(tellings().at(-1)).toEqual([6000, 'b c']);
  });

  it('tell a burst that does not pause after 30 s, even where the first was closed', async () => {
    notices.add('a');
    await clock.advance(300);
    told[0]?.close();
    for (let second = 0; second < 40; second++) {
      notices.add('b');
      await clock.advance(1000);
    }
    expect(tellings()[1]?.[0]).toBe(30_300);
  });

  it('tell one far apart at once, although an earlier one is still open', async () => {
    notices.add('a');
    await clock.advance(60_000);
    notices.add('b');
    await clock.advance(300);
    expect(tellings()).toEqual([
      [300, 'a'],
      [60_300, 'b'],
    ]);
  });

  it('come ever more rarely while nobody closes them and kills go on, and often again when one does', async () => {
    const tenHoursMs = 10 * 3_600_000;
    for (let ms = 0; ms < tenHoursMs; ms += 5000) {
      notices.add('x');
      await clock.advance(5000);
    }
    expect(told.slice(0, 5).map(({ atMs }) => atMs)).toEqual([300, 30_300, 90_300, 210_300, 450_300]);
    expect(told.length).toBeLessThan(50);
    const before = told.length;
    for (const { close } of told) close();
    await clock.advance(1);
    for (let ms = 0; ms < 120_000; ms += 1000) {
      notices.add('y');
      told.at(-1)?.close();
      await clock.advance(1000);
    }
    expect(told.length).toBeGreaterThanOrEqual(before + 3);
  });

  it('tell what is known by then', async () => {
    notices.add('unknown');
    notices.replace((kill) => kill === 'unknown', 'python3');
    await clock.advance(300);
    notices.replace((kill) => kill === 'python3', 'told already');
    expect(tellings()).toEqual([[300, 'python3']]);
  });

  it('tell nothing once nobody wants them', async () => {
    notices.add('a');
    notices.dispose();
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });
});
