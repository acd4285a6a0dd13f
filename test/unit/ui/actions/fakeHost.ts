/** A host as its runtime and its kernel act on it, made up. */
import type { ContainerAction, ContainerResult } from '../../../../src/core/containers/containerAction';
import type { Container } from '../../../../src/core/containers/container';
import type { Freezer, GroupAnswer, Presence, SignalOutcome } from '../../../../src/core/rescue/answer';
import type { ActOptions } from '../../../../src/monitor/docker/containerApi';
import type { RescueReply } from '../../../../src/monitor/rescue/rescueShell';
import type { ActingApi, ActingShell, Means } from '../../../../src/ui/actions/means';
import { ConnectionError } from '../../../../src/transport/connection';
import { english } from '../../../../src/core/translate';

export const never = new Promise<never>(() => undefined);

export function answered<T>(value: T): RescueReply<T> {
  return { kind: 'answered', value, hostUptimeMs: 1, sentAtMs: 1, receivedAtMs: 2 };
}

/** Does all that it is asked, and writes it down. */
export class FakeHost {
  /** e.g. `kill web`, `freeze /a leased`, `SIGTERM 7:4711`. */
  readonly asked: string[] = [];
  readonly reported: string[] = [];
  readonly abort = new AbortController();
  readonly freezers = new Map<string, Freezer>();
  apiSays: (container: Container) => Pick<ContainerResult, 'outcome' | 'message'> = () => ({
    outcome: 'done',
  });
  /** What a group that is frozen becomes. */
  freezesTo: Freezer = 'frozen';
  apiError: ConnectionError | undefined;
  /** By signal; what is not there is `done`. */
  signalSays: (signal: string) => RescueReply<SignalOutcome> | Promise<never> = () => answered('done');
  /** What becomes of a process when it is looked at. */
  lookSays: () => RescueReply<Presence> | Promise<never> = () => answered('there');
  /** /proc/PID/cgroup by pid. */
  readonly memberships = new Map<number, string>();
  private cutNow: () => void = () => undefined;
  private readonly cut = new Promise<void>((resolve) => (this.cutNow = resolve));

  cutOff(): void {
    this.cutNow();
  }

  means({ root = true, more = {} }: { root?: boolean; more?: Partial<Means> } = {}): Means {
    const shell = this.shell(root);
    return {
      api: () => (this.apiError ? Promise.reject(this.apiError) : Promise.resolve(this.api)),
      mayUseApi: true,
      lane: root ? shell : undefined,
      cgroupOf: () => undefined,
      holdsUs: () => false,
      shell: () => Promise.resolve(shell),
      signal: this.abort.signal,
      cut: this.cut,
      report: (step, done) => this.reported.push(`${step} ${done}`),
      t: english,
      ...more,
    };
  }

  private readonly api: ActingApi = {
    act: (action: ContainerAction, containers: readonly Container[], options?: ActOptions) =>
      Promise.resolve(
        containers.map((container) => {
          if (options?.signal?.aborted === true) return { container, outcome: 'not-sent', ms: 0 } as const;
          this.asked.push(`${action.kind} ${container.name}`);
          const result = { container, ms: 5, ...this.apiSays(container) };
          options?.onResult?.(result);
          return result;
        }),
      ),
  };

  private shell(isRoot: boolean): ActingShell {
    const group = (cgroup: string, killed = false): GroupAnswer => ({
      kind: 'group',
      before: 'thawed',
      state: {
        version: 2,
        freezer: this.freezers.get(cgroup) ?? 'thawed',
        processes: 0,
        currentBytes: undefined,
      },
      ...(killed && { killedBy: 'cgroup.kill' as const, signalled: 1 }),
    });
    const ask = (text: string, cgroup: string, then?: Freezer): Promise<RescueReply<GroupAnswer>> => {
      this.asked.push(`${text} ${cgroup}`);
      if (then !== undefined) this.freezers.set(cgroup, then);
      return Promise.resolve(answered(group(cgroup, text === 'killGroup')));
    };
    return {
      isRoot,
      leaseMs: 300_000,
      ended: never,
      mayTake: (cgroup) => cgroup.startsWith('/'),
      freeze: (cgroup, leased) => ask(leased ? 'lease' : 'freeze', cgroup, this.freezesTo),
      thaw: (cgroup) => ask('thaw', cgroup, 'thawed'),
      killGroup: (cgroup) => ask('killGroup', cgroup),
      state: (cgroup) => Promise.resolve(answered(group(cgroup))),
      look: () => Promise.resolve(this.lookSays()),
      membership: (pid) => {
        this.asked.push(`membership ${pid}`);
        return Promise.resolve(answered(this.memberships.get(pid) ?? ''));
      },
      signal: ({ pid, starttimeTicks }, signal) => {
        this.asked.push(`SIG${signal} ${pid}:${starttimeTicks}`);
        return Promise.resolve(this.signalSays(signal));
      },
    };
  }
}
