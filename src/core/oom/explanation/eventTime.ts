import { formatDuration } from '../../units';
import type { OomEvent } from '../event';
import { nameText } from './words';
import type { Translate } from '../../translate';

/** The last moment that a Date can hold. */
const lastMs = 8.64e15;

/** `2026-11-22 21:33:08 UTC`; undefined where the log tells no moment with its zone. */
export function wallText(wallMs: number | undefined): string | undefined {
  if (wallMs === undefined || !(Math.abs(wallMs) <= lastMs)) return undefined;
  return `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** When it happened, as far as the log tells; empty: it does not. */
export function whenText({ wallMs, localTime, kernelTimeMs }: OomEvent, t: Translate): string {
  const wall =
    wallText(wallMs) ?? (localTime === undefined ? undefined : nameText(localTime.replace('T', ' ')));
  const uptime =
    kernelTimeMs === undefined ? undefined : t('{0} after the machine’s start', formatDuration(kernelTimeMs));
  if (wall !== undefined && uptime !== undefined) return t('at {0}, {1}', wall, uptime);
  return wall === undefined ? (uptime ?? '') : t('at {0}', wall);
}
