import { errorText } from '../core/errorText';
import type { PssReading } from '../core/processes/pssReading';
import type { ProcessTarget } from '../core/rescue/request';

/** As many are remembered, those that were asked for last. */
const mostKept = 50;

/**
 * None is made for so long after one that was not answered, in ms: what reads it on the host goes on waiting, and takes one of
 * the few sessions that its sshd allows (MaxSessions), which the way to act there may need.
 */
const restMs = 5 * 60_000;

/** What is known of the PSS of one process. */
export type PssState =
  | { readonly kind: 'measuring' }
  /** @see PssReading; `atMs` of our monotonic clock. */
  | { readonly kind: 'measured'; readonly reading: PssReading; readonly atMs: number }
  /** It was not asked for, since another one that was not answered may still wait on the host. */
  | { readonly kind: 'held-back' }
  /** It could not be asked for, with the reason. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Measurements of the PSS of single processes of one host, made one after the other. */
export class PssMeasurements {
  readonly #states = new Map<string, PssState>();
  #last: Promise<void> = Promise.resolve();
  #unansweredAtMs = -Infinity;

  /**
   * @param read makes one measurement.
   * @param changed is called when there is more to tell.
   */
  constructor(
    private readonly read: (process: ProcessTarget) => Promise<PssReading>,
    private readonly nowMs: () => number,
    private readonly changed: () => void,
  ) {}

  /** Undefined: nobody asked for it, or long ago. */
  of(bootId: string, process: ProcessTarget): PssState | undefined {
    return this.#states.get(keyOf(bootId, process));
  }

  /** Measures one, unless that is under way already. */
  measure(bootId: string, process: ProcessTarget): void {
    const key = keyOf(bootId, process);
    if (this.#states.get(key)?.kind === 'measuring') return;
    if ([...this.#states.values()].filter(({ kind }) => kind === 'measuring').length >= mostKept) return;
    this.#keep(key, { kind: 'measuring' });
    this.#last = this.#last.then(async () => this.#keep(key, await this.#stateAfterReading(process)));
  }

  async #stateAfterReading(process: ProcessTarget): Promise<PssState> {
    if (this.nowMs() - this.#unansweredAtMs < restMs) return { kind: 'held-back' };
    try {
      const reading = await this.read(process);
      const atMs = this.nowMs();
      if (reading.kind === 'unanswered') this.#unansweredAtMs = atMs;
      return { kind: 'measured', reading, atMs };
    } catch (error) {
      return { kind: 'failed', reason: errorText(error) };
    }
  }

  #keep(key: string, state: PssState): void {
    this.#states.delete(key);
    this.#states.set(key, state);
    for (const [oldest] of this.#states) {
      if (this.#states.size <= mostKept) break;
      this.#states.delete(oldest);
    }
    this.changed();
  }
}

function keyOf(bootId: string, { pid, starttimeTicks }: ProcessTarget): string {
  return `${bootId} ${pid} ${starttimeTicks}`;
}
