import { setMaxListeners } from 'node:events';
import { errorText } from '../../core/errorText';
import { isAborted, pause } from '../pause';
import {
  courseOf,
  isDeadForApi,
  isGoneForApi,
  isUnknownToApi,
  resultOf,
  stillEnding,
  unanswered,
  wasHit,
  type Course,
} from './course';
import { groupOf, messageOf, outcomeOf } from './groupReply';
import type { ApiAnswer, KilledContainer, KillingApi, RescueEvent, RescueStep } from './rescueEvent';
import { rescueLimits, type RescueLimits } from './rescueLimits';
import { rescuePlan, type RescueLane, type RescuePlan, type RescueTarget } from './rescuePlan';

export interface RescueOptions {
  /** Absent: there is no shell; then the API only. */
  readonly lane?: RescueLane | undefined;
  /** Absent: there is none that could be asked; then the kernel only, and who has started them may start them again. */
  readonly api?: KillingApi | undefined;
  /** Cancels: what has not been sent is not, and what was frozen is thawed. */
  readonly signal: AbortSignal;
  /** Resolves when the connection has ended. */
  readonly cut: Promise<unknown>;
  readonly onEvent?: (event: RescueEvent) => void;
  readonly limits?: Partial<RescueLimits>;
}

/** Requests to the API at a time: a connection has few channels. */
const apiAtATime = 2;

/** How often the kernel is asked whether what is to freeze or to end has done so. */
const pollMs = 100;

/**
 * Kills containers on a host in a jam. First all of them are frozen, so that the machine breathes; then they are killed
 * through the API, so that they stay dead; where the API does not answer or fails, by the kernel, again and again, until the API has
 * answered or has disabled the restart policy; at last whatever was not killed is thawed. Without a root shell: through the
 * API only.
 *
 * @returns one result for each target, in their order. Never rejects.
 */
export async function runRescue(
  targets: readonly RescueTarget[],
  options: RescueOptions,
): Promise<KilledContainer[]> {
  return new Run(targets, options).run();
}

class Run {
  private readonly limits: RescueLimits;
  private readonly plan: RescuePlan;
  private readonly courses: readonly Course[];
  /** Aborted when nothing more may be begun: cancelled, cut, or out of time. */
  private readonly over = new AbortController();
  private why: string | undefined;
  /** Aborted when nothing that was sent can be answered any more. */
  private readonly lost = new AbortController();
  private readonly lane: RescueLane | undefined;
  /** Aborted when the shell has ended. */
  private readonly laneOver = new AbortController();
  /** Nothing is told any more. */
  private hasEnded = false;
  /** Requests to disable a restart policy that are not answered, and what takes them back. */
  private readonly disabling = new Map<Course, AbortController>();
  private readonly restarts = new Set<Promise<void>>();
  /** What the API has been asked and has not answered yet. */
  private apiWork: Promise<unknown> = Promise.resolve();

  constructor(
    targets: readonly RescueTarget[],
    private readonly options: RescueOptions,
  ) {
    this.limits = { ...rescueLimits, ...options.limits };
    // Each target waits for them in several places at a time: no leak.
    setMaxListeners(0, this.over.signal, this.lost.signal, this.laneOver.signal);
    this.plan = rescuePlan(targets, options.lane);
    this.lane = options.lane?.isRoot === true ? options.lane : undefined;
    this.courses = targets.map((target) => courseOf(target, this.plan.byLane.includes(target)));
  }

  async run(): Promise<KilledContainer[]> {
    const { signal, cut } = this.options;
    const cancel = (): void => this.finish('It was cancelled.');
    signal.addEventListener('abort', cancel, { once: true });
    const timer = setTimeout(() => this.finish('It took too long.'), this.limits.wholeMs);
    const isCut = (): void => {
      this.finish('The connection has ended.');
      this.lost.abort();
    };
    cut.then(isCut, isCut);
    void this.lane?.ended.then(() => this.laneOver.abort());
    if (signal.aborted) cancel();
    try {
      await this.freeze();
      await this.killByApi();
      await this.killWithoutApi();
      if (this.courses.some(({ result }) => !result)) await Promise.race([this.apiWork, this.stopped()]);
      await this.thaw();
      await this.restartsAnswered();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      this.hasEnded = true;
      this.over.abort();
      this.lost.abort();
    }
    return this.courses.map((course) => resultOf(course, this.why));
  }

  private finish(why: string): void {
    if (!this.isOver) this.why = why;
    this.over.abort();
  }

  private get isOver(): boolean {
    return isAborted(this.over.signal);
  }

