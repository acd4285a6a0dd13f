import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { actions, type Action, type ActionId, type ActionTarget, type Right } from '../../core/actions';
import { leftOutSentences } from '../../core/actions/leftOutText';
import { isOfEarlierBoot, isReviewed, planOf, type Plan } from '../../core/actions/plan';
import { obstaclesOf, type Rights } from '../../core/actions/rights';
import { summaryOf, verdictOf, type TargetResult } from '../../core/actions/result';
import { hostText } from '../../core/actions/words';
import type { JoinedContainer } from '../../core/containers/joinContainers';
import { holdsUs } from '../../core/rescue/request';
import type { Demand } from '../../core/survey/surveySchedule';
import type { HostMonitor } from '../../monitor/hostMonitor';
import { pause } from '../../monitor/pause';
import type { Standby } from '../../monitor/standby';
import { ConnectionError } from '../../transport/connection';
import { UserError } from '../errors';
import type { AttachedHost, Hosts } from '../hosts';
import { permissionsOfHost } from '../permissions';
import { plainText } from '../plainText';
import { settings } from '../settings';
import { currentSurveyOf } from '../surveyView';
import { confirmed, refuse, review } from './ask';
import { apiFailureOf } from './apiFailure';
import { carryOut } from './carryOut';
import { chooseLimit, chooseTarget } from './choose';
import { cutSignal } from './cutSignal';
import { EndedContainers } from './endedContainers';
import { measuredReturn } from './measured';
import { MemoryReadings } from './memoryReadings';
import { joinedContainersOf, planInputOf, rightsOfHost } from './planInput';
import { soon, withProgress } from './progress';
import type { RecordBook } from './recordBook';

/** How long a host is asked, in ms, before an action for what is to be known and opened; then what is known has to do. */
const askedMs = 5000;
/** The same for containers that were listed before: in a jam every second counts. */
const askedAgainMs = 1500;
/** How long the record is waited for before something is sent, in ms. */
const longestRecordMs = 1000;

/** Carries out every action that changes something on a host: plans, asks, does, measures, tells and writes down. */
export class ActionRunner implements vscode.Disposable {
  private readonly readings = new Map<AttachedHost, MemoryReadings>();
  private readonly subscriptions: vscode.Disposable[];
  readonly ended = new EndedContainers();

  constructor(
    hosts: Hosts,
    private readonly book: RecordBook,
  ) {
    this.subscriptions = [
      hosts.onDidAttach((host) => this.readings.set(host, new MemoryReadings(host.monitor))),
      hosts.onDidDetach((host) => {
        this.readings.get(host)?.dispose();
        this.readings.delete(host);
      }),
    ];
  }

