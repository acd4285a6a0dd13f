import type { Forecast, ForecastCandidate } from './forecast';
import { forecastDoubtsOf, type ForecastKnowledge, type RankedProcess } from './forecastDoubts';
import { badnessOf } from './forecastFormula';
import type { MeasuredProcess } from './forecastProcesses';
import { groupKilledWith, type MeasuredScope } from './forecastScopes';

const mostCandidates = 5;
const mostSpared = 5;

/** Who would be killed in one scope: told of each process in it, in any order. */
export class ScopeForecast {
  readonly path: string | undefined;
  #isAnyUnread = false;
  #worst: RankedProcess[] = [];
  #untouchable: MeasuredProcess[] = [];
  #favoured: MeasuredProcess[] = [];
  /** Only where a child may be killed instead. */
  readonly #eligible = new Map<number, RankedProcess>();

  constructor(
    private readonly measuredScope: MeasuredScope,
    private readonly known: ForecastKnowledge,
  ) {
    const { scope } = measuredScope;
    this.path = scope.kind === 'cgroup' ? scope.path : undefined;
  }

  get hasAny(): boolean {
    return this.#worst.length + this.#untouchable.length > 0;
  }

  /** Of a process that may be in the scope nothing is known. */
  addUnknown(): void {
    this.#isAnyUnread = true;
  }

  add(measured: MeasuredProcess): void {
    const { formula } = this.known;
    this.#isAnyUnread ||= measured.isGuessed;
    if (isUntouchable(measured, this.known.isContainer)) {
      this.#untouchable = insert(this.#untouchable, measured, mostSpared, holdsMore);
      return;
    }
    const ranked = { measured, badnessBytes: badnessOf(measured, this.measuredScope.totalBytes, formula) };
    this.#worst = insert(this.#worst, ranked, mostCandidates, (one, other) =>
      isWorse(one, other, formula.childInstead),
    );
    if (measured.oomScoreAdj < 0) this.#favoured = insert(this.#favoured, measured, mostSpared, holdsMore);
    if (formula.childInstead) this.#eligible.set(measured.process.pid, ranked);
  }

  forecast(): Forecast {
    const { scope, totalBytes } = this.measuredScope;
    const [first, second] = this.#worst;
    const child = first && this.#childOf(first);
    const victim = child ?? first;
    const candidateOf = (ranked: RankedProcess): ForecastCandidate =>
      toldOf(ranked.measured, ranked.badnessBytes);
    const spared = (measured: MeasuredProcess): ForecastCandidate =>
      toldOf(measured, badnessOf(measured, totalBytes, this.known.formula));
    return {
      scope,
      totalBytes,
      candidates: this.#worst.map(candidateOf),
      marginBytes: first && second && first.badnessBytes - second.badnessBytes,
      child: child && candidateOf(child),
      groupKilled: groupKilledWith(victim?.measured.cgroup, this.path, this.known.oomGroupOf),
      protected: this.#untouchable.map(spared),
      favoured: this.#favoured.map(spared),
      doubts: forecastDoubtsOf(this.measuredScope, this.#worst, this.#isAnyUnread, this.known),
    };
  }

  /** Before 5.1: the worst child that has memory of its own. */
  #childOf({ measured }: RankedProcess): RankedProcess | undefined {
    if (!this.known.formula.childInstead) return undefined;
    return this.known
      .childrenOf(measured.process)
      .flatMap(({ pid }) => this.#eligible.get(pid) ?? [])
      .reduce<RankedProcess | undefined>(
        (worst, one) => (worst === undefined || one.badnessBytes > worst.badnessBytes ? one : worst),
        undefined,
      );
  }
}

function isUntouchable({ process, oomScoreAdj }: MeasuredProcess, isContainer: boolean): boolean {
  return oomScoreAdj === -1000 || (process.pid === 1 && !isContainer);
}

function holdsMore(one: MeasuredProcess, other: MeasuredProcess): boolean {
  return one.heldBytes > other.heldBytes;
}

/** Of those that are as bad the later task wins (`points < chosen_points` skips); before 5.1 the earlier one. */
function isWorse(one: RankedProcess, other: RankedProcess, earlierWins: boolean): boolean {
  if (one.badnessBytes !== other.badnessBytes) return one.badnessBytes > other.badnessBytes;
  const [a, b] = [one.measured.process, other.measured.process];
  const isLater = a.startTicks === b.startTicks ? a.pid > b.pid : a.startTicks > b.startTicks;
  return isLater !== earlierWins;
}

/** Puts one into a short list that is in order; the last one falls out where it is full. */
function insert<T>(list: T[], item: T, most: number, isBefore: (one: T, other: T) => boolean): T[] {
  const last = list.at(-1);
  if (list.length >= most && last !== undefined && !isBefore(item, last)) return list;
  const place = list.findIndex((other) => isBefore(item, other));
  list.splice(place < 0 ? list.length : place, 0, item);
  return list.length > most ? list.slice(0, most) : list;
}

function toldOf(measured: MeasuredProcess, badnessBytes: number): ForecastCandidate {
  const { process, cgroup, owner, heldBytes, oomScoreAdj } = measured;
  const { pid, startTicks, stat } = process;
  return { pid, startTicks, name: stat.name, cgroup, owner, badnessBytes, heldBytes, oomScoreAdj };
}
