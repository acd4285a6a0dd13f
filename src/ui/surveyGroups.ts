import { actions, type ActionId, type ActionTarget } from '../core/actions';
import { actionTargetOf, takesTarget } from '../core/actions/target';
import type { WatchedCgroup } from '../core/cgroups/cgroup';
import { ownerOf, type CgroupOwner } from '../core/cgroups/cgroupOwner';
import { composeGroupsOf } from '../core/containers/composeGroups';
import type { Container } from '../core/containers/container';
import type { JoinedContainer } from '../core/containers/joinContainers';
import { dockerMemoryOf } from '../core/cgroups/dockerStats';
import { ancestorPathsOf } from '../core/cgroups/effectiveLimit';
import { formatBytes, formatDuration, formatPercent } from '../core/units';
import type { FactView, GroupFigures, GroupRow } from '../protocol';
import { cleanText } from '../transport/cleanText';
import { agoText } from './surveyAge';
import { groupFigures, sumOfFigures } from './surveyFigures';
import type { ListedContainers } from './surveyContainers';
import { nearestLimitOf, usedBytesOf, type NearestLimit } from './surveyLimit';
import { ownerWords } from './surveyOwner';
import { known } from './surveyProcesses';
import type { Translate } from '../core/translate';

/** So many are shown of containers, and of all else. */
const mostContainers = 30;
const mostOthers = 10;

const longestPath = 300;
const longestName = 80;
const longestFact = 200;

/** What groups are told with. */
export interface GroupContext {
  readonly memTotalBytes: number | undefined;
  /** The host's uptime in ms; undefined: not known. */
  readonly nowMs: number | undefined;
  /** Finds a group that was read, such as the one whose limit holds. */
  readonly find: (path: string) => WatchedCgroup | undefined;
  readonly listed: ListedContainers;
}

/** A container by its cgroup, by what the API tells of it, or by both; a pod or a machine by its cgroup. */
type KnownContainer = Pick<JoinedContainer, 'cgroup' | 'container'>;

/** What is worth a row, those with the largest working sets first. */
export interface WorthyGroups {
  /** Containers, pods and machines; those whose cgroup was not read last. */
  readonly containers: readonly KnownContainer[];
  /** Units, sessions and whatever else. */
  readonly others: readonly WatchedCgroup[];
}

/**
 * Of what lies within one another, each owner counts once, by its outermost group; what only holds others, only where none of
 * them is known. Whatever the API tells of is there.
 */
export function worthyGroups(groups: readonly WatchedCgroup[], listed: ListedContainers): WorthyGroups {
  const outermost = new Map<string, WatchedCgroup>();
  for (const group of groups) {
    const key = keyOf(group.owner);
    if (key === undefined) continue;
    const other = outermost.get(key);
    if (!other || group.path.length < other.path.length) outermost.set(key, group);
  }
  const podsOfContainers = new Set(
    groups.map(({ owner }) => (owner.kind === 'container' ? owner.pod?.uid : undefined)),
  );
  const offered = [...outermost.values()].filter(
    (group) =>
      (isContainer(group) || (usedBytesOf(group) ?? 0) > 0) &&
      (group.owner.kind !== 'pod' || !podsOfContainers.has(group.owner.uid)),
  );
  const holders = new Set(offered.flatMap(({ path }) => ancestorPathsOf(path)));
  const apart = offered.filter(({ owner, path }) => !mayHoldOthers(owner) || !holders.has(path));
  const sorted = apart.sort((one, other) => (usedBytesOf(other) ?? -1) - (usedBytesOf(one) ?? -1));
  const contained = sorted
    .filter(({ owner }) => isContained(owner))
    .map((cgroup) => ({ cgroup, container: containerOf(cgroup, listed) }));
  const withCgroup = new Set(contained.map(({ container }) => container));
  const withoutCgroup = listed.all
    .filter((container) => !withCgroup.has(container))
    .map((container) => ({ cgroup: undefined, container }));
  return {
    containers: [...contained, ...withoutCgroup],
    others: sorted.filter(({ owner }) => !isContained(owner)),
  };
}

/** The groups of those that are shown. */
export function shownGroups({ containers, others }: WorthyGroups): readonly WatchedCgroup[] {
  const ofContainers = containers.slice(0, mostContainers).flatMap(({ cgroup }) => cgroup ?? []);
  return [...ofContainers, ...others.slice(0, mostOthers)];
}

/**
 * Containers and then all else; the containers of a compose project stand together, in its place by their sum.
 */
