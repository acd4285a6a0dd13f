import { hostPolicyOf, type HostName } from '../../core/actions/hostPolicy';
import type { PlanInput } from '../../core/actions/plan';
import { rightsOf, type Rights } from '../../core/actions/rights';
import type { ActionId, ActionTarget } from '../../core/actions';
import { joinContainers, type JoinedContainer } from '../../core/containers/joinContainers';
import type { Permission } from '../../core/permissions/permission';
import { holdsUs } from '../../core/rescue/request';
import type { HostMonitor } from '../../monitor/hostMonitor';
import type { RescueShell } from '../../monitor/rescue/rescueShell';
import { currentSurveyOf } from '../surveyView';

/** What a monitor knows that a plan is made from. */
export type KnownOfHost = Pick<
  HostMonitor,
  'containerList' | 'facts' | 'latest' | 'permissions' | 'survey'
> & {
  /** What is open to act on the host. */
  readonly standby: OpenToAct | undefined;
};

/** What is open now, and what could not be opened. */
export interface OpenToAct {
  readonly containers: object | undefined;
  readonly rescue: Pick<RescueShell, 'hello' | 'isRoot'> | undefined;
  /** Why a shell of root's could not be opened; undefined: it was, or it was not tried. */
  readonly rootObstacle?: string | undefined;
}

/** What the user has set that a plan is made from. */
export interface ActionSettings {
  readonly protectedContainers: readonly string[];
  readonly productionHosts: readonly string[];
  readonly readOnly: boolean | readonly string[];
}

/** Containers with their cgroups, as they were told last. Where a list was never told, those whose cgroups were read. */
export function joinedContainersOf({
  containerList,
  survey,
}: Pick<KnownOfHost, 'containerList' | 'survey'>): readonly JoinedContainer[] {
  return joinContainers(containerList?.containers, survey?.cgroups.all ?? []);
}

/** @param permissions what the host was asked, see `permissionsOfHost`. */
export function rightsOfHost(
  { permissions: answers, standby }: Pick<KnownOfHost, 'permissions' | 'standby'>,
  permissions: readonly Permission[],
  sudoAllowed: boolean,
): Rights {
  // Before the host was asked only what its kernel shows is known.
  return rightsOf(answers ? permissions : [], answers?.user, sudoAllowed, {
    apiOpen: standby?.containers !== undefined,
    rootOpen: standby?.rescue?.isRoot === true,
    rootObstacle: standby?.rootObstacle,
  });
}

/** What a plan is made from, out of all that is known of a host. Nothing is asked of it. */
export function planInputOf(
  wanted: { readonly action: ActionId; readonly target: ActionTarget; readonly limitBytes?: number },
  host: HostName,
  known: KnownOfHost,
  rights: Rights,
  settings: ActionSettings,
): PlanInput {
  const { latest, standby } = known;
  const survey = currentSurveyOf(known);
  const own = standby?.rescue?.hello.ownCgroups;
  const nowMs = latest?.sample.at;
  const listedAtMs = known.containerList?.readAtMs;
  return {
    ...wanted,
    containers: joinedContainersOf({ containerList: known.containerList, survey }),
    process: (pid) => survey?.processes.get(pid),
    childrenOf: (pid) => survey?.processes.processes.filter(({ stat }) => stat.ppid === pid) ?? [],
    cgroup: (path) => survey?.cgroups.get(path),
    rights,
    policy: hostPolicyOf(host, settings.productionHosts, settings.readOnly),
    protectedContainers: settings.protectedContainers,
    bootId: known.facts?.bootId,
    swapFreeBytes: latest?.sample.meminfo?.swapFreeBytes,
    ...(own && { holdsUs: (path) => holdsUs(path, own) }),
    ...(nowMs !== undefined && { nowMs }),
    ...(listedAtMs !== undefined && { listAgeMs: performance.now() - listedAtMs }),
  };
}
