import { actions, type Action, type ActionId, type ActionTarget } from '../actions';
import type { WatchedCgroup } from '../cgroups/cgroup';
import { ownerName, type CgroupOwner, type Pod } from '../cgroups/cgroupOwner';
import { ownerOfProcess } from '../cgroups/processOwner';
import { isFrozenContainer, type JoinedContainer } from '../containers/joinContainers';
import type { Process } from '../processes/process';
import { expectedReturnOf, type ExpectedFrom, type ExpectedReturn } from './expectation';
import { holdingOfGroup, holdingOfProcess, type Holding } from './holding';
import type { HostPolicy } from './hostPolicy';
import { protectionOf, type Protection } from './protection';
import { restartersOfContainer, restartersOfProcess, type Restarter } from './restarters';
import { obstaclesOf, type Obstacle, type Rights } from './rights';
import { takesTarget } from './target';

/** What a plan is made from. Nothing of it is asked of the host for the plan: it may hardly answer. */
export interface PlanInput {
  readonly action: ActionId;
  readonly target: ActionTarget;
  /** Those that the API or a cgroup tells of (`joinContainers`). */
  readonly containers: readonly JoinedContainer[];
  readonly process: (pid: number) => Process | undefined;
  /** Living children of a process; may be empty where that is not known. */
  readonly childrenOf: (pid: number) => readonly Process[];
  readonly cgroup: (path: string) => WatchedCgroup | undefined;
  readonly rights: Rights;
  readonly policy: HostPolicy;
  /** The setting `protectedContainers`. */
  readonly protectedContainers: readonly string[];
  /** The host's uptime; undefined: not known. */
  readonly nowMs?: number;
  /** With `set-memory-limit`. */
  readonly limitBytes?: number;
  /** How long ago the API has told the containers, in ms; undefined: it has not. */
  readonly listAgeMs?: number;
  /** Of the boot that all of this was read in; undefined: not known. */
  readonly bootId?: string | undefined;
  /** Of the whole host. */
  readonly swapFreeBytes?: number | undefined;
  /** Whether our own shell runs within a cgroup; absent: not known. */
  readonly holdsUs?: (cgroup: string) => boolean;
}

/** What has to be said of one target. */
export type TargetNote =
  /** Another runtime or orchestrator looks after it than Docker and Podman. */
  | 'other-runtime'
  /** Neither the API nor root reaches it. */
  | 'out-of-reach'
  /** The API does not know it: it is reached by its cgroup, as root. */
  | 'cgroup-only'
  /** Our own shell runs in it: what stops it stops whoever would let it go on. */
  | 'holds-us'
  | 'frozen'
  | 'kernel-thread'
  | 'first-process'
  /** A cgroup that is no container's, pod's or machine's: the host's own services may be in it. */
  | 'not-a-container'
  /** A virtual machine or a system container: all that runs in it is hit. */
  | 'machine'
  /** It has ended, and its memory is given back: its parent has only not asked how it ended. */
  | 'zombie'
  /** It waits in the kernel: a signal takes effect when that wait is over. */
  | 'uninterruptible'
  /** A core dump of it is being written: it ends after that. */
  | 'core-dumping'
  /** Connections to the host depend on it, the extension's own among them. */
  | 'ssh-server'
  /** All containers depend on it. */
  | 'container-runtime';

interface PlannedBase {
  /** Names it within the plan and its results. */
  readonly key: string;
  /** As the host has it: to be cleaned before it is shown. */
  readonly name: string;
  /** Undefined: not read. */
  readonly holds: Holding | undefined;
  readonly restarters: readonly Restarter[];
  readonly notes: readonly TargetNote[];
  /** Whether it is hit. In a list to review: whether it is ticked at first. */
  readonly selected: boolean;
}

export interface PlannedContainer extends PlannedBase {
  readonly kind: 'container';
  readonly id: string;
  readonly joined: JoinedContainer;
  readonly protection: Protection;
}

export interface PlannedProcess extends PlannedBase {
  readonly kind: 'process';
  readonly pid: number;
  readonly startTicks: number;
  readonly uid: number | undefined;
  /** A parent or child runs the same program, so that pages may be shared with it since the fork. */
  readonly forked: boolean;
}

export interface PlannedCgroup extends PlannedBase {
  readonly kind: 'cgroup';
  readonly path: string;
}

