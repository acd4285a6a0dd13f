import type { HostFacts } from '../hostFacts';
import type { Process } from '../processes/process';
import type { ForecastDoubt } from './forecast';
import { oomScoreFrom, type BadnessFormula } from './forecastFormula';
import type { MeasuredProcess } from './forecastProcesses';
import type { groupKilledWith, MeasuredScope } from './forecastScopes';
import type { UserSpaceKiller } from './userSpaceKillers';

/** The dear facts of those that would be killed are too old after this long, in ms. */
const oldDetailsMs = 60_000;

/** By so much the kernel's own score may differ: it is cut twice, and processes grow. */
const scoreTolerance = 15;

/** What is known of a host beside its processes. */
export interface ForecastKnowledge {
  readonly host: Pick<HostFacts, 'panicOnOom' | 'oomKillAllocatingTask'>;
  readonly formula: BadnessFormula;
  /** The host is itself a container: the first process that it sees is that of the container. */
  readonly isContainer: boolean;
  readonly isOwnMeminfo: boolean;
  /** All processes were read at least once. */
  readonly isWhole: boolean;
  readonly killers: readonly UserSpaceKiller[];
  readonly childrenOf: (parent: Process) => readonly Process[];
  readonly oomGroupOf: Parameters<typeof groupKilledWith>[2];
}

/** A process and how much it counts in a scope. */
export interface RankedProcess {
  readonly measured: MeasuredProcess;
  readonly badnessBytes: number;
}

/**
 * Why another one than the first may be killed.
 * @param worst worst first.
 * @param isAnyUnread whether processes that are in the scope, or may be, were not read.
 */
export function forecastDoubtsOf(
  scope: MeasuredScope,
  worst: readonly RankedProcess[],
  isAnyUnread: boolean,
  known: ForecastKnowledge,
): ForecastDoubt[] {
  const { panicOnOom = 0, oomKillAllocatingTask = 0 } = known.host;
  const [first, second] = worst;
  const isMachine = scope.cgroup === undefined;
  const isAdjusted = worst.some(({ measured }) => measured.oomScoreAdj !== 0);
  const isOld = [first, second].some((one) => one !== undefined && areDetailsOld(one.measured.process));
  const killers = isMachine ? known.killers : known.killers.filter(({ kind }) => kind.endsWith('oomd'));
  const doubts: readonly (readonly [ForecastDoubt, boolean])[] = [
    ['not-all-read', !known.isWhole || isAnyUnread || isOld],
    ['same-score', first !== undefined && first.badnessBytes === second?.badnessBytes],
    // Looked at where the whole machine runs out only; of the next, 2 stands for cgroups too.
    ['allocating-task', isMachine && oomKillAllocatingTask !== 0],
    ['panic', panicOnOom >= (isMachine ? 1 : 2)],
    ['kill-disabled', scope.cgroup?.oomKillDisable === true],
    ['total', isAdjusted && (!scope.isTotalKnown || (isMachine && known.isOwnMeminfo))],
    ['container', isMachine && known.isContainer],
    ['root-bonus', isWithinBonus(worst, scope.totalBytes, known.formula)],
    [
      'score-differs',
      isMachine && first !== undefined && scoreDiffers(first, scope.totalBytes, known.formula),
    ],
    ['user-space-killer', killers.length > 0],
  ];
  return doubts.filter(([, holds]) => holds).map(([doubt]) => doubt);
}

function isWithinBonus(
  [first, second]: readonly RankedProcess[],
  totalBytes: number,
  { rootBonus }: BadnessFormula,
): boolean {
  if (rootBonus === 'none' || first === undefined || second === undefined) return false;
  const bonusBytes = (rootBonus === 'of-total' ? totalBytes : first.measured.heldBytes) * 0.03;
  return first.badnessBytes - second.badnessBytes <= bonusBytes;
}

/** The score was read with the other facts of the process: compared only where those are what the badness comes of. */
function scoreDiffers(
  { measured, badnessBytes }: RankedProcess,
  totalBytes: number,
  formula: BadnessFormula,
): boolean {
  const { readAtMs, details } = measured.process;
  if (details?.oomScore === undefined || details.readAtMs < readAtMs) return false;
  return Math.abs(details.oomScore - oomScoreFrom(badnessBytes, totalBytes, formula)) > scoreTolerance;
}

function areDetailsOld({ readAtMs, details }: Process): boolean {
  return details === undefined || readAtMs - details.readAtMs > oldDetailsMs;
}
