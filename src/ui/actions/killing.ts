import type { PlannedCgroup, PlannedContainer } from '../../core/actions/plan';
import { outcomeOfRescue, type SentBy, type TargetResult } from '../../core/actions/result';
import type { Container } from '../../core/containers/container';
import type { ContainerAction } from '../../core/containers/containerAction';
import { pause } from '../../monitor/pause';
import { runRescue } from '../../monitor/rescue/killContainers';
import type {
  ApiAnswer,
  KilledContainer,
  KillingApi,
  RescueEvent,
  RescueStep,
} from '../../monitor/rescue/rescueEvent';
import type { RescueTarget } from '../../monitor/rescue/rescuePlan';
import { describeError } from '../describeError';
import { cgroupsOf, partedByHold } from './cgroupsOf';
import { leaseText } from './leaseText';
import type { ActingApi, Means } from './means';

type Killable = PlannedContainer | PlannedCgroup;

/** What was sent for a target on which way. */
interface Sent {
  /** What killed it, or was to. Undefined: it was frozen, or thawed, by the kernel. */
  killedBy: SentBy | undefined;
  /** What killed it has said so: what is sent later changes nothing. */
  isKilled: boolean;
  readonly words: Set<string>;
  readonly sentAtMs: number;
  endedAtMs: number;
}

/**
 * Kills containers, see `runRescue`: frozen first where there is root, then through the API, else by the kernel. Those of
 * which only the cgroup is known, as where they were started since the API was asked last, are asked of it too, if they may
 * be its own: what only the kernel kills may be started again.
 */
export async function killTargets(targets: readonly Killable[], means: Means): Promise<TargetResult[]> {
  const containers = containersOf(targets, means);
  const cgroups = await cgroupsOf(targets, means);
  // The id is the key of the target, which of a container is its own id.
  const rescueTarget = (target: Killable): RescueTarget => ({
    id: target.key,
    cgroup: cgroups.get(target.key),
    ...((target.kind !== 'container' || !target.joined.container) && { unlisted: true }),
  });
  const [ours, theirs] = partedByHold(targets, cgroups, means);
  const known = theirs.filter(({ key }) => containers.has(key));
  const others = theirs.filter((target) => !known.includes(target));
  const sent = new Map<string, Sent>();
  const api = killingApi(containers, means);
  let done = 0;
  let step = '';
  const onEvent = (event: RescueEvent): void => {
    note(sent, event);
    if (event.target && event.step === 'api' && isEnd(event)) done += 1;
    // The API may answer when the kernel is at it already.
    if (event.outcome === 'started') step = stepText(event.step, means) ?? step;
    means.report(step, Math.min(done, theirs.length));
  };
  const options = { lane: means.lane, signal: means.signal, cut: means.cut, onEvent };
  const [ofApi, ofKernel] = await Promise.all([
    runRescue(known.map(rescueTarget), { ...options, api }),
    runRescue(others.map(rescueTarget), options),
  ]);
  const results = [...ofApi, ...ofKernel].map((killed) => ({
    key: killed.target.id,
    outcome: outcomeOfRescue(killed.outcome),
    ...reasonOf(killed, containers.get(killed.target.id), means),
    ...sentTexts(sent.get(killed.target.id)),
  }));
  return [...results, ...ours];
}

function sentTexts(sent: Sent | undefined): Partial<TargetResult> {
  if (!sent) return {};
  const { killedBy = 'cgroup', words, sentAtMs, endedAtMs } = sent;
  return { by: killedBy, sent: [...words].join(', '), sentAtMs, endedAtMs };
}

/** Why, and what else has been done to it. */
function reasonOf(
  { reason, restartPolicy, standsStill }: KilledContainer,
  container: Container | undefined,
  { lane, t }: Pick<Means, 'lane' | 't'>,
): Pick<TargetResult, 'reason'> {
  const policy = container?.restartPolicy?.name ?? '?';
  const sentences = [
    ...(reason === undefined ? [] : [reason]),
    ...(restartPolicy === 'disabled' ? [t('Its restart policy ({0}) was disabled.', policy)] : []),
    ...(restartPolicy === 'unknown'
      ? [t('Its restart policy ({0}) may have been disabled: no answer came.', policy)]
      : []),
    ...(standsStill === true && lane ? [leaseText(lane, t)] : []),
  ];
  return sentences.length === 0 ? {} : { reason: sentences.join(' ') };
}