export type PlannedTarget = PlannedContainer | PlannedProcess | PlannedCgroup;

/**
 * Why an action is not done at all: `read-only` – by setting; `right-missing` – see the obstacles; `gone` – the target does
 * not exist any more, or the pid is another process's now; `nothing-to-do` – there is no target, or each is left alone;
 * `out-of-reach` – none of
 * the targets can be reached; `impossible` – see the target's notes; `wrong-target` – the action does not take this kind.
 */
export type Refusal =
  'read-only' | 'right-missing' | 'gone' | 'nothing-to-do' | 'out-of-reach' | 'impossible' | 'wrong-target';

/** What an action would do, before anything is tried. */
export interface Plan {
  readonly action: Action;
  /** All that may be hit; those that are hit are `selected`. */
  readonly targets: readonly PlannedTarget[];
  /** Of the selected targets. */
  readonly expected: ExpectedReturn;
  readonly obstacles: readonly Obstacle[];
  /** Only the API can be used: on a host that thrashes it answers late. */
  readonly apiOnly: boolean;
  readonly policy: HostPolicy;
  /** Undefined: it may be done. */
  readonly refusal: Refusal | undefined;
  readonly nowMs: number | undefined;
  readonly bootId: string | undefined;
  readonly swapFreeBytes: number | undefined;
  readonly limitBytes: number | undefined;
  /** See `PlanInput.listAgeMs`. Undefined as well where the action is not about containers. */
  readonly listAgeMs?: number;
}

/**
 * Plans an action. Never throws but for an action that there is not.
 * @throws {Error} where `input.action` is not in the list of actions.
 */
export function planOf(input: PlanInput): Plan {
  const action = actions.find(({ id }) => id === input.action);
  if (action === undefined) throw new Error(`no action ${input.action}`);
  const fits = takesTarget(action, input.target);
  const targets = fits ? targetsOf(action, input) : [];
  const [first] = targets;
  const uid = first?.kind === 'process' ? first.uid : undefined;
  const obstacles = obstaclesOf(action.needs, input.rights, uid);
  const refusal = !fits ? 'wrong-target' : refusalOf(action, input, targets, obstacles);
  const plan: Omit<Plan, 'expected'> = {
    action,
    targets,
    obstacles,
    apiOnly: action.needs.includes('container-api') && input.rights.root.state === 'no',
    policy: input.policy,
    refusal,
    nowMs: input.nowMs,
    bootId: input.bootId,
    swapFreeBytes: input.swapFreeBytes,
    limitBytes: input.limitBytes,
    ...(input.listAgeMs !== undefined && action.place !== 'processes' && { listAgeMs: input.listAgeMs }),
  };
  return { ...plan, expected: expectedOf(plan) };
}

/** The same plan where other targets are hit: what a person left ticked. Targets out of reach stay unselected. */
export function withSelected(plan: Plan, keys: ReadonlySet<string>): Plan {
  const targets = plan.targets.map((target) => ({
    ...target,
    selected: keys.has(target.key) && canBeHit(target),
  }));
  const changed = { ...plan, targets };
  const refusal = plan.refusal ?? (targets.some(({ selected }) => selected) ? undefined : 'nothing-to-do');
  return { ...changed, refusal, expected: expectedOf(changed) };
}

/** Whether a host was started anew since the plan was made: pids and cgroups may be others’ now. */
export function isOfEarlierBoot({ bootId }: Pick<Plan, 'bootId'>, bootIdNow: string | undefined): boolean {
  return bootId !== undefined && bootIdNow !== bootId;
}

/** Whether a target can be hit at all. */
export function canBeHit({ notes }: PlannedTarget): boolean {
  return !notes.some((note) => impossible.has(note));
}

const impossible: ReadonlySet<TargetNote> = new Set<TargetNote>([
  'first-process',
  'holds-us',
  'kernel-thread',
  'not-a-container',
  'out-of-reach',
  'zombie',
]);

/** Whether a person is shown the list of targets first, to tick and untick: the dialog cannot name more. */
export function isReviewed({ action, targets }: Pick<Plan, 'action' | 'targets'>): boolean {
  if (action.id === 'kill-all-containers') return true;
  return action.danger && targets.filter(({ selected }) => selected).length > mostListed;
}