  /**
   * @param given what it is to hit; undefined: asked, where the action is not about the whole host.
   * @throws {UserError | ConnectionError} where it cannot be done.
   */
  async run(id: ActionId, host: AttachedHost, given: ActionTarget | undefined): Promise<void> {
    const t = vscode.l10n.t;
    const action = actions.find((one) => one.id === id);
    if (!action) throw new Error(`no action ${id}`);
    const { connection, standby } = host.monitor;
    if (!connection || !standby) throw new UserError(t('{0} is not connected now.', host.label));
    const obstacle = await this.learn(host, standby, id);
    if (this.refusedOutright(action, host)) return;
    const target = given ?? (await chooseTarget(action, host, this.containers(host)));
    if (!target) return;
    const needsLimit = id === 'set-memory-limit' && target.kind === 'container';
    const first = this.plan(id, host, target);
    if (this.refused(first, host, obstacle)) return;
    const limitBytes = needsLimit ? await chooseLimit(host, target.id) : undefined;
    if (needsLimit && limitBytes === undefined) return;
    let plan = limitBytes === undefined ? first : this.plan(id, host, target, limitBytes);
    if (isReviewed(plan)) {
      const reviewed = await review(plan, host);
      if (!reviewed) return;
      plan = reviewed;
    }
    if (this.refused(plan, host, obstacle) || !(await confirmed(plan, host))) return;
    await this.carryOut(plan, host);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const readings of this.readings.values()) readings.dispose();
  }

  private plan(action: ActionId, host: AttachedHost, target: ActionTarget, limitBytes?: number): Plan {
    const wanted = { action, target, ...(limitBytes !== undefined && { limitBytes }) };
    const input = planInputOf(wanted, host, host.monitor, this.rights(host), settings);
    return planOf({ ...input, containers: this.ended.without(input.containers) });
  }

  private containers({ monitor }: AttachedHost): readonly JoinedContainer[] {
    return this.ended.without(joinedContainersOf(monitor));
  }

  private rights(host: AttachedHost): Rights {
    return rightsOfHost(host.monitor, permissionsOfHost(host), settings.allowSudo.includes(host.target));
  }

  /**
   * Asks for the rights of the host's user where they are not known, and for the containers as they are now, unless the user
   * may not ask. On a host that hardly answers what was known before is used.
   * @returns why the API of the containers cannot be reached.
   */
  private async learn(
    host: AttachedHost,
    standby: Standby,
    id: ActionId,
  ): Promise<ConnectionError | undefined> {
    const needs = actions.find((one) => one.id === id)?.needs ?? [];
    const title = vscode.l10n.t('Asking {0} what there is', host.label);
    return soon(title, async () => {
      await host.monitor.rightsWithin(askedMs);
      const rights = this.rights(host);
      if (settings.isReadOnly(host) || !needs.includes('container-api') || rights.containerApi.state === 'no')
        return undefined;
      // Names first: to ask for each of many containers may take longer than is waited.
      const listed = standby
        .refresh('known')
        .then(() => standby.refresh())
        .then(
          () => undefined,
          (error: unknown) => (error instanceof ConnectionError ? error : undefined),
        );
      const waitMs = standby.list ? askedAgainMs : askedMs;
      const known = this.tryRoot(standby, needs, rights).then(() => listed);
      return Promise.race([known, pause(waitMs).then(() => undefined)]);
    });
  }

  /** So that it is known before the confirmation whether root is to be had. */
  private async tryRoot(standby: Standby, needs: readonly Right[], { root, uid }: Rights): Promise<void> {
    if (!needs.includes('root') || root.state !== 'yes' || uid === 0 || standby.rescue?.isRoot === true)
      return;
    await standby.openShell().catch(() => undefined);
  }

  /** Says why nothing of the kind may be done on this host, whatever the target: before anything more is asked. */
  private refusedOutright(action: Action, host: AttachedHost): boolean {
    const plan = this.plan(action.id, host, { kind: 'host' });
    if (plan.policy.readOnly && action.changes) return refuse({ ...plan, refusal: 'read-only' }, host);
    const obstacles = obstaclesOf(action.needs, this.rights(host), undefined);
    if (!obstacles.some(({ blocks }) => blocks)) return false;
    return refuse({ ...plan, obstacles, refusal: 'right-missing' }, host);
  }

  /** Says why it is not done. @param obstacle why the containers could not be asked for. */
  private refused(plan: Plan, host: AttachedHost, obstacle: ConnectionError | undefined): boolean {
    if (plan.refusal === 'nothing-to-do' && plan.targets.length === 0) {
      // Root alone finds containers by their cgroups; where there are none, the API could not be asked.
      const obstacles = obstaclesOf(['container-api'], this.rights(host), undefined);
      if (obstacles.some(({ blocks }) => blocks))
        return refuse({ ...plan, obstacles, refusal: 'right-missing' }, host);
    }
    const failure = apiFailureOf(plan, obstacle);
    if (failure) throw failure;
    if (plan.refusal !== 'nothing-to-do' || plan.action.place === 'processes') return refuse(plan, host);
    const t = vscode.l10n.t;
    const leftOut = leftOutSentences(plan.targets, t);
    const text =
      plan.targets.length === 0
        ? t('No container runs on {0}.', host.label)
        : t('Nothing was chosen on {0}: nothing is done.', host.label);
    void vscode.window.showInformationMessage(plainText([text, ...leftOut].join(' ')));
    return true;
  }

  private async carryOut(plan: Plan, host: AttachedHost): Promise<void> {
    const { monitor } = host;
    const t = vscode.l10n.t;
    const { connection, standby } = monitor;
    if (!connection || !standby) throw new UserError(t('{0} is not connected now.', host.label));
    if (isOfEarlierBoot(plan, monitor.facts?.bootId))
      throw new UserError(
        t(
          '{0} was started anew after that was asked: nothing was done. Its targets are no more.',
          host.label,
        ),
      );
    const entry = { id: randomUUID(), atMs: Date.now(), host, plan };
    // In a jam nothing waits for the disk of this machine either.
    await Promise.race([this.book.write(entry), pause(longestRecordMs)]);
    const title = plainText(t('{0} on {1}', t(plan.action.label), hostText(host.label)));
    const { results, returned } = await withProgress(title, async (report, signal) => {
      const readings = this.readings.get(host);
      const beganAtMs = readings?.hostNowMs;
      const { needs, place } = plan.action;
      const count = plan.targets.filter(({ selected }) => selected).length;
      const done = await standby.during(async () =>
        carryOut(plan, {
          api: () => standby.openApi(),
          mayUseApi: this.rights(host).containerApi.state !== 'no',
          lane: needs.includes('root') ? await rootLane(standby, plan, signal) : undefined,
          cgroupOf: (id) => standby.cgroupOf(id),
          holdsUs: (cgroup) => holdsUs(cgroup, standby.rescue?.hello.ownCgroups ?? []),
          shell: () => standby.openShell(),
          signal,
          cut: connection.closed,
          report: (step, some) => report(count > 1 ? t('{0} ({1} of {2})', step, some, count) : step),
          t,
        }),
      );
      const ended = { atMs: Date.now(), results: done };
      void this.book.write({ ...entry, ended });
      const read = place === 'processes' ? readProcesses(monitor, plan) : readCgroups(monitor);
      const endedAtMs = readings?.hostNowMs;
      if (endedAtMs !== undefined) this.ended.note(plan.action.id, done, endedAtMs);
      void standby.refresh().catch(() => undefined);
      if (!readings || beganAtMs === undefined || endedAtMs === undefined) return { results: done };
      const span = { beganAtMs, endedAtMs };
      const measure = (): ReturnType<typeof measuredReturn> =>
        measuredReturn(plan, done, span, readings.all, currentSurveyOf(monitor));
      if (measure() === undefined) return { results: done };
      report(t('Measuring what came back'));
      await Promise.all([
        read,
        readings.after(endedAtMs, AbortSignal.any([signal, cutSignal(connection.closed)])),
      ]);
      const returned = measure();
      if (returned) void this.book.write({ ...entry, ended, returned });
      return { results: done, returned };
    });
    tell(summaryOf(plan.action.id, plan.targets, results, host.label, t, returned), results);
  }
}

