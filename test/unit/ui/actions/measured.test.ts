import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withSelected } from '../../../../src/core/actions/plan';
import type { TargetResult } from '../../../../src/core/actions/result';
import type { Moment } from '../../../../src/monitor/moments';
import { measuredReturn } from '../../../../src/ui/actions/measured';
import { MemoryReadings } from '../../../../src/ui/actions/memoryReadings';
import { container, group, idOf, joined, MiB, plan, process } from '../../core/actions/hosts';

const id = idOf('a');
const containers = [joined(id, container(id), group('/docker/a', { anon: 100, kernel: 10 }))];
const target = { kind: 'container', id } as const;
const done: readonly TargetResult[] = [{ key: id, outcome: 'done' }];
const span = { beganAtMs: 10_000, endedAtMs: 12_000 };
const reading = (
  atMs: number,
  available: number,
): { bootId: string; atMs: number; availableBytes: number; swapFreeBytes: undefined } => ({
  bootId: 'boot',
  atMs,
  availableBytes: available * MiB,
  swapFreeBytes: undefined,
});
const readings = [reading(9000, 50), reading(13_000, 165)];

describe('the memory that came back', () => {
  it('is that of the host and that of the targets, by two sources', () => {
    const kill = plan({ action: 'kill-containers', target, containers });
    expect(measuredReturn(kill, done, span, readings, undefined)).toMatchObject({
      gainBytes: 115 * MiB,
      targetsBytes: 110 * MiB,
    });
  });

  it('of one that goes on is not known before it was read again', () => {
    for (const [action, limitBytes] of [
      ['restart-containers', undefined],
      ['set-memory-limit', 2048 * MiB],
    ] as const) {
      const made = plan({ action, target, containers, ...(limitBytes && { limitBytes }) });
      const returned = measuredReturn(made, done, span, readings, undefined);
      expect(returned).toMatchObject({ targetsBytes: undefined, unreadTargets: 1, others: undefined });
    }
    const kill = plan({ action: 'kill-containers', target, containers });
    const ending: readonly TargetResult[] = [{ key: id, outcome: 'ending' }];
    expect(measuredReturn(kill, ending, span, readings, undefined)).toMatchObject({ unreadTargets: 1 });
  });

  it('is all of a process that was read last while it was exiting', () => {
    const kill = plan({
      action: 'kill-process',
      target: { kind: 'process', pid: 7, startTicks: 4711 },
      processes: [process(7, {}, { rssAnonBytes: 40 * MiB })],
    });
    const exiting = process(7, { state: 'R' }, {}, { readAtMs: 12_001 });
    const survey = { processes: { get: () => exiting }, cgroups: { get: () => undefined } };
    const results = kill.targets.map(({ key }) => ({ key, outcome: 'done' }) as const);
    expect(measuredReturn(kill, results, span, readings, survey)).toMatchObject({
      targetsBytes: 40 * MiB,
      unreadTargets: 0,
    });
  });

  it('is none where the action gives none, nothing was hit, or nothing was ticked', () => {
    const freeze = plan({ action: 'freeze-containers', target, containers });
    expect(measuredReturn(freeze, done, span, readings, undefined)).toBeUndefined();
    const kill = plan({ action: 'kill-containers', target, containers });
    const gone: readonly TargetResult[] = [{ key: id, outcome: 'gone' }];
    expect(measuredReturn(kill, gone, span, readings, undefined)).toBeUndefined();
    expect(measuredReturn(withSelected(kill, new Set()), [], span, readings, undefined)).toBeUndefined();
  });
});

describe('readings of the memory', () => {
  let tell: (moment: Moment) => void;
  let hurried: number;
  let readings: MemoryReadings;
  beforeEach(() => {
    vi.useFakeTimers();
    hurried = 0;
    readings = new MemoryReadings({
      latest: undefined,
      hurry: () => {
        hurried += 1;
      },
      onMoment: (listener) => {
        tell = listener;
        return { dispose: () => undefined };
      },
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const moment = (at: number, bootId = 'boot'): Moment => ({
    sample: { at, bootId, clock: 'asked', seq: 1, answerDelayMs: 1, problems: {} },
    facts: { problems: {} },
    available: { bytes: at, computed: false },
    wallMs: 0,
    wireBytes: 0,
  });

  it('are kept for some minutes, and no more than a few hundred', () => {
    for (let second = 0; second < 1000; second++) tell(moment(second * 1000));
    expect(readings.all.at(0)?.atMs).toBe(999_000 - 5 * 60_000);
    for (let boot = 0; boot < 2000; boot++) tell(moment(1, `boot-${boot}`));
    expect(readings.all).toHaveLength(600);
  });

  it('are waited for after an action, but not for ever', async () => {
    const ended = vi.fn();
    void readings.after(5000, new AbortController().signal).then(ended);
    for (const at of [4000, 6000, 7000]) tell(moment(at));
    await vi.advanceTimersByTimeAsync(1000);
    expect(ended).not.toHaveBeenCalled();
    tell(moment(8000));
    await vi.advanceTimersByTimeAsync(1000);
    expect(ended).toHaveBeenCalledOnce();
    expect(hurried).toBeGreaterThan(0);
    const late = vi.fn();
    void readings.after(50_000, new AbortController().signal).then(late);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(late).toHaveBeenCalledOnce();
  });
});