/** How many targets a dialog lists before it says how many more there are: it does not scroll everywhere. */
export const mostListed = 15;

function refusalOf(
  action: Action,
  { policy, target }: PlanInput,
  targets: readonly PlannedTarget[],
  obstacles: readonly Obstacle[],
): Refusal | undefined {
  const { changes, needs } = action;
  if (changes && policy.readOnly) return 'read-only';
  if (needs.length === 0) return undefined;
  if (targets.length === 0) return target.kind === 'host' ? 'nothing-to-do' : 'gone';
  if (targets.every(({ notes }) => notes.some((note) => note !== 'out-of-reach' && impossible.has(note))))
    return 'impossible';
  if (obstacles.some(({ blocks }) => blocks)) return 'right-missing';
  if (!targets.some(canBeHit)) return 'out-of-reach';
  const isOpen = isReviewed({ action, targets }) || targets.some(({ selected }) => selected);
  return isOpen ? undefined : 'nothing-to-do';
}

function expectedOf({
  action,
  targets,
  nowMs,
  limitBytes,
}: Pick<Plan, 'action' | 'targets' | 'nowMs' | 'limitBytes'>): ExpectedReturn {
  const from = targets.filter(({ selected }) => selected).map(expectedFrom);
  return expectedReturnOf(action.id, from, nowMs, limitBytes);
}

function expectedFrom(target: PlannedTarget): ExpectedFrom {
  switch (target.kind) {
    case 'container':
      return { holds: target.holds, cgroupPath: target.joined.cgroup?.path };
    case 'process':
      return { holds: target.holds, forked: target.forked };
    case 'cgroup':
      return { holds: target.holds, cgroupPath: target.path };
  }
}

function targetsOf(action: Action, input: PlanInput): PlannedTarget[] {
  const { target, containers } = input;
  switch (target.kind) {
    case 'host':
      if (action.needs.length === 0) return [];
      return containers.filter(isAlive).map((one) => plannedContainer(action, one, input, true));
    case 'container':
      return containers
        .filter(({ id }) => sameContainer(id, target.id))
        .slice(0, 1)
        .map((one) => plannedContainer(action, one, input, false));
    case 'containers':
      return containers
        .filter(({ id }) => target.ids.some((wanted) => sameContainer(id, wanted)))
        .map((one) => plannedContainer(action, one, input, target.ids.length > 1));
    case 'process': {
      const process = input.process(target.pid);
      return process?.startTicks === target.startTicks ? [plannedProcess(process, input)] : [];
    }
    case 'cgroup': {
      const group = input.cgroup(target.path);
      return group ? [plannedCgroup(group, input)] : [];
    }
  }
}

/** The API may know an id in full of which a path or a person has the first digits. */
function sameContainer(id: string, wanted: string): boolean {
  if (wanted.length < 12 || id.length < 12) return id === wanted;
  return id.startsWith(wanted) || wanted.startsWith(id);
}

/** Whether it has processes: where only its cgroup is known, as long as that is there. */
function isAlive({ container, cgroup }: JoinedContainer): boolean {
  if (container === undefined) return cgroup !== undefined;
  return ['running', 'paused', 'restarting', 'unknown'].includes(container.state);
}

/** @param several protection counts where a container is hit together with others, not where a person chose it alone. */
function plannedContainer(
  action: Action,
  joined: JoinedContainer,
  { rights, protectedContainers, holdsUs }: PlanInput,
  several: boolean,
): PlannedContainer {
  const { container, cgroup, runtime, pod, id } = joined;
  const protection = protectionOf(container, protectedContainers);
  const byApi = container !== undefined && rights.containerApi.state !== 'no';
  const byCgroup = cgroup !== undefined && action.needs.includes('root') && rights.root.state !== 'no';
  const notes: TargetNote[] = [];
  if (!byApi && !byCgroup) notes.push('out-of-reach');
  else if (container === undefined) notes.push('cgroup-only');
  const isOurs = interrupts(action) && cgroup !== undefined && holdsUs?.(cgroup.path) === true;
  if (isOurs) notes.push('holds-us');
  const ownRuntime = runtime === undefined || runtime === 'docker' || runtime === 'podman';
  const foreign = container === undefined && (!ownRuntime || pod !== undefined);
  if (foreign) notes.push('other-runtime');
  if (isFrozenContainer(joined)) notes.push('frozen');
  const leftOut = several && action.danger && (protection.state !== 'no' || foreign);
  return {
    kind: 'container',
    key: id,
    id,
    name: container?.name ?? id.slice(0, 12),
    joined,
    holds: cgroup && holdingOfGroup(cgroup),
    restarters: endsTargets(action) ? restartersOfContainer(joined, byApi ? 'api' : 'signal') : [],
    protection,
    notes,
    selected: !leftOut && !isOurs && (byApi || byCgroup),
  };
}

