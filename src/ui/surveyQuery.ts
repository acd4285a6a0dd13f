import { ancestorsOf, parentOf } from '../core/processes/ancestors';
import { greatest } from '../core/processes/greatest';
import type { Process } from '../core/processes/process';
import { processFilterOf } from '../core/processes/processFilter';
import type { ProcessTable } from '../core/processes/processTable';
import type { ProcessOrder, ProcessQuery } from '../protocol';

/** So many are told by each order, and so many of those that match a filter. */
const mostByOrder = 10;
const mostMatching = 50;

/** So many parents are told besides. */
const mostParents = 150;

/** What a page is told that has no wishes of its own. */
export const usualQuery: ProcessQuery = { filter: '', order: 'memory', tree: false };

/** The processes that a page is told. */
export interface QueriedProcesses {
  readonly shown: readonly Process[];
  /** Of a tree: parents that are told besides. */
  readonly parents: readonly Process[];
  /** How many match; undefined without a filter. */
  readonly matching: number | undefined;
  /** Pid of the parent, where that is told too; undefined for all but a tree. */
  readonly parentPidOf: (process: Process) => number | undefined;
}

type Table = Pick<
  ProcessTable,
  | 'largest'
  | 'mostSwapped'
  | 'fastestGrowing'
  | 'topMajorFaults'
  | 'busiest'
  | 'highestOomScores'
  | 'processes'
  | 'get'
>;

/**
 * The processes that a query asks for, of all that are known.
 * @param textsOf what a process goes by besides its name, in the order in which it is cheap to be told.
 */
export function queriedProcesses(
  table: Table,
  { filter, order, tree }: ProcessQuery,
  textsOf: (process: Process) => Iterable<string>,
): QueriedProcesses {
  const isWanted = processFilterOf(filter);
  const matching = isWanted && table.processes.filter((process) => isWanted(process.pid, textsOf(process)));
  const shown = matching ? firstMatching(matching, order) : firstByEachOrder(table);
  const parents = tree ? ancestorsOf(shown, (pid) => table.get(pid), mostParents) : [];
  const told = new Set([...shown, ...parents].map(({ pid }) => pid));
  return {
    shown,
    parents,
    matching: matching?.length,
    parentPidOf: (process) => {
      const parent = tree ? parentOf(process, (pid) => table.get(pid)) : undefined;
      return parent && told.has(parent.pid) ? parent.pid : undefined;
    },
  };
}

/** The first ten by each order that the page offers, each once. */
function firstByEachOrder(table: Table): Process[] {
  return [
    ...new Set([
      ...table.largest(mostByOrder),
      ...table.mostSwapped(mostByOrder),
      ...table.fastestGrowing(mostByOrder),
      ...table.topMajorFaults(mostByOrder),
      ...table.busiest(mostByOrder),
      ...table.highestOomScores(mostByOrder),
    ]),
  ];
}

/** Those that have nothing of what they are put in order by come last, by their pids. */
function firstMatching(matching: readonly Process[], order: ProcessOrder): Process[] {
  const first = greatest(matching, mostMatching, (process) => amountOf(process, order));
  if (first.length >= Math.min(mostMatching, matching.length)) return first;
  const there = new Set(first);
  const rest = matching.filter((process) => !there.has(process)).sort((one, other) => one.pid - other.pid);
  return [...first, ...rest].slice(0, mostMatching);
}

function amountOf(process: Process, order: ProcessOrder): number | undefined {
  switch (order) {
    case 'memory':
      return (process.rssBytes ?? 0) + (process.details?.status?.vmSwapBytes ?? 0);
    case 'swap':
      return process.details?.status?.vmSwapBytes;
    case 'growth':
      return process.minuteGrowthBytesPerSecond ?? process.growthBytesPerSecond;
    case 'majorFaults':
      return process.majorFaultsPerSecond;
    case 'processor':
      return process.processorPercent;
    case 'oomScore':
      return process.details?.oomScore;
  }
}
