import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualMachine } from '../../test/vm/lab/virtualMachine';
import { parseObservations, type Observation } from './observation';

const lookEveryMs = 200;

/** A line of it is far shorter; so much of the console's end is looked at each time. */
const tailLength = 4000;

/** Follows what `observe` writes to the console of the machine, which does not wait for anything on it. */
export class Observer {
  private readonly seen: Observation[] = [];
  /** Our time of day less the machine's uptime, by the line that came the quickest. */
  private aheadMs = Infinity;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly vm: VirtualMachine) {
    this.timer = setInterval(() => this.look(), lookEveryMs);
  }

  get all(): readonly Observation[] {
    return this.seen;
  }

  get latest(): Observation | undefined {
    return this.seen.at(-1);
  }

  /** The machine's uptime at a moment of our time of day, both in ms. */
  uptimeAt(wallMs: number): number {
    return wallMs - this.aheadMs;
  }

  /** Resolves with whether it came to hold in time. */
  async until(condition: (latest: Observation) => boolean, timeoutMs: number): Promise<boolean> {
    const endAtMs = performance.now() + timeoutMs;
    while (performance.now() < endAtMs) {
      const { latest } = this;
      if (latest && condition(latest)) return true;
      await sleep(lookEveryMs);
    }
    return false;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const nowMs = Date.now();
    const last = this.latest?.at ?? -1;
    const fresh = parseObservations(this.vm.console().slice(-tailLength)).filter(({ at }) => at > last);
    this.seen.push(...fresh);
    for (const { at } of fresh) this.aheadMs = Math.min(this.aheadMs, nowMs - at);
  }
}
