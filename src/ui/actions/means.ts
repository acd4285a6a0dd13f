import type { ContainerApi } from '../../monitor/docker/containerApi';
import type { RescueLane } from '../../monitor/rescue/rescuePlan';
import type { RescueShell } from '../../monitor/rescue/rescueShell';
import type { Translate } from '../../core/translate';

export type ActingApi = Pick<ContainerApi, 'act'>;
export type ActingShell = RescueLane & Pick<RescueShell, 'look' | 'membership' | 'signal'>;

/** What an action is carried out with. */
export interface Means {
  /** @throws {ConnectionError} where it is not to be had. */
  readonly api: () => Promise<ActingApi>;
  /** False: the host's user may not use it, or there is none. */
  readonly mayUseApi: boolean;
  /** A shell of root's; undefined: there is none. */
  readonly lane: ActingShell | undefined;
  /** The cgroup of a container that no survey has come to yet; undefined: not known. */
  readonly cgroupOf: (id: string) => string | undefined;
  /** Whether our own shell runs within a cgroup: what stops that stops us. */
  readonly holdsUs: (cgroup: string) => boolean;
  /** A shell that signals processes, of root's or of the plain user's. @throws {ConnectionError} where there is none. */
  readonly shell: () => Promise<ActingShell>;
  /** Cancels: nothing more is sent. */
  readonly signal: AbortSignal;
  /** Resolves when the connection has ended. */
  readonly cut: Promise<unknown>;
  /** Says how far it is. @param done so many of the targets have their result. */
  readonly report: (step: string, done: number) => void;
  readonly t: Translate;
}