  private async freeze(): Promise<void> {
    const { lane } = this;
    const courses = this.courses.filter(({ byLane }) => byLane);
    if (!lane || courses.length === 0 || this.isOver) return;
    if (lane.leaseMs === undefined) {
      // Where the connection is lost nobody would thaw them for hours.
      for (const { target } of courses)
        this.tell('freeze', performance.now(), { outcome: 'not-sent', target, message: noClock });
      return;
    }
    await this.step('freeze', async (startedAtMs) => {
      const asked = Promise.all(courses.map((course) => this.freezeOne(lane, course, startedAtMs)));
      const answered = asked.then(() => true);
      if (!(await this.within(answered, this.limits.freezeMs))) return;
      await this.until(this.limits.settleMs, async () => {
        const replies = await Promise.all(courses.map(({ target }) => lane.state(target.cgroup ?? '')));
        return replies.every((reply) => groupOf(reply)?.state.freezer !== 'freezing');
      });
    });
  }

  private async freezeOne(lane: RescueLane, course: Course, startedAtMs: number): Promise<void> {
    const { target } = course;
    const sentAtMs = performance.now();
    course.standing = 'asked';
    const reply = await lane.freeze(target.cgroup ?? '', true);
    const group = groupOf(reply);
    const isOurs = group && group.before !== 'frozen' && group.state.freezer !== 'absent';
    if (reply.kind !== 'unknown') course.standing = isOurs === true ? 'frozen' : 'untouched';
    const event = { target, sentAtMs };
    if (group?.state.freezer === 'absent') {
      const message = 'The kernel of the host cannot freeze it.';
      this.tell('freeze', startedAtMs, { ...event, outcome: 'failed', message });
    } else this.tell('freeze', startedAtMs, { ...event, outcome: outcomeOf(reply), ...messageOf(reply) });
  }

  /** Ends when each has been answered, or one has taken too long: then the others would as well. */
  private async killByApi(): Promise<void> {
    const { api } = this.options;
    if (!api || this.isOver) return;
    await this.step('api', async (startedAtMs) => {
      const queue = [...this.courses];
      const slow = new AbortController();
      const workOff = async (): Promise<void> => {
        for (let course = queue.shift(); course && !this.isOver; course = queue.shift())
          await this.killOneByApi(api, course, startedAtMs, slow);
      };
      const workers = Array.from({ length: apiAtATime }, workOff);
      const all = Promise.all(workers);
      this.apiWork = all;
      const canDoWithout = this.lane !== undefined && this.plan.byLane.length > 0;
      await Promise.race([all, this.stopped(canDoWithout ? slow.signal : undefined)]);
      if (this.isOver) await this.afterCancel(all);
    });
  }

  private async killOneByApi(
    api: KillingApi,
    course: Course,
    startedAtMs: number,
    slow: AbortController,
  ): Promise<void> {
    const timer = setTimeout(() => slow.abort(), this.limits.apiMs);
    const { target } = course;
    const sentAtMs = performance.now();
    course.sent.api = true;
    const answer = await api.kill(target.id, 'KILL').catch(failed);
    clearTimeout(timer);
    course.answer = answer;
    if (answer.outcome === 'not-sent') course.sent.api = false;
    if (answer.outcome === 'failed') course.refused = answer.message ?? 'The API refuses.';
    this.tell('api', startedAtMs, { ...answer, target, sentAtMs });
    await this.confirm(course);
  }

  /**
   * What the API says is dead ends within a moment; where the kernel can be asked it is asked. What has ended for the
   * runtime, and goes on for the kernel, is left to the kernel.
   */
  private async confirm(course: Course): Promise<void> {
    const outcome = course.answer?.outcome;
    if (course.result || (outcome !== 'done' && outcome !== 'gone')) return;
    const left = course.byLane && !this.isOver ? await this.leftAfter(course, this.limits.endMs) : undefined;
    if (outcome === 'done' && (left ?? 0) > 0) this.end(course, 'ending', stillEnding(left ?? 0));
    else if (outcome === 'done') this.end(course, 'killed');
    else if (left === 0 || (!course.left && isGoneForApi(course)))
      this.end(course, wasHit(course) ? 'killed' : 'gone');
  }

  /**
   * The processes that are left when they are given so long to end.
   * @param left what was told before.
   * @returns undefined where the kernel does not answer.
   */
  private async leftAfter(course: Course, limitMs: number, left?: number): Promise<number | undefined> {
    if (left === 0) return left;
    let latest = left;
    await this.until(limitMs, async () => {
      const reply = await this.lane?.state(course.target.cgroup ?? '');
      if (reply?.kind === 'answered' && reply.value.kind !== 'denied')
        latest = course.left = groupOf(reply)?.state.processes ?? 0;
      return latest === 0;
    });
    return latest;
  }

