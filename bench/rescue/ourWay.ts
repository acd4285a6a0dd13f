import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryReturned } from '../../src/core/actions/memoryReturned';
import { planOf, type Plan } from '../../src/core/actions/plan';
import { summaryOf, type TargetResult } from '../../src/core/actions/result';
import { permissionsOf } from '../../src/core/permissions';
import { hostToolsOf } from '../../src/core/permissions/hostTools';
import type { HostMonitor } from '../../src/monitor/hostMonitor';
import { kernelLogSudoCommands } from '../../src/monitor/permissionProbe';
import type { Standby } from '../../src/monitor/standby';
import type { Transport } from '../../src/transport/connection';
import { carryOut } from '../../src/ui/actions/carryOut';
import { cgroupRead } from '../../src/ui/actions/cgroupsOf';
import { measuredReturn } from '../../src/ui/actions/measured';
import { MemoryReadings } from '../../src/ui/actions/memoryReadings';
import { joinedContainersOf, planInputOf, rightsOfHost } from '../../src/ui/actions/planInput';
import { Watch } from '../../test/vm/lab/watch';
import { stepsFromNow, type Step } from './step';
import { watchedApi, watchedShell } from './watchedMeans';
import type { Translate } from '../../src/core/translate';

const dockerSocket = '/var/run/docker.sock';

/** As the extension waits for the list, see `ui/actions/runner.ts`. */
const askedMs = 1500;

/** What came of it. */
export interface OurRun {
  readonly steps: readonly Step[];
  readonly results: readonly TargetResult[];
  readonly returned: MemoryReturned | undefined;
  /** What the person reads at the end. */
  readonly summary: string;
  /** What the person reads meanwhile, with the ms since the button was pressed. */
  readonly progress: readonly { readonly ms: number; readonly text: string }[];
  /** From the button to the results, and to the measured memory; ms. */
  readonly resultsMs: number;
  readonly measuredMs: number;
}

/** What the extension keeps of a host that it watches, without VS Code around it. */
export class OurWay {
  private readonly watch: Watch;
  private readonly readings: MemoryReadings;

  constructor(
    transport: Transport,
    private readonly host: string,
  ) {
    const options = { act: true, dockerSocket: () => dockerSocket };
    this.watch = new Watch(transport, undefined, options);
    this.readings = new MemoryReadings(this.monitor);
  }

  /** Resolves when all that is needed to act stands ready. */
  async ready(timeoutMs: number): Promise<void> {
    await this.watch.until(({ monitor }) => monitor.rescue?.isRoot === true, timeoutMs);
    await this.watch.until(({ monitor }) => (monitor.containers?.warmChannels ?? 0) > 0, timeoutMs);
    const { rescue } = this.monitor;
    const lock = await Promise.race([rescue?.serverLock, sleep(timeoutMs)]);
    console.error(`rescue shell: ${JSON.stringify([rescue?.hello, rescue?.obstacles, lock ?? 'no lock'])}`);
  }

  /** Resolves when so many containers are known by name and cgroup. */
  async knows(count: number, timeoutMs: number): Promise<void> {
    await this.watch.until(({ monitor: { standby } }) => {
      const listed = standby?.list?.containers ?? [];
      return listed.filter(({ id }) => standby?.cgroupOf(id) !== undefined).length === count;
    }, timeoutMs);
  }

  /** In one line, for who waits. */
  get stateText(): string {
    const { monitor, moments } = this.watch;
    const { rescue, containers, connection, state } = monitor;
    const joined = joinedContainersOf(monitor);
    const listed = joined.filter(({ container }) => container).length;
    const read = joined.filter(({ cgroup }) => cgroup).length;
    return `${moments.length} samples, ${listed} containers listed, ${read} of their cgroups surveyed, ${state.kind}, ${connection ? 'connected' : 'not connected'}, ${rescue ? 'shell' : 'no shell'}, ${containers ? 'API' : 'no API'}`;
  }

  /** "Kill all Docker containers", as `ui/actions/runner.ts` does it, but for the questions to the person. */
  async killAll(): Promise<OurRun> {
    const { monitor, readings } = this;
    const { connection, standby } = monitor;
    if (!connection || !standby) throw new Error('not connected');
    const { steps, note } = stepsFromNow();
    const startedAtMs = performance.now();
    const progress: { ms: number; text: string }[] = [];
    const report = (text: string): void => {
      if (progress.at(-1)?.text === text) return;
      progress.push({ ms: performance.now() - startedAtMs, text });
      console.error(`progress: ${text}`);
    };
    await this.learn(standby);
    note({ what: 'asked what there is', outcome: 'done' });
    const plan = this.plan();
    if (plan.refusal !== undefined) throw new Error(`refused: ${plan.refusal}`);
    const cgroupOf = (id: string): string | undefined => standby.cgroupOf(id);
    const names = new Map(
      plan.targets.flatMap((target) =>
        target.kind === 'process' ? [] : [[cgroupRead(target, { cgroupOf }), target.name] as const],
      ),
    );
    const nameOf = (cgroup: string): string => names.get(cgroup) ?? cgroup;
    const beganAtMs = readings.hostNowMs ?? 0;
    const lane = standby.rescue?.isRoot === true ? standby.rescue : undefined;
    const carried = carryOut(plan, {
      api: async () => watchedApi(await standby.openApi(), note),
      mayUseApi: true,
      lane: lane && watchedShell(lane, nameOf, note),
      cgroupOf,
      holdsUs: () => false,
      shell: () => standby.openShell(),
      signal: new AbortController().signal,
      cut: connection.closed,
      report: (step, done) => report(`${step} (${done} of ${plan.targets.length})`),
      t: inEnglish,
    });
    const results = await standby.during(() => carried);
    note({ what: 'the person is told', outcome: 'results' });
    const resultsMs = performance.now() - startedAtMs;
    void standby.refresh().catch(() => undefined);
    const endedAtMs = readings.hostNowMs ?? 0;
    report('Measuring what came back');
    await readings.after(endedAtMs, new AbortController().signal);
    const span = { beganAtMs, endedAtMs };
    const returned = measuredReturn(plan, results, span, readings.all, monitor.survey);
    note({ what: 'the person is told', outcome: 'memory' });
    const measuredMs = performance.now() - startedAtMs;
    const summary = summaryOf(plan.action.id, plan.targets, results, this.host, inEnglish, returned);
    return { steps, results, returned, summary, progress, resultsMs, measuredMs };
  }

  stop(): void {
    this.readings.dispose();
    this.monitor.stop();
  }

  private get monitor(): HostMonitor {
    return this.watch.monitor;
  }

  private async learn(standby: Standby): Promise<void> {
    const listed = standby
      .refresh('known')
      .then(() => standby.refresh())
      .then(
        () => undefined,
        () => undefined,
      );
    await Promise.race([listed, sleep(askedMs)]);
  }

  private plan(): Plan {
    const { monitor, host } = this;
    const { latest, facts, ownClock, permissions: answers } = monitor;
    const tools = hostToolsOf(latest?.sample, facts, ownClock);
    const context = { tools, sudoAllowed: false, dockerSocket, sudoCommands: kernelLogSudoCommands };
    const rights = rightsOfHost(monitor, answers ? permissionsOf(answers, context) : [], false);
    const settings = { protectedContainers: [], productionHosts: [], readOnly: false };
    const wanted = { action: 'kill-all-containers', target: { kind: 'host' } } as const;
    return planOf(planInputOf(wanted, { label: host, target: host }, monitor, rights, settings));
  }
}

const inEnglish: Translate = (text, ...args) =>
  text.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)] ?? ''));
