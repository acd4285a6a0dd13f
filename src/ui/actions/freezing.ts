import type { PlannedCgroup, PlannedContainer } from '../../core/actions/plan';
import type { TargetResult } from '../../core/actions/result';
import type { Freezer, GroupAnswer } from '../../core/rescue/answer';
import { isAborted, pause } from '../../monitor/pause';
import type { RescueReply } from '../../monitor/rescue/rescueShell';
import { byApi, knownToApi } from './byApi';
import { cgroupRead, cgroupsOf, partedByHold } from './cgroupsOf';
import { cutSignal } from './cutSignal';
import { leaseText } from './leaseText';
import type { ActingShell, Means } from './means';

type Freezable = PlannedContainer | PlannedCgroup;

/** Tasks are given so long to stand still, in ms; some wait in the kernel for a disk. */
const settleMs = 5000;
const pollMs = 200;

/**
 * Freezes or thaws: by the kernel's freezer where there is root, which loads no program on the host, else by the API. What
 * the runtime itself has paused is thawed by it, since it would go on to call it paused.
 *
 * Whoever comes in through a container is cut off when that stands still: so the kernel freezes on a lease first, and what it
 * has frozen stays so for good only once the host has answered again.
 */
export async function freezeTargets(
  kind: 'freeze' | 'thaw',
  targets: readonly Freezable[],
  means: Means,
): Promise<TargetResult[]> {
  const { lane, t, report } = means;
  const step = kind === 'freeze' ? t('Freezing') : t('Thawing');
  report(step, 0);
  let done = 0;
  const asked: Promise<TargetResult>[] = [];
  const rest = new Set(targets);
  const ours: TargetResult[] = [];
  const leased = new Map<string, string>();
  const askFor = (some: readonly Freezable[], cgroups: ReadonlyMap<string, string>): void => {
    const [held, others] = kind === 'freeze' ? partedByHold(some, cgroups, means) : [[], some];
    ours.push(...held);
    for (const target of some) {
      const cgroup = cgroups.get(target.key);
      if (!others.includes(target)) rest.delete(target);
      else if (lane && cgroup !== undefined && !isPaused(target) && lane.mayTake(cgroup)) {
        rest.delete(target);
        leased.set(target.key, cgroup);
        asked.push(byKernel(kind, target.key, cgroup, lane, means).finally(() => report(step, ++done)));
      }
    }
  };
  // Those that have been read do not wait for the others.
  const [read, unread] = parted(targets, (target) => cgroupRead(target, means) !== undefined);
  askFor(read, new Map(read.map((target) => [target.key, cgroupRead(target, means) ?? ''])));
  askFor(unread, await cgroupsOf(unread, means));
  const frozen = Promise.all(asked);
  const [ofRuntime, ofKernel] = await Promise.all([
    byRuntime(kind, [...rest], step, means),
    kind === 'freeze' && lane ? frozen.then((some) => keepFrozen(some, leased, lane, means)) : frozen,
  ]);
  return [...ofRuntime, ...ofKernel, ...ours];
}

/**
 * Ends the lease of what was frozen, if the host still answers. After a cancel it is thawed again instead.
 * @param cgroups by the keys of the targets.
 */
async function keepFrozen(
  results: readonly TargetResult[],
  cgroups: ReadonlyMap<string, string>,
  lane: ActingShell,
  { signal, cut, t }: Means,
): Promise<TargetResult[]> {
  const ended = cut.then(() => undefined);
  const frozen = results.flatMap(({ key, outcome }) => {
    const cgroup = cgroups.get(key);
    return cgroup !== undefined && (outcome === 'done' || outcome === 'unknown') ? [cgroup] : [];
  });
  const [first] = frozen;
  if (first === undefined) return [...results];
  if (signal.aborted) {
    const thawed = Promise.all(frozen.map((cgroup) => lane.thaw(cgroup, true)));
    const answers = await Promise.race([thawed, ended, pause(settleMs).then(() => undefined)]);
    const isThawed = answers?.every(({ kind }) => kind === 'answered') === true;
    return results.map((result) => {
      if (result.outcome !== 'done' && result.outcome !== 'unknown') return result;
      return isThawed
        ? { ...result, outcome: 'not-done', reason: t('It was cancelled, and thawed again.') }
        : { ...result, outcome: 'unknown', reason: leaseText(lane, t) };
    });
  }
  const answered = await Promise.race([lane.state(first), ended]);
  const isHere = answered?.kind === 'answered';
  const keep = async (result: TargetResult): Promise<TargetResult> => {
    const cgroup = cgroups.get(result.key);
    if (result.outcome !== 'done' || cgroup === undefined) return result;
    const reply = isHere ? await Promise.race([lane.freeze(cgroup, false), ended]) : undefined;
    return reply?.kind === 'answered'
      ? result
      : { ...result, outcome: 'unknown', reason: leaseText(lane, t) };
  };
  return Promise.all(results.map(keep));
}