/** By key, as the API is asked for them. */
function containersOf(
  targets: readonly Killable[],
  { mayUseApi }: Pick<Means, 'mayUseApi'>,
): ReadonlyMap<string, Container> {
  return new Map(
    targets.flatMap((target) => {
      if (target.kind !== 'container') return [];
      const { container } = target.joined;
      if (container) return [[target.key, container] as const];
      return mayUseApi && mayBeKnown(target) ? [[target.key, unlisted(target)] as const] : [];
    }),
  );
}

/** Whole ids only: the beginning of one could be another container's. */
function mayBeKnown({ id, joined: { runtime } }: PlannedContainer): boolean {
  return (runtime === 'docker' || runtime === 'podman') && /^[0-9a-f]{64}$/.test(id);
}

function unlisted({ id, name }: PlannedContainer): Container {
  return {
    ...{ id, name, image: '', status: '', labels: {} },
    state: 'unknown',
    restartPolicy: undefined,
  };
}

function killingApi(
  known: ReadonlyMap<string, Container>,
  { api, signal }: Pick<Means, 'api' | 'signal'>,
): KillingApi {
  let opened: Promise<ActingApi> | undefined;
  const act = async (id: string, action: ContainerAction, cancel?: AbortSignal): Promise<ApiAnswer> => {
    const container = known.get(id);
    if (!container) return { outcome: 'failed', message: 'The API does not know it.' };
    let acting: ActingApi | undefined;
    try {
      acting =
        (await Promise.race([(opened ??= api()), pause(undefined, ...(cancel ? [cancel] : []))])) ??
        undefined;
      if (!acting) return { outcome: 'not-sent' }; // cancelled before it was open
    } catch (error) {
      opened = undefined; // it may answer in the next round
      return { outcome: 'not-sent', message: describeError(error) };
    }
    const [result] = await acting.act(action, [container], cancel && { signal: cancel });
    if (!result) return { outcome: 'not-sent' };
    const { outcome, message } = result;
    return { outcome, ...(message !== undefined && { message }) };
  };
  return {
    kill: (id) => act(id, { kind: 'kill' }, signal),
    disableRestart: (id, cancel) => act(id, { kind: 'disable-restart' }, cancel),
  };
}

function isEnd({ outcome }: RescueEvent): boolean {
  return outcome !== 'started' && outcome !== 'ended' && outcome !== 'waiting';
}

function note(sent: Map<string, Sent>, event: RescueEvent): void {
  const { step, target, outcome, sentAtMs, startedAtMs } = event;
  if (!target || outcome === 'not-sent') return;
  const known = sent.get(target.id) ?? {
    ...{ killedBy: undefined, isKilled: false, words: new Set<string>(), endedAtMs: 0 },
    sentAtMs: Math.round(performance.timeOrigin + (sentAtMs ?? startedAtMs)),
  };
  sent.set(target.id, known);
  known.words.add(sentWord(event));
  known.endedAtMs = Date.now();
  const way = ways[step];
  if (way === undefined || known.isKilled) return;
  known.killedBy = way;
  known.isKilled = outcome === 'done';
}

const ways: Readonly<Partial<Record<RescueStep, SentBy>>> = { api: 'api', 'without-api': 'cgroup' };

function sentWord({ step, killedBy }: RescueEvent): string {
  if (step === 'api') return 'kill';
  if (step !== 'without-api') return step;
  return killedBy === 'signals' ? 'SIGKILL' : 'cgroup.kill';
}

function stepText(step: RescueStep, { t }: Pick<Means, 't'>): string | undefined {
  switch (step) {
    case 'freeze':
      return t('Freezing them, so that the host breathes');
    case 'api':
      return t('Killing them through the API');
    case 'without-api':
      return t('Killing them without the API, again and again until it answers');
    case 'thaw':
      return t('Thawing what was not killed');
    case 'disable-restart':
      return undefined;
  }
}
