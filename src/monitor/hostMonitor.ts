import { errorText } from '../core/errorText';
import type { Capture } from '../core/capture';
import type { HostFacts } from '../core/hostFacts';
import type { History } from '../core/history';
import type { PermissionAnswers } from '../core/permissions/answers';
import type { PssReading } from '../core/processes/pssReading';
import type { ProcessTarget } from '../core/rescue/request';
import { isNearCliff, nextIntervalMs, type Circumstances } from '../core/schedule';
import type { SurveyCapture } from '../core/survey/capture';
import type { Survey } from '../core/survey/survey';
import type { Demand } from '../core/survey/surveySchedule';
import { ConnectionError, type Connection, type Prompts, type Transport } from '../transport/connection';
import { Asking, type AskingListener } from './asking';
import { Attempts } from './attempts';
import { circumstancesOf } from './circumstances';
import type { WatchCost } from './costMeter';
import type { ContainerApi, ContainerList } from './docker/containerApi';
import { Emitter } from './emitter';
import { FirstLookup } from './firstLookup';
import { HostCommands } from './hostCommands';
import { HostStandby } from './hostStandby';
import type { LaunchMemory } from './launch';
import { stateAfter, type LifeEvent, type MonitorState } from './life';
import { briefLookup, lookUpLogs, type LookedUpHost } from './logLookup';
import { runLookupCommand } from './lookupTurn';
import type { MonitorOptions } from './monitorOptions';
import { NewContainers } from './newContainers';
import { Moments, type Moment, type SeenInterruption } from './moments';
import { OomWatch, type OomHost } from './oomWatch';
import { closeReplaced } from './replacedSession';
import type { RescueShell } from './rescue/rescueShell';
import { promptsUnlessSecond, SecondAttempt, type Next } from './secondAttempt';
import { Session } from './session';
import type { Standby } from './standby';
import { answersSurveys, Surveys } from './surveys';
import { usualTiming, type Timing } from './timing';

export type { MonitorState } from './life';
export type { MonitorOptions } from './monitorOptions';
export type { Moment } from './moments';

/** Who is there after a kill. */
const allProcesses: Demand = { sets: [], allProcesses: true, processes: [], allCgroups: true };

/**
 * Keeps one host watched: connects, asks again and again, connects again when the connection is lost, and says how it is
 * going. It never ends of an error, only by `stop()`.
 */
export class HostMonitor {
  readonly oom: OomWatch;
  private readonly states: Emitter<MonitorState>;
  private readonly told: Emitter<Moment>;
  private readonly interrupted: Emitter<SeenInterruption>;
  private readonly surveying: Surveys;
  private readonly commands: HostCommands;
  private readonly acting: HostStandby;
  private readonly moments = new Moments((seen) => this.interrupted.fire(seen));
  private readonly firstLookup: FirstLookup;
  private readonly newContainers: NewContainers;
  private readonly attempts: Attempts<Session>;
  private readonly timing: Timing;
  private current: MonitorState = { kind: 'stopped' };
  private readonly launchMemory: LaunchMemory = { way: 'plain' };
  private running: AbortController | undefined;
  private session: Session | undefined;
  /** The program on the host has spent its budget. */
  private rests = false;
  private hurried = new AbortController();