/** By the API, where it knows them. */
async function byRuntime(
  kind: 'freeze' | 'thaw',
  targets: readonly Freezable[],
  step: string,
  means: Means,
): Promise<TargetResult[]> {
  const { lane, t } = means;
  const [known, others] = parted(targets, (target) => target.kind === 'container' && knownToApi(target));
  const containers = known.filter((target) => target.kind === 'container');
  const action = { kind: kind === 'freeze' ? 'pause' : 'unpause' } as const;
  const results = containers.length === 0 ? [] : await byApi(containers, action, step, means);
  const unread = new Set(
    containers.filter((one) => lane && !isPaused(one) && !cgroupRead(one, means)).map(({ key }) => key),
  );
  return [
    ...others.map(({ key }) => ({
      key,
      outcome: 'not-done' as const,
      reason: t('It could not be reached.'),
    })),
    ...results.map((result) =>
      unread.has(result.key) && result.outcome === 'done'
        ? { ...result, reason: t('Through the API, since its cgroup has not been read yet.') }
        : result,
    ),
  ];
}

function isPaused(target: Freezable): boolean {
  return target.kind === 'container' && target.joined.container?.state === 'paused';
}

function parted<T>(all: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))];
}

async function byKernel(
  kind: 'freeze' | 'thaw',
  key: string,
  cgroup: string,
  lane: ActingShell,
  { t, signal, cut }: Means,
): Promise<TargetResult> {
  if (signal.aborted) return { key, outcome: 'not-done' };
  const sentAtMs = Date.now();
  const waited = kind === 'freeze' ? lane.freeze(cgroup, true) : lane.thaw(cgroup);
  const cancelled = pause(undefined, signal, cutSignal(cut)).then(() => undefined);
  let reply: RescueReply<GroupAnswer> | undefined = await Promise.race([waited, cancelled]);
  const wanted: Freezer = kind === 'freeze' ? 'frozen' : 'thawed';
  const endAtMs = performance.now() + settleMs;
  while (reply && freezerOf(reply) === 'freezing' && performance.now() < endAtMs && !isAborted(signal)) {
    await pause(pollMs, signal);
    reply = await Promise.race([lane.state(cgroup), cancelled]);
  }
  const result = {
    ...{ key, by: 'cgroup' as const, sentAtMs, endedAtMs: Date.now() },
    sent: kind === 'freeze' ? 'freeze' : 'thaw',
  };
  if (reply === undefined) {
    const reason = isAborted(signal) ? t('It was cancelled; that was sent before.') : t('No answer came.');
    return { ...result, outcome: 'unknown', reason };
  }
  if (reply.kind === 'not-sent') return { key, outcome: 'not-done', reason: reply.why };
  if (reply.kind === 'unknown') return { ...result, outcome: 'unknown', reason: reply.why };
  if (reply.value.kind === 'gone') return { ...result, outcome: 'gone' };
  if (reply.value.kind === 'denied')
    return { ...result, outcome: 'failed', reason: t('The kernel denies it.') };
  const { freezer } = reply.value.state;
  if (freezer === wanted) return { ...result, outcome: 'done' };
  if (freezer === 'freezing')
    return { ...result, outcome: 'done', reason: t('Some of its tasks have yet to stand still.') };
  return { ...result, outcome: 'failed', reason: t('The kernel of the host cannot freeze it.') };
}

function freezerOf(reply: RescueReply<GroupAnswer>): Freezer | undefined {
  return reply.kind === 'answered' && reply.value.kind === 'group' ? reply.value.state.freezer : undefined;
}