export function groupRowsOf(
  { containers, others }: WorthyGroups,
  context: GroupContext,
  t: Translate,
): GroupRow[] {
  const shown = new Set(containers.slice(0, mostContainers));
  const rowsOf = (some: readonly KnownContainer[]): GroupRow[] =>
    some.filter((one) => shown.has(one)).flatMap((one) => containerRow(one, context, t) ?? []);
  const alone = rowsOf(containers.filter(({ container }) => container?.composeProject === undefined));
  const composed = composeGroupsOf(containers).flatMap(({ project, containers: all }) => {
    const members = rowsOf(all);
    return members.length === 0 ? [] : [projectRow(project, all, members, t)];
  });
  const bySize = [...alone, ...composed].sort(
    (one, other) => (other.workingSetBytes ?? -1) - (one.workingSetBytes ?? -1),
  );
  return [...bySize, ...others.slice(0, mostOthers).flatMap((group) => rowOf(group, context, t) ?? [])];
}

/** Containers that are known and not shown. */
export function leftOut({ containers }: WorthyGroups): readonly KnownContainer[] {
  return containers.slice(mostContainers);
}

/** Whether it is that of a container, and not that of the process that looks after one. */
function isContainer({ owner }: WatchedCgroup): boolean {
  return owner.kind === 'container' && owner.monitor !== true;
}

function isContained(owner: CgroupOwner): boolean {
  if (owner.kind === 'pod') return true;
  return (owner.kind === 'container' || owner.kind === 'machine') && owner.monitor !== true;
}

/** What the API tells of the container whose group it is. */
function containerOf({ owner }: WatchedCgroup, listed: ListedContainers): Container | undefined {
  return owner.kind === 'container' && owner.monitor !== true ? listed.get(owner.id) : undefined;
}

function containerRow(
  { cgroup, container }: KnownContainer,
  context: GroupContext,
  t: Translate,
): GroupRow | undefined {
  if (cgroup) return rowOf(cgroup, context, t);
  return container && rowWithoutCgroup(container, t);
}

function rowWithoutCgroup(container: Container, t: Translate): GroupRow {
  const target = actionTargetOf({ kind: 'container', id: container.id });
  return {
    id: `container ${container.id}`,
    kind: t('container'),
    name: cleanText(container.name, longestName),
    ...groupFigures(undefined, container),
    facts: [...containerFacts(container, t), [t('Cgroup'), t('not read: what it uses is not known')]],
    ...(target && { target }),
    actions: actionsOf(target, container),
  };
}

function projectRow(
  project: string,
  all: readonly KnownContainer[],
  members: readonly GroupRow[],
  t: Translate,
): GroupRow {
  return {
    id: `compose ${project}`,
    kind:
      all.length === 1 ? t('Compose project, 1 container') : t('Compose project, {0} containers', all.length),
    name: cleanText(project, longestName),
    ...sumOfFigures(all.map(({ cgroup, container }) => groupFigures(cgroup, container))),
    facts: [],
    actions: [],
    members,
  };
}

/** Whether what lies within has owners of its own, as with the manager of a user or `/docker`. */
function mayHoldOthers(owner: CgroupOwner): boolean {
  return owner.kind === 'other' || (owner.kind === 'unit' && /^user@\d+\.service$/.test(owner.name));
}

/** What is the same for groups of one owner; undefined: not worth a row, since it only holds others. */
function keyOf(owner: CgroupOwner): string | undefined {
  switch (owner.kind) {
    case 'container':
      return `container ${owner.id} ${String(owner.monitor)}`;
    case 'pod':
      return `pod ${owner.uid}`;
    case 'machine':
      return `machine ${owner.manager} ${owner.name} ${String(owner.monitor)}`;
    case 'unit':
      return `unit ${owner.user ?? ''} ${owner.name}`;
    case 'session':
      return `session ${owner.id}`;
    case 'other':
      return `other ${owner.path}`;
    case 'slice':
    case 'root':
      return undefined;
  }
}

function rowOf(group: WatchedCgroup, context: GroupContext, t: Translate): GroupRow | undefined {
  const words = ownerWords(group.owner, t);
  if (!words) return undefined;
  const { owner, rates, pressure } = group;
  const container = owner.kind === 'container' ? context.listed.get(owner.id) : undefined;
  const own = containerOf(group, context.listed);
  const target = targetOf(group);
  const limit = nearestLimitOf(group, context.find);
  const row = known<Omit<GroupRow, keyof GroupFigures | 'members'>>({
    id: group.path,
    kind: words.kind,
    name: container ? cleanText(container.name, longestName) : words.name,
    limitBytes: limit?.bytes === 'max' ? 'none' : limit?.bytes,
    limitOf: limit && limitOwner(group, limit, t),
    limitPercent: limit?.percent,
    pressurePercent: rates?.memorySomePercent ?? pressure?.some.avg10Percent,
    facts: [...containerFacts(own, t), ...factsOf(group, context, t)],
    target,
    actions: actionsOf(target, own),
  });
  return { ...row, ...groupFigures(group, own) };
}

