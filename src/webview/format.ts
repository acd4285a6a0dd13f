import { formatBytes, formatDuration, formatPercent } from '../core/units';
import type { PageStrings } from '../core/pageStrings';
import type { ChartView } from '../protocol';
import { fill } from './strings';

type Unit = ChartView['unit'];

/** A value as the legend, the tooltip and the table say it; a dash where there is none. */
export function formatValue(unit: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytesPerSecond':
      return `${formatBytes(value)}/s`;
    case 'perSecond':
      return `${formatCount(value)}/s`;
    case 'percent':
      return formatPercent(value);
    case 'milliseconds':
      return formatDuration(value);
  }
}

/** `+1.5 MiB/min`; undefined where it is not known. */
export function formatGrowth(
  bytesPerMinute: number | undefined,
  { perMinute }: Pick<PageStrings, 'perMinute'>,
): string | undefined {
  if (bytesPerMinute === undefined) return undefined;
  return fill(perMinute, `${bytesPerMinute > 0 ? '+' : ''}${formatBytes(bytesPerMinute)}`);
}

/** A value as the axis says it: ticks are round, so no more digits are needed than they have. */
export function formatTick(unit: Unit, value: number): string {
  switch (unit) {
    case 'bytes':
      return roundBytes(value);
    case 'bytesPerSecond':
      return value === 0 ? '0' : `${roundBytes(value)}/s`;
    case 'perSecond':
      return value === 0 ? '0' : `${formatCount(value)}/s`;
    case 'percent':
      return `${value} %`;
    case 'milliseconds':
      if (value === 0) return '0';
      return value >= 1000 ? `${value / 1000} s` : `${value} ms`;
  }
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function roundBytes(value: number): string {
  if (value === 0) return '0';
  const power = Math.min(byteUnits.length - 1, Math.floor(Math.log2(value) / 10));
  return `${Number((value / 1024 ** power).toPrecision(3))} ${byteUnits[power] ?? ''}`;
}

/** Counts in three digits: `0`, `0.4`, `12`, `3.1 k`, `2 M`. */
function formatCount(value: number): string {
  if (value >= 1e6) return `${short(value / 1e6)} M`;
  if (value >= 1e4) return `${short(value / 1e3)} k`;
  return value < 10 ? short(value) : String(Math.round(value));
}

function short(value: number): string {
  return String(value < 100 ? Number(value.toFixed(1)) : Math.round(value));
}
