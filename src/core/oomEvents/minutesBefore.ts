import type { ChartId } from '../charts';
import { charts } from '../charts';
import type { Point } from '../point';
import type { MinutesBefore } from './hostEvent';

/** So long before a kill, in steps of so long; ms. */
const spanMs = 5 * 60_000;
const stepMs = 5000;
const steps = spanMs / stepMs;

/**
 * What the charts showed in the minutes before a kill: of each step the lowest available memory, the smallest page cache and the
 * longest waiting for memory.
 * @param killedMs ms since the epoch.
 * @param points of the history, in any order.
 * @returns undefined where nothing was measured.
 */
export function minutesBeforeOf(killedMs: number, points: readonly Point[]): MinutesBefore | undefined {
  const fromMs = killedMs - spanMs;
  const available = emptySteps();
  const pageCache = emptySteps();
  const full = emptySteps();
  for (const point of points) {
    const step = Math.floor((point.at - fromMs) / stepMs);
    if (step < 0 || step >= steps) continue;
    take(available, step, valueOf(point, places.available), Math.min);
    take(pageCache, step, valueOf(point, places.pageCache), Math.min);
    take(full, step, valueOf(point, places.full), Math.max);
  }
  if ([...available, ...pageCache, ...full].every((value) => value === null)) return undefined;
  return { fromMs, stepMs, availableBytes: available, pageCacheBytes: pageCache, memoryFullPercent: full };
}

interface Place {
  readonly chart: ChartId;
  readonly index: number;
}

function placeOf(chart: ChartId, series: string): Place {
  const index = charts.find(({ id }) => id === chart)?.series.findIndex(({ id }) => id === series) ?? -1;
  return { chart, index };
}

const places = {
  available: placeOf('memory', 'available'),
  pageCache: placeOf('page-cache-size', 'page-cache'),
  full: placeOf('pressure', 'memory-full'),
};

function valueOf({ values }: Point, { chart, index }: Place): number | null {
  return values[chart]?.[index] ?? null;
}

function emptySteps(): (number | null)[] {
  return Array.from({ length: steps }, () => null);
}

function take(
  values: (number | null)[],
  step: number,
  value: number | null,
  choose: (one: number, other: number) => number,
): void {
  if (value === null) return;
  const known = values[step] ?? null;
  values[step] = known === null ? value : choose(known, value);
}