  constructor(
    private readonly transport: Transport,
    private readonly prompts: Prompts,
    private readonly options: MonitorOptions,
  ) {
    this.timing = { ...usualTiming, ...options.timing };
    const report = (error: unknown): void =>
      options.log(
        `listener failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    this.states = new Emitter(report);
    this.told = new Emitter(report);
    this.interrupted = new Emitter(report);
    this.oom = new OomWatch(
      this.oomHost(),
      { ...options, ...(options.oomStore && { store: options.oomStore }) },
      report,
    );
    this.firstLookup = new FirstLookup({
      wanted: options.lookUpKills === true,
      mayBegin: () =>
        this.oom.logState !== undefined &&
        this.lookupObstacle() === undefined &&
        (this.permissions !== undefined || options.dockerSocket === undefined),
      begin: (signal) => void this.oom.lookUpEarlier(signal, briefLookup),
      timing: this.timing,
    });
    this.commands = new HostCommands(options, report);
    this.acting = new HostStandby(
      { ...options, launchMemory: this.launchMemory, rights: () => this.permissions },
      report,
    );
    this.surveying = new Surveys(
      {
        latest: () => this.latest,
        looked: options.looked,
        nearCliff: () => isNearCliff(this.circumstances()),
        hurry: () => this.hurry(),
        log: options.log,
      },
      report,
    );
    this.newContainers = new NewContainers({
      survey: () => this.survey,
      mayRead: () => this.mayReadMore,
      read: (demand) => this.surveying.readBeside(this.session, demand, new AbortController().signal),
    });
    this.acting.onList(() => void this.newContainers.listed(this.containerList?.containers ?? []));
    this.onState = this.states.event;
    this.onMoment = this.told.event;
    this.onInterruption = this.interrupted.event;
    this.onPermissions = this.commands.onPermissions;
    this.onSurvey = this.surveying.onSlice;
    this.onContainers = this.acting.onList;
    this.attempts = new Attempts({
      open: (signal) => this.open(signal),
      isFinal: (error) => this.isFinal(error),
      leastPauseMs: () => (this.session ? this.timing.secondPauseMs : 0),
      onStart: () => this.dispatch({ type: 'attempt' }),
      onFailure: (error, nextAttemptAtMs) => {
        options.log(`${error.phase}: ${error.message}`);
        this.dispatch({ type: 'attempt-failed', error, nextAttemptAtMs });
      },
    });
  }

  readonly onState: Emitter<MonitorState>['event'];
  /** Samples as they come: one that was late may be older than one told before. */
  readonly onMoment: Emitter<Moment>['event'];
  readonly onInterruption: Emitter<SeenInterruption>['event'];
  /** The host was asked what its user may see, see {@link permissions}. */
  readonly onPermissions: Emitter<void>['event'];

  /** A slice of the survey has come and is in {@link survey}. */
  readonly onSurvey: Emitter<SurveyCapture>['event'];

  /** The API of the host's containers has told them, see {@link containerList}. */
  readonly onContainers: Emitter<void>['event'];

  get state(): MonitorState {
    return this.current;
  }

  get latest(): Moment | undefined {
    return this.moments.latest;
  }

  get history(): History {
    return this.moments.history;
  }

  /** What happened to the host's time, oldest first; bounded. */
  get interruptions(): readonly SeenInterruption[] {
    return this.moments.interruptions;
  }

  /** What the host is; undefined before the first connection. */
  get facts(): HostFacts | undefined {
    return this.session?.facts ?? this.latest?.facts;
  }

  /** What watching costs the host; undefined while it is not known. */
  get cost(): WatchCost | undefined {
    return this.session?.cost;
  }

  /** Processes, cgroups and slow sources of the boot that is watched; undefined before the first slice has come. */
  get survey(): Survey | undefined {
    return this.surveying.survey;
  }

  /** Whether the host answers surveys; undefined while there is no connection. */
  get surveys(): boolean | undefined {
    return this.session && answersSurveys(this.session);
  }

  /**
   * Reads something at once, see {@link Demand}, and takes it into the survey as well.
   * @throws {Error} where the host answers no surveys, where the connection ends, and when `signal` is aborted.
   */
  async readAtOnce(demand: Demand, signal: AbortSignal): Promise<readonly SurveyCapture[]> {
    return this.surveying.readAtOnce(this.session, demand, signal);
  }

  /**
   * Measures the PSS of one process, see {@link readPss}.
   * @throws {Error} where there is no connection, or a command cannot be run on it.
   */
  async measurePss(process: ProcessTarget): Promise<PssReading> {
    const { session } = this;
    if (!session) throw new Error('There is no connection to the host.');
    if (this.standby?.isActing) throw new Error('An action is under way on the host.');
    return this.commands.measurePss(session.connection, process);
  }

  /** What the host's user may see there; undefined until it was asked. */
  get permissions(): PermissionAnswers | undefined {
    return this.commands.permissions;
  }

  /**
   * What the host's user may do, asked now where it was not yet, for an action that depends on it.
   * @returns undefined where the host does not tell within that time.
   */
  async rightsWithin(ms: number): Promise<PermissionAnswers | undefined> {
    const { commands, session } = this;
    return session ? commands.permissionsWithin(session.connection, ms) : commands.permissions;
  }

  /** Asks for the rights of the host's user at the next calm moment, once more. */
  probeAgain(): void {
    this.commands.probeAgain();
  }

  /** Whether samples go on through a freeze; undefined while there is no connection. */
  get ownClock(): boolean | undefined {
    return this.session?.hello.ownClock;
  }

  /** The live connection, for actions; undefined while there is none. */
  get connection(): Connection | undefined {
    return this.session?.connection;
  }

  /** What is kept open to act on the host; undefined while there is no connection, or nobody wants to act. */
  get standby(): Standby | undefined {
    return this.session && this.acting.current;
  }

  /** The API of the host's containers where it is open now. */
  get containers(): ContainerApi | undefined {
    return this.standby?.containers;
  }

  /** The shell that acts in a jam, where it is open now. */
  get rescue(): RescueShell | undefined {
    return this.standby?.rescue;
  }

  /** The containers as the API has told them last, over this connection or one before; undefined: never yet. */
  get containerList(): ContainerList | undefined {
    return this.acting.current?.list;
  }

  /** Our time of day, in ms since the epoch, of a moment on the host's clock; undefined while that is not known. */
  wallMsOf(bootId: string, hostUptimeMs: number): number | undefined {
    return this.moments.clock.toWallMs(bootId, hostUptimeMs);
  }

  /** Starts, or starts again after `failed` or `stopped`. */
  start(): void {
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    this.commands.probeAgain(); // a right that was given counts from the next login on
    this.attempts.forget();
    this.dispatch({ type: 'started', atMs: performance.now() });
    void this.run(running.signal).finally(() => {
      if (this.running === running) this.running = undefined;
    });
  }

  /** Ends the watching and closes the connection. */
  stop(): void {
    this.running?.abort();
    this.oom.rest();
    this.firstLookup.stop();
    this.running = undefined;
    this.acting.current?.close();
    this.session?.close();
    this.session = undefined;
    this.dispatch({ type: 'stopped' });
  }

  /** Asks at once instead of after the pause that was planned: somebody looks. */
  hurry(): void {
    this.hurried.abort();
  }

  /** What kills are seen with. */
  private oomHost(): OomHost {
    return {
      wallMsOf: (bootId, uptimeMs) => this.wallMsOf(bootId, uptimeMs),
      pointsSince: (wallMs) => this.history.points(wallMs),
      standby: () => this.acting.current,
      processes: () => this.survey?.processes.total ?? 0,
      mayRead: () => this.mayReadMore,
      read: (signal) => this.surveying.readBeside(this.session, allProcesses, signal),
      lookUp: (found, told, limits, signal) => lookUpLogs(this.lookedUpHost(), limits, found, told, signal),
    };
  }

  private lookedUpHost(): LookedUpHost {
    const { commands, facts, latest } = this;
    const turn = {
      commands,
      connection: () => this.session?.connection,
      obstacle: () => this.lookupObstacle(),
    };
    const bootId = latest?.sample.bootId;
    const btimeMs = latest?.sample.stat?.btimeMs ?? facts?.btimeMs;
    return {
      run: (command, read, signal) => runLookupCommand(turn, command, read, signal),
      sudo: this.options.sudo() && this.permissions?.sudo === 'yes',
      currentBoot:
        bootId === undefined || btimeMs === undefined || !latest
          ? undefined
          : { bootId, firstMs: btimeMs, lastMs: btimeMs + latest.sample.at },
    };
  }

  /** Why no log is looked up on the host now, in words. */
  private lookupObstacle(): string | undefined {
    if (this.isActing) return 'An action is under way on the host.';
    if (isNearCliff(this.circumstances())) return 'The host is short of memory: its logs can wait.';
    return undefined;
  }

  /** Whether the host has memory and time to spare for what nobody waits for. */
  private get mayReadMore(): boolean {
    return this.surveys === true && !this.rests && !this.isActing && !isNearCliff(this.circumstances());
  }

  private get isActing(): boolean {
    return this.standby?.isActing === true;
  }

  private dispatch(event: LifeEvent): void {
    const state = stateAfter(this.current, event);
    if (state === this.current) return;
    this.current = state;
    this.states.fire(state);
  }

  private open(signal: AbortSignal): Promise<Session> {
    const isSecond = (): boolean => !signal.aborted && this.session !== undefined;
    return Session.open(this.transport, promptsUnlessSecond(this.prompts, isSecond), signal, {
      budget: this.options.budget(),
      launchMemory: this.launchMemory,
      ...(this.options.survey === true && { survey: true }),
    });
  }

  /** A host that was live has no restricted shell all of a sudden: its shell could not start, or was killed. */
  private isFinal(error: ConnectionError): boolean {
    return error.remedy !== 'retry' && !(error.phase === 'channel' && this.latest !== undefined);
  }

  /** One connection after the other, until somebody has to act or it is stopped. */
  private async run(signal: AbortSignal): Promise<void> {
    let next: Next = this.attempts.next(signal);
    for (;;) {
      const outcome = await next;
      if (signal.aborted && outcome instanceof Session) outcome.close();
      if (signal.aborted || outcome === undefined) return;
      if (outcome instanceof ConnectionError) {
        this.options.log(`${outcome.phase}: ${outcome.message}`);
        this.dispatch({ type: 'ended', error: outcome });
        return;
      }
      ({ next } = await this.keep(outcome, signal));
    }
  }

  /** Watches over one connection until it is lost or another one has taken its place. @returns what comes after it. */
  private async keep(session: Session, signal: AbortSignal): Promise<{ readonly next: Next }> {
    this.session = session;
    this.acting.connected(session, this.latest?.sample.bootId === session.facts.bootId);
    this.commands.connected();
    session.onCapture = (capture, wireBytes) => {
      if (!signal.aborted) this.tell(capture, session, wireBytes);
    };
    session.onSurvey = (capture) => {
      // A connection that was replaced has no say any more.
      if (signal.aborted || this.session !== session) return;
      this.surveying.add(session, capture);
      if (this.survey) this.oom.noteSurvey(this.survey, capture.hostUptimeMs);
    };
    session.onTakeOver = () => this.surveying.programChanged();
    this.surveying.programChanged();
    const end = new AbortController();
    const over = AbortSignal.any([signal, end.signal]);
    const second = new SecondAttempt(this.attempts, signal, (error) =>
      this.dispatch({ type: 'attempt-failed', error }),
    );
    const listener: AskingListener = {
      intervalMs: () => this.nextIntervalMs(),
      hurried: () => this.hurried.signal,
      answered: ({ rests }) => {
        second.stop();
        this.rests = rests;
        this.answered(session);
      },
      survey: (pace) => this.surveying.next(session, pace),
      late: (sinceMs) => this.dispatch({ type: 'late', sinceMs }),
      secondWanted: () => second.start(),
    };
    const asking = new Asking(session, listener, this.timing);
    if (this.options.holdInMemory?.() === true) {
      void session.holdInMemory().then((obstacle) => {
        if (obstacle !== undefined && !over.aborted)
          this.options.log(`the program runs as installed, not from memory: ${obstacle}`);
      });
    }
    if (this.options.kernelLog) {
      void this.oom.follow(session.connection, session.facts.bootId ?? '', over);
    }
    const asked = asking.run(over).then(
      () => new Promise<never>(() => undefined),
      (error: unknown) => new ConnectionError('connection', 'retry', `Unexpected: ${errorText(error)}.`),
    );
    const outcome = await Promise.race([session.ended, second.connected, asked]);
    end.abort();
    if (signal.aborted) {
      session.close();
      second.opened?.close();
      return { next: Promise.resolve(undefined) };
    }
    if (outcome instanceof Session) {
      this.options.log('a second connection has taken the place of one that did not answer');
      void closeReplaced(session, asking.lastAnswer(), this.acting.current, this.timing, signal);
      return { next: Promise.resolve(outcome) };
    }
    session.close();
    this.session = undefined;
    return { next: this.afterLoss(outcome, second, signal) };
  }

  private afterLoss(error: ConnectionError, second: SecondAttempt, signal: AbortSignal): Next {
    if (this.isFinal(error)) {
      second.stop();
      second.opened?.close();
      return Promise.resolve(error);
    }
    this.options.log(`${error.phase}: ${error.message}`);
    if (second.opened) return Promise.resolve(second.opened);
    if (second.next && this.attempts.underWay) {
      this.dispatch({ type: 'lost', error, nextAttemptAtMs: undefined });
      return second.next;
    }
    second.stop();
    this.dispatch({ type: 'lost', error, nextAttemptAtMs: this.attempts.lost() });
    return this.attempts.next(signal);
  }

  private nextIntervalMs(): number {
    this.hurried = new AbortController();
    return nextIntervalMs(this.options.pace(), this.circumstances());
  }

  private circumstances(): Circumstances {
    return circumstancesOf(this.latest, this.cost, this.rests, this.options);
  }

  private answered(session: Session): void {
    this.attempts.succeeded();
    this.dispatch({ type: 'answered' });
    this.surveying.renew(session);
    const calm = this.latest?.rates !== undefined && !isNearCliff(this.circumstances());
    if (calm && !this.isActing) this.commands.probeOnce(session.connection);
    this.firstLookup.look(this.circumstances());
    if (this.session === session) {
      const { looked, containersShown } = this.options;
      this.acting.current?.look({ calm, looked: looked() || containersShown?.() === true });
    }
  }

  /** What comes from a host must not end the watching, whatever is made of it. */
  private tell(capture: Capture, session: Session, wireBytes: number): void {
    try {
      this.options.onCapture?.(capture);
      const moment = this.moments.add(capture, session.facts, wireBytes);
      if (!moment) return;
      this.oom.noteMoment(moment);
      this.told.fire(moment);
    } catch (error) {
      this.options.log(`a sample was lost: ${errorText(error)}`);
    }
  }
}
