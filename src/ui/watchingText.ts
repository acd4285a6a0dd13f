import * as vscode from 'vscode';
import { formatBytes, formatDuration, formatPercent } from '../core/units';
import type { WatchCost } from '../monitor/costMeter';
import type { HostMonitor, Moment } from '../monitor/hostMonitor';

/** A clock that is off by less is right: the kernel tells when it booted in whole seconds. */
const leastOffsetMs = 2000;

/** What is to be said of the watching itself, in short phrases: what it costs, what it cannot do, whose clock is off. */
export function watchingText(monitor: Pick<HostMonitor, 'cost' | 'latest' | 'ownClock'>): string[] {
  const t = vscode.l10n.t;
  const { cost, latest, ownClock } = monitor;
  return [
    cost && costText(cost),
    ownClock === false ? t('no samples through a freeze: the host has neither bash nor busybox') : undefined,
    latest && clockText(latest),
    latest?.available?.computed === true ? t('≈ MemAvailable is computed') : undefined,
  ].filter((phrase) => phrase !== undefined);
}

/** e.g. `watching costs this host 0.1 % of a processor, 2.5 KiB/s, 2.9 MiB of memory`; what is not known is left out. */
function costText({ processorShare, bytesPerSecond, residentBytes }: WatchCost): string | undefined {
  const t = vscode.l10n.t;
  const parts = [
    processorShare === undefined ? undefined : t('{0} of a processor', formatPercent(processorShare * 100)),
    bytesPerSecond === undefined ? undefined : `${formatBytes(bytesPerSecond)}/s`,
    residentBytes === undefined ? undefined : t('{0} of memory', formatBytes(residentBytes)),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : t('watching costs this host {0}', parts.join(', '));
}

/** The host's own clock against ours. Charts stand on ours; its logs do not. */
function clockText({ sample, wallMs }: Moment): string | undefined {
  const btimeMs = sample.stat?.btimeMs;
  if (btimeMs === undefined) return undefined;
  const aheadMs = btimeMs + sample.at - wallMs;
  if (Math.abs(aheadMs) < leastOffsetMs) return undefined;
  return aheadMs > 0
    ? vscode.l10n.t('its clock is {0} ahead', formatDuration(aheadMs))
    : vscode.l10n.t('its clock is {0} behind', formatDuration(-aheadMs));
}
