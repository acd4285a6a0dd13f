import type { FoundEvent } from './eventBook';

/**
 * Names an event: boot, time, victim, and by whom where it was not the kernel; approximate where one of them is not known. It holds letters, digits and dashes only,
 * at most 80, so that it may be the name of a file.
 */
export function keyOf({ event, bootId, atMs, witnessed }: FoundEvent): string {
  const boot = /^[0-9a-f-]{1,36}$/.test(bootId ?? '') ? bootId : 'unknown';
  const pid = event.victims[0]?.pid ?? event.trigger?.pid ?? 0;
  const by = event.kind === 'kernel' ? '' : `-${event.kind}`;
  return `${boot}-${whenOf(event.kernelTimeMs, atMs, witnessed?.toCount)}-${Math.trunc(pid)}${by}`;
}

/** `k`: kernel time in ms, `c`: count of kills, `w`: time of day in s, `x`: not known. */
function whenOf(
  kernelTimeMs: number | undefined,
  atMs: number | undefined,
  toCount: number | undefined,
): string {
  if (toCount !== undefined) return `c${Math.trunc(toCount)}`;
  if (kernelTimeMs !== undefined) return `k${Math.trunc(kernelTimeMs)}`;
  return atMs === undefined ? 'x' : `w${Math.trunc(atMs / 1000)}`;
}
