/** A moment as this machine tells time; the day is left out where it is today. Both in ms since the epoch. */
export function momentText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  return at.toDateString() === new Date(nowMs).toDateString() ? at.toLocaleTimeString() : at.toLocaleString();
}
