/** `05:02:28`: the time of day in UTC, for the host's time zone is not known. */
export function timeOfDay(atMs: number): string {
  return isoOf(atMs).slice(11, 19);
}

/** `2026-11-23 05:02:28 UTC`. */
export function dateAndTime(atMs: number): string {
  return `${isoOf(atMs).slice(0, 19).replace('T', ' ')} UTC`;
}

function isoOf(atMs: number): string {
  const date = new Date(atMs);
  // A host's clock may be anything; years beyond 9999 have another form.
  const known =
    Number.isFinite(date.getTime()) && date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9999;
  return known ? date.toISOString() : '????-??-??T??:??:??';
}

/** `up  6:34`, `up 3 days,  6:34`, `up 12 min`: as procps' library/uptime.c writes it. */
export function upText(uptimeMs: number): string {
  const minutes = Math.floor(uptimeMs / 60_000);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const dayText = days === 0 ? '' : `${days} ${days > 1 ? 'days' : 'day'}, `;
  const rest =
    hours % 24 === 0
      ? `${minutes % 60} min`
      : `${String(hours % 24).padStart(2)}:${String(minutes % 60).padStart(2, '0')}`;
  return `up ${dayText}${rest}`;
}
