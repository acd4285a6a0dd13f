import { hostText } from '../core/actions/words';
import { composeGroupsOf } from '../core/containers/composeGroups';
import type { JoinedContainer } from '../core/containers/joinContainers';
import type { WatchedCgroup } from '../core/cgroups/cgroup';
import { formatBytes, formatPercent } from '../core/units';
import { nearestLimitOf, usedBytesOf } from './surveyLimit';
import type { Translate } from '../core/translate';

/** So many containers of a host are shown, those that hold most. */
const mostShown = 500;

/** A compose project with its containers, or one container. */
export type ContainerRow =
  | { readonly kind: 'project'; readonly project: string; readonly containers: readonly JoinedContainer[] }
  | { readonly kind: 'container'; readonly joined: JoinedContainer };

/** Containers change places where one holds so much more than another above it: rows that go up and down cannot be hit. */
const clearlyMore = 1.1;
const clearlyMoreBytes = 1024 * 1024;

/**
 * The largest first, and those that are shown only.
 * @param before ids in the order in which they are shown: it stays as it is where that is nearly right.
 */
export function containersInOrder(
  joined: readonly JoinedContainer[],
  before: readonly string[],
): readonly JoinedContainer[] {
  const byId = new Map(joined.map((one) => [one.id, one]));
  const kept = before.flatMap((id) => byId.get(id) ?? []);
  if (kept.length === Math.min(joined.length, mostShown) && isNearlyInOrder(kept)) return kept;
  return [...joined].sort((one, other) => bytesOf(other) - bytesOf(one)).slice(0, mostShown);
}

function isNearlyInOrder(containers: readonly JoinedContainer[]): boolean {
  let least = Infinity;
  for (const one of containers) {
    const bytes = bytesOf(one);
    if (bytes > least * clearlyMore + clearlyMoreBytes) return false;
    least = Math.min(least, bytes);
  }
  return true;
}

function bytesOf({ cgroup }: JoinedContainer): number {
  return cgroup?.currentBytes ?? 0;
}

/** Compose projects, then what belongs to none; the order stays. */
export function containerRowsOf(joined: readonly JoinedContainer[]): ContainerRow[] {
  const projects = composeGroupsOf(joined).map(
    ({ project, containers }) => ({ kind: 'project', project, containers }) as const,
  );
  const alone = joined.filter(({ container }) => container?.composeProject === undefined);
  return [...projects, ...alone.map((one) => ({ kind: 'container', joined: one }) as const)];
}

/** The name that the API tells, else the first digits of the id. */
export function containerName({ container, id }: JoinedContainer): string {
  return hostText(container?.name ?? id.slice(0, 12));
}

/**
 * Memory, share of the limit that is nearest, restarts, kills and health, as far as known, and whether it stands still.
 * @param find a cgroup that was read: a limit may be that of one above it.
 */
export function containerFigures(
  { container, cgroup }: JoinedContainer,
  isFrozen: boolean,
  find: (path: string) => WatchedCgroup | undefined,
  t: Translate,
): string {
  const size = cgroup && usedBytesOf(cgroup);
  const percent = cgroup && nearestLimitOf(cgroup, find)?.percent;
  const kills = cgroup?.events?.oomKill ?? 0;
  const restarts = container?.restartCount ?? 0;
  return [
    ...(size === undefined ? [] : [formatBytes(size)]),
    ...(percent === undefined ? [] : [t('{0} of its limit', formatPercent(percent))]),
    ...(restarts === 0 ? [] : [restarts === 1 ? t('1 restart') : t('{0} restarts', restarts)]),
    ...(kills === 0 ? [] : [kills === 1 ? t('1 OOM kill') : t('{0} OOM kills', kills)]),
    ...(isFrozen ? [t('frozen')] : []),
    ...(container?.health === 'unhealthy' ? [t('unhealthy')] : []),
  ].join(' · ');
}

/** How many containers, and what they hold together. @param isTold whether the host has told of its containers. */
export function containersFigures(joined: readonly JoinedContainer[], isTold: boolean, t: Translate): string {
  if (joined.length === 0 && !isTold) return t('not read yet');
  const known = joined.map(({ cgroup }) => cgroup?.currentBytes).filter((bytes) => bytes !== undefined);
  const count = joined.length === 1 ? t('1 container') : t('{0} containers', joined.length);
  return known.length === 0
    ? count
    : `${count} · ${formatBytes(known.reduce((sum, bytes) => sum + bytes, 0))}`;
}

/** All that is known of it, a line each, as plain text. */
export function containerDetails({ container, cgroup, id, runtime }: JoinedContainer, t: Translate): string {
  const bytes = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : formatBytes(value);
  const words = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : hostText(text, 300);
  const limit = cgroup?.effectiveMax?.bytes;
  const facts: (readonly [string, string | undefined])[] = [
    [t('Image'), words(container?.image)],
    [t('Compose service'), words(container?.composeService)],
    [t('Status'), words(container?.status)],
    [t('Restart policy'), container?.restartPolicy?.name],
    [t('Anonymous'), bytes(cgroup?.stat?.anonBytes)],
    [t('Page cache'), bytes(cgroup?.stat?.fileBytes)],
    [t('Kernel'), bytes(cgroup?.kernelBytes)],
    [t('Swap'), bytes(cgroup?.swapBytes)],
    [t('Limit'), limit === 'max' ? t('none') : bytes(limit)],
    [t('Runtime'), runtime],
    [t('Id'), id],
    [t('Cgroup'), words(cgroup?.path)],
  ];
  return facts
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${value}`]))
    .join('\n');
}