/** What an action on a group hits: the container, or the group itself where its path says no more. */
function targetOf({ path, owner }: WatchedCgroup): ActionTarget | undefined {
  switch (owner.kind) {
    case 'container':
      if (owner.monitor === true) return undefined;
      return actionTargetOf({ kind: 'container', id: owner.id }) ?? actionTargetOf({ kind: 'cgroup', path });
    case 'pod':
      return actionTargetOf({ kind: 'cgroup', path });
    case 'machine':
      return owner.monitor === true ? undefined : actionTargetOf({ kind: 'cgroup', path });
    case 'other':
    case 'root':
    case 'session':
    case 'slice':
    case 'unit':
      return undefined;
  }
}

/** Those that the target can be hit with; what only the API does is offered where that knows it. */
function actionsOf(target: ActionTarget | undefined, container: Container | undefined): readonly ActionId[] {
  if (!target) return [];
  return actions
    .filter((action) => action.place === 'containers' && takesTarget(action, target))
    .filter(({ needs }) => container !== undefined || needs.includes('root'))
    .map(({ id }) => id);
}

/** What only the API tells. */
function containerFacts(container: Container | undefined, t: Translate): FactView[] {
  if (!container) return [];
  const { image, status, composeProject, composeService, restartPolicy } = container;
  const compose = [composeProject, composeService].filter((word) => word !== undefined).join(' / ');
  const facts: (readonly [string, string | undefined])[] = [
    [t('Image'), image],
    [t('Compose'), compose],
    [t('Status'), status],
    [t('Restart policy'), restartPolicy?.name],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, cleanText(value, longestFact)] as const],
  );
}

/** Whose the limit is, where it is not the group's own. */
function limitOwner({ path }: WatchedCgroup, limit: NearestLimit, t: Translate): string | undefined {
  if (limit.bytes === 'max' || limit.path === path) return undefined;
  if (limit.path === undefined) return t('a group outside of this host');
  const words = ownerWords(ownerOf(limit.path), t);
  return words ? `${words.kind} ${words.name}` : t('the whole host');
}

/** What is told of a group beside the columns. */
function factsOf(group: WatchedCgroup, { memTotalBytes, nowMs }: GroupContext, t: Translate): FactView[] {
  const { stat, owner, limits, happened, events } = group;
  const bytes = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : formatBytes(value);
  const limit = (value: number | 'max' | undefined): string | undefined =>
    typeof value === 'number' ? formatBytes(value) : undefined;
  const count = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : String(value);
  const times = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : value === 1 ? t('once') : t('{0} times', value);
  const docker = owner.kind === 'container' ? dockerMemoryOf(group, memTotalBytes) : undefined;
  const facts: (readonly [string, string | undefined])[] = [
    [t('docker stats'), docker && dockerText(docker.usedBytes, docker.percent)],
    [t('With all page cache'), bytes(group.currentBytes)],
    [t('Shared memory and tmpfs'), bytes(stat?.shmemBytes)],
    [t('Network buffers'), bytes(stat?.sockBytes)],
    [t('Slowed down from'), limit(limits.high)],
    [t('Limit of swap'), limit(limits.swapMax)],
    [t('Met its limit'), times(events?.max)],
    [t('Met its limit since it is watched'), times(happened.limitHits)],
    [t('OOM kills since it is watched'), count(happened.oomKills)],
    [
      t('Watched for'),
      nowMs === undefined ? undefined : formatDuration(Math.max(0, nowMs - happened.sinceMs)),
    ],
    [t('Read'), agoText(group.readAtMs, nowMs, t)],
    [t('Tasks'), count(group.pids)],
    [t('Pod'), owner.kind === 'container' ? owner.pod?.uid : undefined],
    [t('Cgroup'), cleanText(group.path, longestPath)],
  ];
  return facts.filter((fact): fact is FactView => fact[1] !== undefined);
}

function dockerText(usedBytes: number, percent: number | undefined): string {
  return percent === undefined
    ? formatBytes(usedBytes)
    : `${formatBytes(usedBytes)} (${formatPercent(percent)})`;
}
