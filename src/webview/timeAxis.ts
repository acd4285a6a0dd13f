const hour = 3_600_000;

/** Distances between two ticks in ms. All divide a day, so that ticks lie on round times of day. */
const steps = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1800].map((seconds) => seconds * 1000),
  ...[1, 2, 3, 4, 6, 12, 24].map((hours) => hours * hour),
];

/** With windows from this length on, seconds are left out of the labels. */
const withoutSeconds = 1.5 * hour;

/**
 * Round moments of the local time zone from `from` to `to` (ms since the epoch), at most `atMost` of them, so that ticks
 * stay on the same moments while the window moves.
 */
export function timeTicks(from: number, to: number, atMost: number): number[] {
  const step = timeStep(to - from, atMost);
  const toLocal = -new Date(to).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((from + toLocal) / step) * step - toLocal; at <= to; at += step) ticks.push(at);
  return ticks;
}

function timeStep(span: number, atMost: number): number {
  const wanted = span / Math.max(1, atMost);
  return steps.find((step) => step >= wanted) ?? Math.ceil(wanted / (24 * hour)) * 24 * hour;
}

/** `HH:MM:SS` in the local time zone. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

/** A tick of a window of this length: as {@link formatClock}, in long windows without seconds. */
export function formatTickTime(at: number, span: number): string {
  return span < withoutSeconds ? formatClock(at) : formatClock(at).slice(0, 5);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
