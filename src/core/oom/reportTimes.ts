import type { OomEvent } from './event';
import type { LogRecord } from './logRecord';
import { present } from './present';

/** When a line was logged, and where; what the envelope tells of it. */
export type ReportTimes = Pick<
  OomEvent,
  'kernelTimeMs' | 'kernelTimeMicroseconds' | 'wallMs' | 'localTime' | 'bootId' | 'boot' | 'host'
>;

export function timesOf(record: LogRecord): ReportTimes {
  return present<ReportTimes>({
    kernelTimeMs: record.kernelTimeMs,
    kernelTimeMicroseconds: record.kernelTimeMicroseconds,
    wallMs: record.wallMs,
    localTime: record.localTime,
    bootId: record.bootId,
    boot: record.boot,
    host: record.host,
  });
}

/** Names the host and the boot that a record is of: reports of two of them have nothing in common. */
export function originOf({ host, bootId, boot }: ReportTimes): string {
  return `${host ?? ''} ${bootId ?? ''} ${boot ?? ''}`;
}

/**
 * How long after an earlier record another was logged.
 * @returns ms, below 0: before it; undefined where they have no time in common.
 */
export function msBetween(earlier: ReportTimes, later: ReportTimes): number | undefined {
  if (earlier.kernelTimeMs !== undefined && later.kernelTimeMs !== undefined)
    return later.kernelTimeMs - earlier.kernelTimeMs;
  if (earlier.wallMs !== undefined && later.wallMs !== undefined) return later.wallMs - earlier.wallMs;
  const [from, to] = [localMs(earlier.localTime), localMs(later.localTime)];
  return from === undefined || to === undefined ? undefined : to - from;
}

/** `11-23T08:15:02`, `2026-11-23T08:15:02.5` in ms since no matter when: right within a month, which is all that is asked. */
function localMs(localTime: string | undefined): number | undefined {
  const match =
    localTime === undefined ? null : /(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d{1,9})?)/.exec(localTime);
  if (match === null) return undefined;
  const [, month, day, hours, minutes, seconds] = match.map(Number);
  const days = (month ?? 0) * 31 + (day ?? 0);
  return (((days * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
