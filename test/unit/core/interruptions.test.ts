import { describe, expect, it } from 'vitest';
import { interruptionsBetween, stallMsBetween, type HostTime } from '../../../src/core/interruptions';
import type { CpuTicks } from '../../../src/core/proc/stat';
import { sampleOf } from '../../../src/core/sample';
import { captureOf, procFixtures } from './fixtures';

const btimeMs = 1_795_380_000_000;

/** A host with 2 processors, each of which has spent `awakeMs` on something. */
function hostAt(at: number, awakeMs = at, more: Partial<HostTime> & { btime?: number } = {}): HostTime {
  const cpu: CpuTicks = {
    user: awakeMs / 20,
    nice: 0,
    system: awakeMs / 40,
    idle: awakeMs / 10,
    iowait: awakeMs / 80,
    irq: 0,
    softirq: 0,
    steal: awakeMs / 80,
    guest: awakeMs / 20,
    guestNice: 0,
  };
  const { btime = btimeMs, ...rest } = more;
  return { bootId: 'boot', at, stat: { cpu, btimeMs: btime }, ...rest };
}

const last = hostAt(100_000);

describe('interruptionsBetween', () => {
  it('is silent when nothing happened', () => {
    expect(interruptionsBetween(last, hostAt(101_000), 2, 1001)).toEqual([]);
    expect(interruptionsBetween(last, hostAt(160_000), 2, 64_000)).toEqual([]);
    expect(interruptionsBetween(last, last, 2, 0)).toEqual([]);
    expect(interruptionsBetween(last, hostAt(NaN), 2, 1e6)).toEqual([]);
  });

  it.each(procFixtures.filter(({ later }) => later !== undefined))('$name: nothing happened', (fixture) => {
    const before = sampleOf(captureOf(fixture.texts));
    const after = sampleOf(captureOf(fixture.later ?? {}));
    const elapsedMs = after.at - before.at;
    // Some of these machines spent less than all ticks, for they were starved by what ran beside them.
    for (const processors of [1, 2]) {
      expect(interruptionsBetween(before, after, processors, elapsedMs + 4000)).toEqual([]);
    }
    expect(stallMsBetween(before, after, elapsedMs, 2)).toBe(0);
    expect(stallMsBetween(before, after, 0, 2)).toBe(elapsedMs);
  });

  it('tells a reboot, and how long it took by our clock or else by the host', () => {
    const reborn = hostAt(12_000, 12_000, { bootId: 'other', btime: btimeMs + 150_000 });
    expect(interruptionsBetween(last, reborn, 2, 40_000)).toEqual([{ kind: 'reboot', downMs: 28_000 }]);
    expect(interruptionsBetween(last, reborn, 2, undefined)).toEqual([{ kind: 'reboot', downMs: 50_000 }]);
    // Clocks that contradict each other tell nothing.
    const early = hostAt(12_000, 12_000, { bootId: 'other' });
    expect(interruptionsBetween(last, early, 2, 5000)).toEqual([{ kind: 'reboot', downMs: undefined }]);
    expect(interruptionsBetween({ bootId: 'a', at: 9 }, { bootId: 'b', at: 5 }, 2, undefined)).toEqual([
      { kind: 'reboot', downMs: undefined },
    ]);
  });

  it('goes by the uptime where a boot id is not known', () => {
    const unknown = (at: number): HostTime => hostAt(at, at, { bootId: '' });
    expect(interruptionsBetween(unknown(9000), unknown(5000), 2, undefined)).toMatchObject([
      { kind: 'reboot' },
    ]);
    expect(interruptionsBetween(last, unknown(100_500), 2, undefined)).toEqual([]);
  });

  it('tells a suspend and its length', () => {
    expect(interruptionsBetween(last, hostAt(701_000, 101_000), 2, 601_000)).toEqual([
      { kind: 'suspend', lengthMs: 600_000 },
    ]);
    expect(interruptionsBetween(last, hostAt(106_000, 101_000), 2, 6000)).toEqual([
      { kind: 'suspend', lengthMs: 5000 },
    ]);
    expect(interruptionsBetween(last, hostAt(105_990, 101_000), 2, 6000)).toEqual([]);
  });

  it('takes neither a freeze under load nor swallowed ticks for a suspend', () => {
    // Ticks are spent while everything waits for a disk.
    expect(interruptionsBetween(last, hostAt(160_000), 2, 60_000)).toEqual([]);
    expect(interruptionsBetween(last, hostAt(120_000, 105_000), 2, 20_000)).toEqual([]);
    // Half of the processors went offline after they were counted.
    expect(interruptionsBetween(last, hostAt(160_000), 4, 60_000)).toEqual([]);
  });

  it('tells no suspend without ticks or the number of processors, and a short one where ticks are finer', () => {
    const slept = hostAt(701_000, 101_000);
    expect(interruptionsBetween(last, slept, undefined, undefined)).toEqual([]);
    expect(interruptionsBetween(last, slept, 0, undefined)).toEqual([]);
    expect(interruptionsBetween(last, { ...slept, stat: { btimeMs } }, 2, undefined)).toEqual([]);
    // USER_HZ 1024: 10.24 times as many ticks.
    const alpha = hostAt(701_000, 100_000 + 10_240);
    expect(interruptionsBetween(last, alpha, 2, undefined)).toEqual([
      { kind: 'suspend', lengthMs: 601_000 - 10_240 },
    ]);
    const awake = hostAt(160_000, 100_000 + 614_400);
    expect(interruptionsBetween(last, awake, 2, undefined)).toEqual([]);
  });

  it('tells a step of the wall clock and its direction, and not its flicker', () => {
    const stepped = (ms: number): HostTime => hostAt(101_000, 101_000, { btime: btimeMs + ms });
    expect(interruptionsBetween(last, stepped(2000), 2, 1000)).toEqual([
      { kind: 'clock-step', stepMs: 2000 },
    ]);
    expect(interruptionsBetween(last, stepped(-3_600_000), 2, 1000)).toEqual([
      { kind: 'clock-step', stepMs: -3_600_000 },
    ]);
    expect(interruptionsBetween(last, stepped(1000), 2, 1000)).toEqual([]);
    expect(interruptionsBetween(last, stepped(-1000), 2, 1000)).toEqual([]);
  });

  it('tells a snapshot that was restored, with the wall clock set after it', () => {
    const restored = hostAt(40_000, 40_000, { btime: btimeMs + 61_000 });
    expect(interruptionsBetween(last, restored, 2, 1000)).toEqual([
      { kind: 'clock-back', backMs: 60_000 },
      { kind: 'clock-step', stepMs: 61_000 },
    ]);
    expect(interruptionsBetween(last, hostAt(99_001), 2, 1000)).toEqual([]);
  });

  it('tells that a virtual machine was stopped, where our clock is known', () => {
    expect(interruptionsBetween(last, hostAt(101_000), 2, 31_000)).toEqual([
      { kind: 'paused', lengthMs: 30_000 },
    ]);
    expect(interruptionsBetween(last, hostAt(101_000), 2, 6000)).toEqual([]);
    expect(interruptionsBetween(last, hostAt(101_000), 2, undefined)).toEqual([]);
  });
});

