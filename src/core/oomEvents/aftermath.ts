/** Who started a program again after it was killed. */
export type StartedBy =
  /** A unit of systemd; whether by Restart= is known where `restart` is. */
  | { readonly kind: 'systemd'; readonly unit: string; readonly restart?: string }
  /** The runtime of a container; `policy` where its API tells it. */
  | { readonly kind: 'container'; readonly id: string; readonly name?: string; readonly policy?: string }
  | { readonly kind: 'kubernetes'; readonly pod: string }
  /** The parent of both the one that was killed and the one that came back, e.g. a gunicorn master, a shell. */
  | { readonly kind: 'parent'; readonly pid: number; readonly name: string };

/** What happened after a kill, as far as it could be seen. */
export type Aftermath =
  /** Not known yet: it was too short ago. */
  | { readonly kind: 'waiting' }
  /** Nothing of the same name came into the same place for `watchedMs`. */
  | { readonly kind: 'stayed-dead'; readonly watchedMs: number }
  | {
      readonly kind: 'came-back';
      /** From the kill to the start of the new process; undefined: it was killed as well before it was seen. */
      readonly afterMs: number | undefined;
      readonly pid: number;
      /** Undefined: nobody can be named for sure. */
      readonly by: StartedBy | undefined;
    };

/** Kills that follow each other because something starts the same program again and again. */
export interface KillLoop {
  /** Of the program, as the kernel names it. */
  readonly name: string;
  /** Where the victims lived; undefined: the log does not tell. */
  readonly cgroup: string | undefined;
  readonly bootId: string;
  readonly kills: number;
  /** From the first to the last kill. */
  readonly spanMs: number;
  /** The host's uptime in ms at the last kill. */
  readonly lastAtMs: number;
  /** Keys of the events, oldest first. */
  readonly keys: readonly string[];
  /** Undefined: not known (yet). */
  readonly by: StartedBy | undefined;
}
