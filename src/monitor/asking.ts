import type { SurveyQuestion } from '../core/survey/question';
import { isAborted, pause } from './pause';
import { ownClockFor } from './ownClock';
import type { Answered, Session } from './session';
import { Silence } from './silence';
import type { Timing } from './timing';

/** A pause that took this much longer than planned, by the time of day: this machine slept; ms. */
const sleptMs = 5000;

export interface AskingListener {
  /** The pause between two questions, in ms; asked before each. */
  intervalMs(): number;
  /** Ends a pause early: aborted when the next question is wanted now. */
  hurried(): AbortSignal;
  answered(answered: Answered): void;
  /** What is asked besides, see {@link Session.collect}. */
  survey?(pace: number): SurveyQuestion | undefined;
  /** The question that was sent at `sinceMs` of our monotonic clock is open for too long. */
  late(sinceMs: number): void;
  /** It is open for so long that the connection may be dead. */
  secondWanted(): void;
}

/** Asks one session, again and again, but never before the last question is answered: a slow host is given no more to do. */
export class Asking {
  private open: Promise<Answered> | undefined;

  constructor(
    private readonly session: Session,
    private readonly listener: AskingListener,
    private readonly timing: Timing,
  ) {}

  /** Until `over`. The question that is open then stays so; see {@link lastAnswer}. Rejects only on a mistake of ours. */
  async run(over: AbortSignal): Promise<void> {
    const { silentMs, secondMs, secondAfterSleepMs } = this.timing;
    let dueMs = performance.now();
    let slept = false;
    while (!over.aborted) {
      const intervalMs = this.listener.intervalMs();
      const silence = new Silence(
        { silentMs, secondMs: slept ? secondAfterSleepMs : secondMs, secondAfterSleepMs },
        {
          silent: () => this.listener.late(this.session.askedAtMs ?? performance.now()),
          second: () => this.listener.secondWanted(),
        },
      );
      const answered = await this.answer(intervalMs, silence, over);
      if (isAborted(over)) break;
      this.open = undefined;
      this.listener.answered(answered);
      if (isAborted(over)) break; // by a listener
      // The next tick of the grid: a late answer skips questions, it does not queue them.
      dueMs += intervalMs * Math.max(1, Math.ceil((performance.now() - dueMs) / intervalMs));
      slept = await this.rest(answered.more ? 0 : dueMs, over);
      dueMs = Math.min(dueMs, performance.now()); // earlier than planned where somebody looks
    }
  }

  /** What the question that was open at the end still brings. Never settles when the session ends first. */
  async lastAnswer(): Promise<Answered | undefined> {
    return this.open;
  }

  private async answer(intervalMs: number, silence: Silence, over: AbortSignal): Promise<Answered> {
    const end = (): void => silence.end();
    over.addEventListener('abort', end, { once: true });
    try {
      this.open = this.session.collect(ownClockFor(intervalMs), (pace) => this.listener.survey?.(pace));
      return await this.open;
    } finally {
      over.removeEventListener('abort', end);
      end();
    }
  }

  /** @returns whether this machine slept meanwhile. */
  private async rest(untilMs: number, over: AbortSignal): Promise<boolean> {
    const pauseMs = Math.max(0, untilMs - performance.now());
    const startedWallMs = Date.now();
    await pause(pauseMs, over, this.listener.hurried());
    return Date.now() - startedWallMs - pauseMs > sleptMs;
  }
}