  private async killWithoutApi(): Promise<void> {
    const { lane } = this;
    const open = (): Course[] => this.courses.filter(({ byLane, result }) => byLane && !result);
    const isDone = (): boolean => this.isOver || isAborted(this.laneOver.signal) || open().length === 0;
    if (!lane || isDone()) return;
    await this.step('without-api', async (startedAtMs) => {
      while (!isDone()) {
        for (const course of lastAskedLast(open())) this.disableRestart(course, startedAtMs);
        const round = Promise.all(open().map((course) => this.killOnce(lane, course, startedAtMs)));
        // The API may have done what the shell has not answered yet.
        const ended = new AbortController();
        const allDone = this.until(undefined, () => isAborted(ended.signal) || open().length === 0);
        await Promise.race([round, this.stopped(ended.signal), allDone]);
        ended.abort();
        if (this.isOver) await this.afterCancel(round);
        if (!isDone()) await pause(this.limits.roundMs, this.over.signal, this.laneOver.signal);
      }
    });
  }

  /**
   * Asks again in the next round where it was refused: a container that is being started refuses. It is for good, and so only
   * asked as long as there is no better answer.
   */
  private disableRestart(course: Course, startedAtMs: number): void {
    const { api } = this.options;
    if (!api || course.restart !== 'untouched' || isUnknownToApi(course)) return;
    course.restart = 'asked';
    const { target } = course;
    const sentAtMs = performance.now();
    const cancel = new AbortController();
    this.disabling.set(course, cancel);
    const asked = api.disableRestart(target.id, cancel.signal).catch(failed);
    const answered = asked.then((answer) => {
      this.disabling.delete(course);
      course.noRestart = answer.outcome === 'done' || (answer.outcome === 'gone' && target.unlisted !== true);
      if (answer.outcome === 'done') course.restart = 'disabled';
      else if (answer.outcome !== 'unknown') course.restart = 'untouched';
      this.tell('disable-restart', startedAtMs, { ...answer, target, sentAtMs });
    });
    this.restarts.add(answered);
    void answered.finally(() => this.restarts.delete(answered));
  }

  /** What was asked of restart policies and not sent yet is not sent; what was sent is given a moment to be answered. */
  private async restartsAnswered(): Promise<void> {
    for (const cancel of this.disabling.values()) cancel.abort();
    if (this.restarts.size > 0) await this.afterCancel(Promise.all(this.restarts));
  }

  private async killOnce(lane: RescueLane, course: Course, startedAtMs: number): Promise<void> {
    const { target } = course;
    const { kernel } = course.sent;
    const sentAtMs = performance.now();
    course.sent.kernel = true;
    // What the API had killed before the kernel did cannot come back.
    const staysDead = this.staysDead(course);
    const reply = await lane.killGroup(target.cgroup ?? '');
    if (reply.kind === 'not-sent') course.sent.kernel = kernel;
    const isRefused = reply.kind === 'answered' && reply.value.kind === 'denied';
    if (isRefused) course.refused = messageOf(reply).message;
    const group = groupOf(reply);
    const { signalled = 0, killedBy, state } = group ?? {};
    course.hit ||= signalled > 0;
    if (reply.kind === 'answered' && !isRefused) course.left = state?.processes ?? 0;
    const left =
      state === undefined ? course.left : await this.leftAfter(course, this.limits.roundMs, state.processes);
    const outcome = state && left !== 0 ? 'waiting' : outcomeOf(reply);
    if (outcome !== course.told)
      this.tell('without-api', startedAtMs, {
        ...{ outcome, target, sentAtMs },
        ...(killedBy && { killedBy }),
        ...messageOf(reply),
      });
    course.told = outcome;
    if (course.result || reply.kind !== 'answered' || isRefused) return;

    const nowMs = performance.now();
    const wasEmpty = left === 0 && signalled === 0;
    course.emptySinceMs = left !== 0 ? undefined : wasEmpty ? (course.emptySinceMs ?? nowMs) : nowMs;
    const emptyMs = nowMs - (course.emptySinceMs ?? nowMs);
    if (left !== 0) return;
    const killed = wasHit(course) ? 'killed' : 'gone';
    if (staysDead) this.end(course, killed, killed === 'killed' ? this.mayComeBack(course) : undefined);
    else if (course.noRestart && emptyMs >= this.limits.disabledQuietMs) this.end(course, killed);
    else if (emptyMs >= this.limits.quietMs) this.end(course, killed, unanswered);
  }

