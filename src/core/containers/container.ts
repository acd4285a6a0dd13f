/** What a runtime does when a container has ended. */
export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** Of `on-failure`: so often at most. Absent: without end. */
  readonly maximumRetryCount?: number;
}

/** Limits as the runtime was told them, in bytes; the kernel's own figures are those of the cgroup. Absent: none. */
export interface ContainerLimits {
  readonly memoryBytes?: number;
  /** Memory and swap together. Absent: no limit of its own. */
  readonly memorySwapBytes?: number;
  readonly reservationBytes?: number;
}

/** What the runtime says a container does. */
export type ContainerState =
  'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | 'unknown';

export type ContainerHealth = 'starting' | 'healthy' | 'unhealthy';

/**
 * A container as its runtime describes it. Everything comes from the host: texts are cleaned and cut, the rest is what it
 * has to be or undefined. What only an inspection tells is undefined where there was none.
 */
export interface Container {
  /** 12 to 64 hexadecimal digits. */
  readonly id: string;
  /** Without the leading `/`; where it has none, the first 12 digits of the id. */
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  /** In the runtime's words, e.g. `Up 3 minutes (healthy)`. */
  readonly status: string;
  /** ms since the epoch, by the host's clock. */
  readonly createdAtMs?: number;
  readonly startedAtMs?: number;
  readonly composeProject?: string;
  readonly composeService?: string;
  /** Undefined: not inspected, or one that is not known here. */
  readonly restartPolicy: RestartPolicy | undefined;
  /** When that was asked, by our clock (`performance.now()`). Absent: it was not. */
  readonly inspectedAtMs?: number;
  /** How often the policy has started it again. */
  readonly restartCount?: number;
  /** Absent: it has no health check. */
  readonly health?: ContainerHealth;
  /** Of Docker only where the limit of its own cgroup was met, not when the whole host ran out of memory. */
  readonly oomKilled?: boolean;
  /** Of its first process, as the host numbers it. */
  readonly pid?: number;
  /** Undefined: not inspected. */
  readonly limits?: ContainerLimits | undefined;
  /** Bounded in number and length. */
  readonly labels: Readonly<Record<string, string>>;
  /** It has further labels than are in `labels`. */
  readonly labelsCut?: true;
  /** Names of those in `labels` whose values were cut or cleaned. Absent: none. */
  readonly labelValuesCut?: readonly string[];
  /** Its name was cut or cleaned. */
  readonly nameCut?: true;
  /** It is removed when it ends (`--rm`). */
  readonly autoRemove?: boolean;
  /** Swarm starts another one in its place. */
  readonly swarmServiceId?: string;
  /** Kubernetes starts another one in its place: the pod's name. */
  readonly kubernetesPod?: string;
  /** systemd starts it: the unit that Podman wrote down. */
  readonly systemdUnit?: string;
}
