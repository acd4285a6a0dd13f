import { freeFigures } from '../core/memory';
import { formatBytes } from '../core/units';
import type { Moment } from '../monitor/hostMonitor';

/** Available memory of a moment. */
export interface AvailableView {
  readonly bytes: number;
  /** Share of MemTotal. */
  readonly percent: number;
  /** True where the kernel (before 3.14) does not tell MemAvailable and it was computed. */
  readonly computed: boolean;
}

/** Available memory, or undefined where the host does not tell enough. */
export function availableView(moment: Moment | undefined): AvailableView | undefined {
  const total = moment?.sample.meminfo?.memTotalBytes;
  if (!moment?.available || !total) return undefined;
  const { bytes, computed } = moment.available;
  return { bytes, computed, percent: (bytes / total) * 100 };
}

/** `1.9 GiB (31 %)`, with `≈` where it is computed and not told by the kernel. */
export function availableText({ bytes, percent, computed }: AvailableView): string {
  return `${computed ? '≈ ' : ''}${formatBytes(bytes)} (${Math.round(percent)} %)`;
}

/** The lines of `free`, as label and value in bytes; undefined without memory figures. */
export function freeLines(moment: Moment): readonly (readonly [string, number])[] | undefined {
  const { sample, available } = moment;
  if (!sample.meminfo) return undefined;
  const free = freeFigures(sample.meminfo, available);
  const lines: (readonly [string, number | undefined])[] = [
    ['total', free.totalBytes],
    ['used', free.usedBytes],
    ['free', free.freeBytes],
    ['shared', free.sharedBytes],
    ['buff/cache', free.buffCacheBytes],
    // not free's: procps shows MemFree where MemAvailable is 0, at the very worst moment
    ['available', available?.bytes],
    ['swap used', free.swapUsedBytes],
    ['swap free', free.swapFreeBytes],
  ];
  return lines.filter((line): line is readonly [string, number] => line[1] !== undefined);
}