  private end(course: Course, result: KilledContainer['outcome'], reason?: string): void {
    course.result = result;
    course.reason = reason;
    this.disabling.get(course)?.abort();
  }

  /** Whether the runtime starts it again; without an API that knows it nobody could say so. */
  private staysDead(course: Course): boolean {
    return this.options.api === undefined || isDeadForApi(course) || isUnknownToApi(course);
  }

  private mayComeBack(course: Course): string | undefined {
    const nobodySays = this.options.api === undefined || isUnknownToApi(course);
    return nobodySays ? 'Whatever has started it may start it again.' : undefined;
  }

  private async thaw(): Promise<void> {
    const { lane } = this;
    const courses = this.courses.filter(({ standing }) => standing !== 'untouched');
    if (!lane || courses.length === 0 || isAborted(this.lost.signal)) return;
    const isDead = ({ result }: Course): boolean => result === 'killed' || result === 'gone';
    const act = async (startedAtMs: number): Promise<void> => {
      const thawed = courses.map(async (course) => {
        const { target } = course;
        const sentAtMs = performance.now();
        const reply = await lane.thaw(target.cgroup ?? '', true);
        const freezer = groupOf(reply)?.state.freezer;
        const isThawed = reply.kind === 'answered' && freezer !== 'frozen' && reply.value.kind !== 'denied';
        if (isThawed) course.standing = 'untouched';
        if (!isDead(course))
          this.tell('thaw', startedAtMs, {
            outcome: outcomeOf(reply),
            target,
            sentAtMs,
            ...messageOf(reply),
          });
      });
      const ended = new AbortController();
      await Promise.race([Promise.all(thawed), pause(this.limits.freezeMs, this.lost.signal, ended.signal)]);
      ended.abort();
    };
    // The groups of the dead go by themselves, mostly before they are asked for.
    await (courses.every(isDead) ? act(performance.now()) : this.step('thaw', act));
  }

  private async step(step: RescueStep, act: (startedAtMs: number) => Promise<void>): Promise<void> {
    const startedAtMs = performance.now();
    this.tell(step, startedAtMs, { outcome: 'started' });
    await act(startedAtMs);
    this.tell(step, startedAtMs, { outcome: 'ended' });
  }

  private tell(
    step: RescueStep,
    startedAtMs: number,
    event: Omit<RescueEvent, 'step' | 'startedAtMs' | 'elapsedMs'>,
  ): void {
    if (this.hasEnded) return;
    this.options.onEvent?.({ step, startedAtMs, elapsedMs: performance.now() - startedAtMs, ...event });
  }

  /** Resolves when nothing more may be begun, or the other signal is aborted. */
  private stopped(other?: AbortSignal): Promise<void> {
    return pause(undefined, this.over.signal, ...(other ? [other] : []));
  }

  /** What was sent is given a moment to be answered. */
  private async afterCancel(sent: Promise<unknown>): Promise<void> {
    const ended = new AbortController();
    await Promise.race([sent, pause(this.limits.cancelMs, this.lost.signal, ended.signal)]);
    ended.abort();
  }

  /** Whether it came true within that time, and before all is over. */
  private async within(answer: Promise<boolean>, ms: number): Promise<boolean> {
    const ended = new AbortController();
    const late = pause(ms, this.over.signal, ended.signal).then(() => false);
    const inTime = await Promise.race([answer, late]);
    ended.abort();
    return inTime;
  }

  /** Asks again and again until it holds, the time (undefined: none) is over or all is over. */
  private async until(ms: number | undefined, holds: () => boolean | Promise<boolean>): Promise<void> {
    const endAtMs = performance.now() + (ms ?? this.limits.wholeMs);
    const ended = new AbortController();
    const late = pause(endAtMs - performance.now(), this.over.signal, ended.signal).then(() => true);
    while (!this.isOver && !(await Promise.race([holds(), late])) && performance.now() < endAtMs)
      await pause(pollMs, this.over.signal);
    ended.abort();
  }
}

const noClock = 'The shell of the host has no clock to thaw them by if the connection is lost.';

/** Those whose kill the API has not answered come last, those asked first at the very end: it would not answer this either. */
function lastAskedLast(courses: readonly Course[]): Course[] {
  const hangs = ({ sent, answer }: Course): boolean => sent.api && answer === undefined;
  return [...courses.filter((course) => !hangs(course)), ...courses.filter(hangs).reverse()];
}

function failed(error: unknown): ApiAnswer {
  return { outcome: 'unknown', message: errorText(error) };
}
