/** Distances between two ticks in ms. All but the last divide a quarter of an hour, the finest offset of a time zone. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1800, 3600].map((seconds) => seconds * 1000);

/**
 * Round moments from `from` to `to` (ms since the epoch), at most `atMost` of them, so that ticks stay on the same
 * moments while the window moves.
 */
export function timeTicks(from: number, to: number, atMost: number): number[] {
  const step = timeStep(to - from, atMost);
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

function timeStep(span: number, atMost: number): number {
  const wanted = span / Math.max(1, atMost);
  return steps.find((step) => step >= wanted) ?? Math.ceil(wanted / 3_600_000) * 3_600_000;
}

/** `HH:MM:SS` in the local time zone. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