/** The shell of root's, opened now where root is to be had and it is not open; not waited for long. */
async function rootLane(
  standby: Standby,
  { apiOnly }: Plan,
  signal: AbortSignal,
): Promise<Standby['rescue']> {
  // What was confirmed is that there is the API only.
  if (apiOnly) return undefined;
  const opened = standby.openShell().catch(() => undefined);
  const shell = await Promise.race([opened, pause(askedMs, signal).then(() => standby.rescue)]);
  return shell?.isRoot === true ? shell : undefined;
}

/** Reads what has become of the groups without waiting for their turn. */
async function readCgroups(monitor: HostMonitor): Promise<void> {
  await readNow(monitor, { sets: [], allProcesses: false, processes: [], allCgroups: true });
}

/** Reads what the processes hold that have yet to end. */
async function readProcesses(monitor: HostMonitor, { targets }: Plan): Promise<void> {
  const pids = targets.flatMap((target) =>
    target.kind === 'process' && target.selected ? [target.pid] : [],
  );
  const processes = pids.map((pid) => ({ pid, files: ['s'] as const }));
  await readNow(monitor, { sets: [], allProcesses: false, processes });
}

/** Where it takes too long, each comes in its turn. */
async function readNow(monitor: HostMonitor, demand: Demand): Promise<void> {
  await monitor.readAtOnce(demand, AbortSignal.timeout(askedMs)).catch(() => undefined);
}

function tell(summary: string, results: readonly TargetResult[]): void {
  const text = plainText(summary);
  const show = vscode.l10n.t('Show Record');
  const { showErrorMessage, showInformationMessage, showWarningMessage } = vscode.window;
  const verdict = verdictOf(results);
  const told =
    verdict === 'ok'
      ? showInformationMessage(text, show)
      : verdict === 'partly'
        ? showWarningMessage(text, show)
        : showErrorMessage(text, show);
  void told.then((pick) => {
    if (pick === show) return vscode.commands.executeCommand('remoteMemory.showActionRecord');
    return undefined;
  });
}
