/** The API of a runtime that answered, and what can be had from it. What it did not tell is undefined. */
export interface ContainerRuntimeFacts {
  readonly runtime: 'docker' | 'podman';
  /** e.g. `28.2.2`. */
  readonly version: string | undefined;
  /** Of the Docker API, e.g. `1.50`. */
  readonly apiVersion: string | undefined;
  readonly cgroupVersion: 1 | 2 | undefined;
  readonly cgroupDriver: string | undefined;
  /** Whether a limit of memory can be set at all. */
  readonly memoryLimit: boolean | undefined;
  /** Whether the kernel counts swap for each cgroup (`swapaccount=1` in version 1). */
  readonly swapLimit: boolean | undefined;
  readonly oomKillDisable: boolean | undefined;
  /** It runs without root, for one user. */
  readonly rootless: boolean | undefined;
  /** Running containers outlive a restart of the daemon. */
  readonly liveRestore: boolean | undefined;
  /** It is part of a Swarm, which starts containers again by itself. */
  readonly swarm: boolean | undefined;
}

/** Where the API is on the host and how it is reached. */
export interface ContainerApiPlace {
  /** e.g. `/var/run/docker.sock`. */
  readonly socketPath: string;
  /** `socket`: forwarded by the SSH server; `dial-stdio`: a program of the runtime on the host, as root with `sudo`. */
  readonly way: 'socket' | 'dial-stdio' | 'sudo dial-stdio';
}