function plannedProcess(process: Process, input: PlanInput): PlannedProcess {
  const { pid, startTicks, stat, details } = process;
  const parent = stat.ppid === undefined ? undefined : input.process(stat.ppid);
  const owner = details?.cgroup && ownerOfProcess(details.cgroup);
  const container =
    owner?.kind === 'container'
      ? input.containers.find(({ id }) => sameContainer(id, owner.id))?.container
      : undefined;
  const sameProgram = (other: Process | undefined): boolean =>
    other !== undefined && other.pid !== pid && other.stat.name === stat.name;
  const notes = processNotes(process);
  return {
    kind: 'process',
    key: `${pid}:${startTicks}`,
    pid,
    startTicks,
    name: stat.name,
    uid: details?.status?.uid,
    holds: holdingOfProcess(process),
    restarters: restartersOfProcess(process, { parent, owner, container }),
    forked: sameProgram(parent) || input.childrenOf(pid).some(sameProgram),
    notes,
    selected: !notes.some((note) => impossible.has(note)),
  };
}

function processNotes({ pid, stat, details }: Process): TargetNote[] {
  const notes: TargetNote[] = [];
  if (stat.kernelThread === true) notes.push('kernel-thread');
  if (pid === 1) notes.push('first-process');
  if (stat.state === 'Z' || stat.state === 'X') notes.push('zombie');
  if (stat.state === 'D') notes.push('uninterruptible');
  if (details?.status?.coreDumping === true) notes.push('core-dumping');
  if (sshServers.has(stat.name)) notes.push('ssh-server');
  if (containerRuntimes.has(stat.name)) notes.push('container-runtime');
  return notes;
}

/** `sshd-session` serves a connection since OpenSSH 9.8. */
const sshServers: ReadonlySet<string> = new Set(['sshd', 'sshd-session', 'dropbear']);
const containerRuntimes: ReadonlySet<string> = new Set(['dockerd', 'containerd', 'crio', 'kubelet']);

function plannedCgroup(group: WatchedCgroup, { rights, holdsUs }: PlanInput): PlannedCgroup {
  const { path, owner } = group;
  const notes: TargetNote[] = [];
  if (!isContainer(owner)) notes.push('not-a-container');
  else if (owner.kind === 'machine') notes.push('machine');
  if (rights.root.state === 'no') notes.push('out-of-reach');
  if (holdsUs?.(path) === true) notes.push('holds-us');
  return {
    kind: 'cgroup',
    key: path,
    path,
    name: ownerName(owner),
    holds: holdingOfGroup(group),
    restarters:
      owner.kind === 'container' || owner.kind === 'pod'
        ? restartersOfContainer({ container: undefined, ...podIn(owner) }, 'signal')
        : [],
    notes,
    selected: !notes.some((note) => impossible.has(note)),
  };
}

function isContainer(owner: CgroupOwner): boolean {
  if (owner.kind === 'pod') return true;
  return (owner.kind === 'container' || owner.kind === 'machine') && owner.monitor !== true;
}

function podIn(owner: CgroupOwner): { pod?: Pod } {
  if (owner.kind === 'pod') return { pod: owner };
  return owner.kind === 'container' && owner.pod ? { pod: owner.pod } : {};
}

/** Whether what runs in the targets ends or stands still. */
function interrupts(action: Action): boolean {
  const freezes = action.id === 'freeze-all-containers' || action.id === 'freeze-containers';
  return freezes || action.id === 'restart-containers' || endsTargets(action);
}

/** Whether the targets end, and so may come back. A restart brings them back itself. */
function endsTargets({ id }: Action): boolean {
  return id === 'kill-all-containers' || id === 'kill-containers' || id === 'stop-containers';
}
