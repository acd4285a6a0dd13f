import { errorText } from '../core/errorText';
import type { SurveyCapture } from '../core/survey/capture';
import type { SurveyQuestion } from '../core/survey/question';
import { Survey } from '../core/survey/survey';
import type { Demand } from '../core/survey/surveySchedule';
import { Emitter } from './emitter';
import type { Moment } from './moments';
import { pause } from './pause';
import type { Session } from './session';

/** The half of the program that answers surveys is started anew a few times soon, and then no more often than this; ms. */
const renewSoon = { times: 3, everyMs: 30_000 };
const renewEveryMs = 10 * 60_000;

/** Surveys of a host that nobody looks at, or that thrashes, go so much slower, a slice in this time; ms. */
const rarePace = 0.2;
const rarelyEveryMs = 5000;
const shortEveryMs = 15_000;

/** PSI memory full from which a host counts as one that thrashes. */
const shortOfMemoryPercent = 20;

/** What is read at once does not come where nothing of it has come for so long; ms. */
const longestDemandMs = 60_000;

export interface SurveysOptions {
  /** The latest sample; undefined: none has come yet. */
  readonly latest: () => Pick<Moment, 'rates' | 'sample'> | undefined;
  /** Whether somebody looks at this host. */
  readonly looked: () => boolean;
  /** Whether the host has so little memory left that nothing is started there. */
  readonly nearCliff: () => boolean;
  /** Asks at once instead of after the pause that was planned. */
  readonly hurry: () => void;
  readonly log: (line: string) => void;
}

/** What surveys need of a connection. */
export type SurveyedSession = Pick<Session, 'ended' | 'facts' | 'hello' | 'renew' | 'surveyEnded'>;

/** Whether the host answers surveys over this connection. */
export function answersSurveys({ hello, surveyEnded }: SurveyedSession): boolean {
  return hello.surveys && !surveyEnded;
}

/** The surveys of one host, over all of its connections: what is asked, and what came of it. */
export class Surveys {
  private readonly told: Emitter<SurveyCapture>;
  private current: Survey | undefined;
  private renewed = { times: 0, atMs: -Infinity };
  private askedAtMs = -Infinity;
  private beside: { readonly over: AbortController; readonly ended: Promise<unknown> } | undefined;

  constructor(
    private readonly options: SurveysOptions,
    onListenerError: (error: unknown) => void,
  ) {
    this.told = new Emitter(onListenerError);
    this.onSlice = this.told.event;
  }

  /** A slice has come and is in {@link survey}. */
  readonly onSlice: Emitter<SurveyCapture>['event'];

  /** Of the boot that is watched; undefined before the first slice was asked for. */
  get survey(): Survey | undefined {
    return this.current;
  }

  /** Another run of the program answers from now on, over the same connection or another one. */
  programChanged(): void {
    this.current?.programChanged();
  }

  /** What is asked besides a sample, at a pace of at most 1: where nobody looks it is enough to know who is there. */
  next(session: SurveyedSession, pace: number): SurveyQuestion | undefined {
    const latest = this.options.latest();
    if (!latest || latest.sample.bootId !== session.facts.bootId) return undefined;
    const { at } = latest.sample;
    // What comes out of a host that waits for its own memory is to be samples first. And a question costs something by itself.
    const isShort = (latest.rates?.memoryFullPercent ?? 0) >= shortOfMemoryPercent;
    const survey = this.surveyOf(session);
    const rarely = !survey.isUrgent && (isShort || !this.options.looked());
    const sinceMs = at - this.askedAtMs;
    if (rarely && sinceMs >= 0 && sinceMs < (isShort ? shortEveryMs : rarelyEveryMs)) return undefined;
    this.askedAtMs = at;
    return survey.next(at, rarely ? pace * rarePace : pace);
  }

  /** Takes in a slice. What comes from a host must not end the watching, whatever is made of it. */
  add(session: SurveyedSession, capture: SurveyCapture): void {
    try {
      this.surveyOf(session).add(capture);
      this.told.fire(capture);
    } catch (error) {
      this.options.log(`a part of the survey was lost: ${errorText(error)}`);
    }
  }

  /**
   * Reads something at once, see {@link Demand}, and takes it into the survey as well.
   * @throws {Error} where the host answers no surveys, where the connection ends, and when `signal` is aborted.
   */
  async readAtOnce(
    session: SurveyedSession | undefined,
    demand: Demand,
    signal: AbortSignal,
  ): Promise<readonly SurveyCapture[]> {
    if (this.beside) {
      this.beside.over.abort();
      await this.beside.ended;
    }
    return this.read(session, demand, signal);
  }

  /**
   * The same for what nobody waits for: it gives way to what is read at once meanwhile.
   * @throws {Error} as above, and where something is being read at once already.
   */
  async readBeside(
    session: SurveyedSession | undefined,
    demand: Demand,
    signal: AbortSignal,
  ): Promise<readonly SurveyCapture[]> {
    if (this.beside) throw new Error('something else is being read there beside');
    const over = new AbortController();
    const reading = this.read(session, demand, signal, over.signal);
    const beside = { over, ended: reading.catch(() => undefined) };
    this.beside = beside;
    try {
      return await reading;
    } finally {
      if (this.beside === beside) this.beside = undefined;
    }
  }

  private async read(
    session: SurveyedSession | undefined,
    demand: Demand,
    ...signals: readonly AbortSignal[]
  ): Promise<readonly SurveyCapture[]> {
    if (!session || !answersSurveys(session)) throw new Error('the host answers no surveys');
    const over = new AbortController();
    let takeBack: () => void = () => undefined;
    try {
      const met = new Promise<readonly SurveyCapture[]>((resolve) => {
        takeBack = this.surveyOf(session).atOnce(demand, resolve);
      });
      this.options.hurry();
      const outcome = await Promise.race([
        met,
        session.ended.then(() => 'the connection was lost'),
        this.quiet(over.signal, ...signals).then(() => 'the host did not answer in time'),
      ]);
      for (const signal of signals) signal.throwIfAborted();
      if (typeof outcome === 'string') throw new Error(outcome);
      return outcome;
    } finally {
      over.abort();
      takeBack();
    }
  }

  /** Where the half of the program that answers has ended, a calm host is asked to start it anew, now and then. */
  renew(session: SurveyedSession): void {
    const nowMs = performance.now();
    const { times, atMs } = this.renewed;
    if (!session.surveyEnded || nowMs - atMs < (times < renewSoon.times ? renewSoon.everyMs : renewEveryMs))
      return;
    if (this.options.nearCliff()) return;
    // After a long time without, it may be soon again.
    this.renewed = { times: nowMs - atMs > 6 * renewEveryMs ? 1 : times + 1, atMs: nowMs };
    this.options.log(
      'the part of the program that reads processes and cgroups has ended; it is started anew',
    );
    void session.renew().then((obstacle) => {
      if (obstacle !== undefined) this.options.log(`it could not be started: ${obstacle}`);
    });
  }

  /** Nothing of another boot is true of this one. */
  private surveyOf({ facts }: SurveyedSession): Survey {
    const bootId = facts.bootId ?? '';
    if (this.current?.bootId !== bootId) this.current = new Survey(bootId, facts.pageSizeBytes);
    return this.current;
  }

  /** Resolves when no slice has come for a while, and when one of the signals is aborted. */
  private async quiet(...signals: readonly AbortSignal[]): Promise<void> {
    let heard = true;
    const subscription = this.onSlice(() => (heard = true));
    while (heard && !signals.some((signal) => signal.aborted)) {
      heard = false;
      await pause(longestDemandMs, ...signals);
    }
    subscription.dispose();
  }
}
