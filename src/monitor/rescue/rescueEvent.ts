import type { ContainerOutcome } from '../../core/containers/containerAction';
import type { RescueTarget } from './rescuePlan';

/** How the kernel was told to kill: `cgroup.kill` (5.14+) or SIGKILL to each process. */
export type KilledBy = 'cgroup.kill' | 'signals';

/** What the API of a container runtime says of one request. */
export interface ApiAnswer {
  readonly outcome: ContainerOutcome;
  /** In the words of the runtime or the connection. */
  readonly message?: string;
}

/** What is asked of the API of a container runtime. A request that is cut off settles as `unknown` or rejects. */
export interface KillingApi {
  kill(id: string, signal: 'KILL'): Promise<ApiAnswer>;
  /** Sets the restart policy to `no`. Once `cancel` is aborted it is not sent any more. */
  disableRestart(id: string, cancel: AbortSignal): Promise<ApiAnswer>;
}

/**
 * `freeze`: the machine is to breathe again; `api`: killed by the runtime; `without-api`: by the kernel, and beside it
 * `disable-restart`, which is told for each target only; `thaw`: what was not killed.
 */
export type RescueStep = 'freeze' | 'api' | 'without-api' | 'disable-restart' | 'thaw';

/**
 * How far it is. Without a target: a step as a whole, `started` and then `ended`. With one:
 * `done`; `waiting`: sent, and the kernel has yet to finish; `failed`, `gone`, `unknown`, `not-sent` as `ContainerOutcome`.
 */
export interface RescueEvent {
  readonly step: RescueStep;
  readonly target?: RescueTarget;
  /** When the step began, of our monotonic clock. */
  readonly startedAtMs: number;
  readonly elapsedMs: number;
  /** Of a target: when the request that is answered here was made, of our monotonic clock. */
  readonly sentAtMs?: number;
  /** Of a target that the kernel was told to kill. */
  readonly killedBy?: KilledBy;
  readonly outcome: 'started' | 'ended' | 'waiting' | ContainerOutcome;
  readonly message?: string;
}

/**
 * What became of a container. `killed`: the API has done it, or the kernel, having killed it, finds nothing in it; `ending`:
 * killed, and some of its processes were still there when that was looked at last; `gone`: it had ended before, as the API or the
 * kernel says; `refused`: it was denied, or its API does not know it; `not-killed`: nothing that kills was sent; `unknown`:
 * something that kills was sent, and nothing told what came of it.
 */
export type KillOutcome = 'killed' | 'ending' | 'gone' | 'refused' | 'not-killed' | 'unknown';

export interface KilledContainer {
  readonly target: RescueTarget;
  readonly outcome: KillOutcome;
  /** Its restart policy was disabled while it was killed without the API; `unknown`: asked, and not answered. */
  readonly restartPolicy?: 'disabled' | 'unknown';
  /** It was frozen on a lease first, and nothing has told that it was thawed: see `RescueShell.leaseMs`. */
  readonly standsStill?: true;
  /** Why, or what is to be known besides: no full stop is missing. */
  readonly reason?: string;
}