describe('stallMsBetween', () => {
  it('is how much later than expected it was on the host', () => {
    expect(stallMsBetween(last, hostAt(101_000), 1000, 2)).toBe(0);
    expect(stallMsBetween(last, hostAt(100_400), 1000, 2)).toBe(0);
    expect(stallMsBetween(last, hostAt(101_250), 1000, 2)).toBe(0);
    expect(stallMsBetween(last, hostAt(101_251), 1000, 2)).toBe(251);
    expect(stallMsBetween(last, hostAt(112_400), 1000, 2)).toBe(11_400);
  });

  it('leaves a suspend out, where the processors are known', () => {
    expect(stallMsBetween(last, hostAt(701_000, 101_000), 1000, 2)).toBe(0);
    expect(stallMsBetween(last, hostAt(701_000, 104_000), 1000, 2)).toBe(3000);
    expect(stallMsBetween(last, hostAt(701_000, 101_000), 1000)).toBe(600_000);
  });

  it('is not known over a reboot or a snapshot', () => {
    expect(stallMsBetween(last, hostAt(200_000, 0, { bootId: 'other' }), 1000, 2)).toBeUndefined();
    expect(stallMsBetween(last, hostAt(99_000), 1000, 2)).toBeUndefined();
    expect(stallMsBetween(last, hostAt(NaN), 1000, 2)).toBeUndefined();
  });
});
