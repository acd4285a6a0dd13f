import { isAborted, pause } from './pause';

/** After a kill the processes are read so often, at first and later; ms. */
const soonEveryMs = 1000;
const laterEveryMs = 3000;
const soonForMs = 5000;

/** The more processes there are, the longer the pause: to read one takes about 30 µs of the host. */
const pausePerProcessMs = 1;

export interface LookedAtHost {
  /** Whether the host has memory and time to spare for it. */
  readonly mayRead: () => boolean;
  /** All processes and memory cgroups, see `Demand`. Rejects where that cannot be. */
  readonly read: (signal: AbortSignal) => Promise<unknown>;
  /** How many processes are known. */
  readonly processes: () => number;
}

/** Looks closely at a host's processes for a while, so that one is seen that lives only seconds. */
export class CloseLook {
  private untilMs = -Infinity;
  private beganMs = -Infinity;
  private looking: AbortController | undefined;

  constructor(private readonly host: LookedAtHost) {}

  /** From now on for so long, first often. */
  begin(forMs: number): void {
    this.beganMs = performance.now();
    this.goOn(forMs);
  }

  /** For so long at least; what has been looked at for a while already, less often. */
  goOn(forMs: number): void {
    this.untilMs = Math.max(this.untilMs, performance.now() + forMs);
    if (this.looking) return;
    const looking = (this.looking = new AbortController());
    void this.run(looking.signal).finally(() => {
      if (this.looking === looking) this.looking = undefined;
    });
  }

  end(): void {
    this.untilMs = -Infinity;
    this.looking?.abort();
    this.looking = undefined;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!isAborted(signal) && performance.now() < this.untilMs) {
      if (this.host.mayRead()) await this.host.read(signal).catch(() => undefined); // the usual surveys go on
      const sinceMs = performance.now() - this.beganMs;
      const everyMs = sinceMs < soonForMs ? soonEveryMs : laterEveryMs;
      await pause(Math.max(everyMs, this.host.processes() * pausePerProcessMs), signal);
    }
  }
}
