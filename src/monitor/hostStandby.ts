import type { PermissionAnswers } from '../core/permissions/answers';
import { Emitter } from './emitter';
import type { LaunchMemory } from './launch';
import type { MonitorOptions } from './monitorOptions';
import type { Session } from './session';
import { Standby } from './standby';

export interface HostStandbyOptions extends Pick<
  MonitorOptions,
  'act' | 'dockerSocket' | 'holdInMemory' | 'log' | 'mayChange' | 'sudo'
> {
  /** How a shell was reached on this host before. */
  readonly launchMemory: LaunchMemory;
  /** What the host's user may do; undefined: not asked yet. */
  readonly rights: () => PermissionAnswers | undefined;
}

/** What is kept open to act on one host, over one connection after the other. */
export class HostStandby {
  private readonly listed: Emitter<void>;
  private latest: Standby | undefined;

  constructor(
    private readonly options: HostStandbyOptions,
    onListenerError: (error: unknown) => void,
  ) {
    this.listed = new Emitter(onListenerError);
    this.onList = this.listed.event;
  }

  /** The containers were listed. */
  readonly onList: Emitter<void>['event'];

  /** Over the latest connection, closed or not; undefined: there was none yet, or nobody wants to act. */
  get current(): Standby | undefined {
    return this.latest;
  }

  /**
   * There is a new connection. What was kept open over the one before is used until the same is open over this one, and closed
   * with its own.
   * @param sameBoot whether the host has not been started anew since.
   */
  connected({ connection, programConnection }: Session, sameBoot: boolean): void {
    const { act, dockerSocket, holdInMemory, launchMemory, log, mayChange, rights, sudo } = this.options;
    if (act !== true || !dockerSocket) return;
    const earlier = sameBoot ? this.latest : undefined;
    if (!sameBoot) this.latest?.close();
    this.latest = new Standby({
      connection,
      launchConnection: programConnection,
      launchMemory,
      sudo,
      ...(mayChange && { mayChange }),
      dockerSocket,
      held: () => holdInMemory?.() === true,
      rights,
      earlier,
      onList: () => this.listed.fire(),
      log,
    });
  }
}
