import type { OomEvent } from '../oom/event';

/** A boot as the journal lists it: when it wrote first and last, ms since the epoch by the host's clock. */
export interface KnownBoot {
  readonly bootId: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What the times in a file are read with. */
export interface LogFileClock {
  readonly boots: readonly KnownBoot[];
  /** The host's time of day now, ms since the epoch. */
  readonly nowMs: number;
  /** What the host's local time is ahead of UTC, now. */
  readonly zoneMs: number;
}

/** The journal begins when some of the boot is over, and clocks are set soon after. */
const startApartMs = 120_000;

const hourMs = 3_600_000;

/**
 * The boot that a kill in a file of syslog belongs to, by its times, and when that was, ms since the epoch. Local times are without
 * a zone, and those of the old form without a year: that of the last such day that is over.
 */
export function bootOfLogged(
  { kernelTimeMs, localTime, wallMs }: Pick<OomEvent, 'kernelTimeMs' | 'localTime' | 'wallMs'>,
  { boots, nowMs, zoneMs }: LogFileClock,
): { readonly bootId: string | undefined; readonly atMs: number | undefined } {
  const atMs = wallMs ?? (localTime === undefined ? undefined : atOf(localTime, nowMs, zoneMs));
  if (atMs === undefined) return { bootId: undefined, atMs };
  // Summer time may have begun or ended since.
  const shifts = wallMs === undefined ? [0, -hourMs, hourMs] : [0];
  for (const shift of shifts) {
    const moment = atMs + shift;
    const started =
      kernelTimeMs === undefined ? [] : boots.filter((boot) => isStart(boot, moment - kernelTimeMs));
    if (started.length === 1) return { bootId: started[0]?.bootId, atMs: moment };
  }
  const within = boots.filter(
    ({ firstMs, lastMs }) =>
      kernelTimeMs === undefined && atMs >= firstMs - startApartMs && atMs <= lastMs + startApartMs,
  );
  return { bootId: within.length === 1 ? within[0]?.bootId : undefined, atMs };
}

function isStart({ firstMs }: KnownBoot, startMs: number): boolean {
  return Math.abs(startMs - firstMs) <= startApartMs;
}

/** `11-23T08:15:02`, `2026-11-23T08:15:02.5` */
function atOf(localTime: string, nowMs: number, zoneMs: number): number | undefined {
  const match = /^(?:(\d{4})-)?(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?/.exec(localTime.slice(0, 40));
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '.0'] = match;
  const at = (inYear: number): number =>
    Date.UTC(inYear, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
    Math.floor(Number(`0${fraction}`) * 1000) -
    zoneMs;
  if (year !== undefined) return at(Number(year));
  const thisYear = new Date(nowMs + zoneMs).getUTCFullYear();
  // A day of tolerance: the host's clock may have been ahead.
  return at(thisYear) <= nowMs + 24 * hourMs ? at(thisYear) : at(thisYear - 1);
}
