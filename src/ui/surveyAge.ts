import { formatDuration } from '../core/units';
import type { Translate } from '../core/translate';

/** Figures that are older are said to be so. */
const oldMs = 30_000;

/**
 * What is to be said of figures of which some are old; `''`: none is.
 * @param nowMs the host's uptime; undefined: not known, and no age is.
 */
export function ageNote(
  read: readonly { readonly readAtMs: number }[],
  nowMs: number | undefined,
  t: Translate,
): string {
  if (nowMs === undefined) return '';
  const ageMs = Math.max(0, ...read.map(({ readAtMs }) => nowMs - readAtMs));
  return ageMs > oldMs ? t('Some of these figures are up to {0} old.', formatDuration(ageMs)) : '';
}

/** How long ago something was read. It may be newer than the latest sample, which tells what time it is. */
export function agoText(readAtMs: number, nowMs: number | undefined, t: Translate): string | undefined {
  if (nowMs === undefined) return undefined;
  const ageMs = nowMs - readAtMs;
  return ageMs < 1000 ? t('just now') : t('{0} ago', formatDuration(ageMs));
}
