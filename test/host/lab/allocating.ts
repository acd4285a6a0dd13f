import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LedgerInputs } from '../../../src/core/ledger/inputs';
import { allLines, ledgerOf } from '../../../src/core/ledger/ledger';
import type { Ledger, LedgerLineId, LedgerViewId } from '../../../src/core/ledger/types';
import { freeHugepages, hugePoolsOf, nrHugepages } from '../../../src/core/proc/hugepages';
import { meminfo } from '../../../src/core/proc/meminfo';
import { pagesets } from '../../../src/core/proc/pagesets';
import { slabinfo } from '../../../src/core/proc/slabinfo';
import type { Source } from '../../../src/core/proc/source';
import { vmstat } from '../../../src/core/proc/vmstat';
import { zramMmStat } from '../../../src/core/proc/zramMmStat';

/** A kind of memory that `allocate.c` can take, and where the ledger has to show it. */
export interface Kind {
  readonly name: string;
  readonly line: LedgerLineId;
  readonly view?: LedgerViewId;
  /** A line that must grow as well, since such memory does not come without it. */
  readonly besides?: LedgerLineId;
}

export const kinds: readonly Kind[] = [
  { name: 'anonymous', line: 'programs' },
  { name: 'locked', line: 'programs', view: 'locked' },
  { name: 'page-cache', line: 'file-pages' },
  { name: 'tmpfs', line: 'shared' },
  { name: 'huge-pages', line: 'huge-pages' },
  { name: 'inodes', line: 'slab-reclaimable' },
  { name: 'page-tables', line: 'page-tables' },
  // Each thread has its `task_struct`, which is slab and a third of its stack or more.
  { name: 'threads', line: 'kernel-stacks', besides: 'slab-unreclaimable' },
  { name: 'vmalloc', line: 'vmalloc' },
  { name: 'zram', line: 'zram' },
];

const hugePages = 'sys/kernel/mm/hugepages/hugepages-2048kB';

/** What `allocate` has to show. */
export const shownFiles: readonly string[] = [
  'proc/meminfo',
  'proc/vmstat',
  'proc/zoneinfo',
  'proc/slabinfo',
  `${hugePages}/nr_hugepages`,
  `${hugePages}/free_hugepages`,
].map((path) => `/${path}`);

/** Compiles `allocate.c` without any library. @throws Error with what the compiler said. */
export async function compileAllocate(source: string, output: string): Promise<void> {
  await promisify(execFile)('gcc', ['-O1', '-static', '-s', '-o', output, source]);
}

/** Why memory of a kind cannot be had, where that is what `allocate` ended with. */
export function unavailableReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 3) return undefined;
  return 'stderr' in error ? String(error.stderr).trim() : error.message;
}

/** The texts of one moment, by path. */
type Texts = Readonly<Record<string, string>>;

/** What `allocate` printed: texts by moment and path. */
export function momentsOf(output: string): Readonly<Record<string, Texts>> {
  const moments: Record<string, Record<string, string>> = {};
  for (const section of output.split(/^=== /m).slice(1)) {
    const end = section.indexOf('\n');
    const [moment = '', path = ''] = section.slice(0, end).split(' ');
    (moments[moment] ??= {})[path] = section.slice(end + 1);
  }
  return moments;
}

interface Change {
  readonly id: LedgerLineId;
  readonly bytes: number;
}

/** How the ledger changed when memory of one kind was taken. Bytes. */
export interface Outcome {
  readonly kind: Kind;
  readonly wantedBytes: number;
  /** By how much the right line grew, and the view if there is one. */
  readonly grownBytes: number;
  readonly viewGrownBytes: number | undefined;
  /** How the other lines changed, those first that changed most; without free memory and what comes with this kind. */
  readonly others: readonly Change[];
  /** What had to come with it, by /proc/slabinfo and by the line; 0 where nothing has to. */
  readonly besidesExpectedBytes: number;
  readonly besidesGrownBytes: number;
  /** The most that each line changed in a time in which nothing was taken. */
  readonly noise: ReadonlyMap<LedgerLineId, number>;
  /** Not accounted before and after, as shares of MemTotal; below 0 where the lines came to more. */
  readonly notAccounted: readonly [number, number];
}

/** @throws Error where a text is missing or malformed, or a value in it cannot be. */
export function outcomeOf(kind: Kind, megabytes: number, output: string): Outcome {
  const moments = momentsOf(output);
  const [quiet, before, after, later] = ['quiet', 'before', 'after', 'later'].map((moment) =>
    ledgerOf(inputsOf(moments[moment] ?? {})),
  );
  if (!quiet || !before || !after || !later) throw new Error('a moment is missing');
  const growthOf = (id: LedgerLineId): number => bytesIn(after, id) - bytesIn(before, id);
  const related = [...relativesOf(after, kind.line), ...(kind.besides ? [kind.besides] : [])];
  const others = changesOf(before, after).filter(({ id }) => !related.includes(id));
  const noise = new Map<LedgerLineId, number>();
  for (const { id, bytes } of [...changesOf(quiet, before), ...changesOf(after, later)]) {
    noise.set(id, Math.max(Math.abs(bytes), noise.get(id) ?? 0));
  }
  const viewOf = (ledger: Ledger): number => ledger.views.find(({ id }) => id === kind.view)?.bytes ?? 0;
  const share = (ledger: Ledger): number => ledger.notAccountedRawBytes / ledger.totalBytes;
  return {
    kind,
    wantedBytes: megabytes << 20,
    grownBytes: growthOf(kind.line),
    viewGrownBytes: kind.view && viewOf(after) - viewOf(before),
    others: others.sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes)),
    besidesExpectedBytes: kind.besides ? cachesGrowth(moments, ['task_struct', 'pid']) : 0,
    besidesGrownBytes: kind.besides ? growthOf(kind.besides) : 0,
    noise,
    notAccounted: [share(before), share(after)],
  };
}

/** Something that is wrong, and the line that shows it. */
interface Fault {
  readonly line: LedgerLineId;
  readonly text: string;
  /** Whether others on the machine can be the reason. */
  readonly mayBeNoise: boolean;
}

/** What is wrong with it; empty where all is right. */
export function faultsOf(outcome: Outcome): Fault[] {
  const { kind, wantedBytes, viewGrownBytes } = outcome;
  const faults: Fault[] = [];
  const wrongBy = (bytes: number, line: LedgerLineId, text: string): void => {
    if (Math.abs(bytes) > tenthOf(outcome))
      faults.push({ line, text: `${text}: ${bytes} bytes`, mayBeNoise: true });
  };
  wrongBy(outcome.grownBytes - wantedBytes, kind.line, `${kind.line} grew by another amount`);
  if (viewGrownBytes !== undefined) {
    wrongBy(viewGrownBytes - wantedBytes, kind.line, `the view ${kind.view} grew by another amount`);
  }
  if (kind.besides) {
    const more = outcome.besidesGrownBytes - outcome.besidesExpectedBytes;
    wrongBy(more, kind.besides, `${kind.besides} grew by another amount than what comes with it`);
  }
  for (const { id, bytes } of outcome.others) wrongBy(bytes, id, `${id} changed`);
  for (const share of outcome.notAccounted) {
    if (Math.abs(share) > 0.03) {
      faults.push({ line: 'not-accounted', text: `${share} is not accounted`, mayBeNoise: false });
    }
  }
  return faults;
}

/** Whether all that is wrong is in lines that others changed meanwhile as well, so that it says nothing. */
export function isNoise(outcome: Outcome): boolean {
  return faultsOf(outcome).every(
    ({ line, mayBeNoise }) => mayBeNoise && (outcome.noise.get(line) ?? 0) > tenthOf(outcome) / 2,
  );
}

/** A tenth of what was taken, which no other line may change by. */
function tenthOf({ wantedBytes }: Outcome): number {
  return wantedBytes / 10;
}

function noiseOf({ noise }: Outcome): number {
  return Math.max(...noise.values());
}

/** It is not tried once more after this long, in ms. */
const longestMs = 50_000;

/**
 * Takes memory again and again until nothing is wrong, at most so often: what others do in that time is seen too, but not
 * each time. @returns that outcome, else the one of the least noise.
 */
export async function takeQuietly(
  kind: Kind,
  megabytes: number,
  allocate: (kind: string, megabytes: number) => Promise<string>,
  attempts: number,
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  const startedAtMs = performance.now();
  while (
    outcomes.length < attempts &&
    performance.now() - startedAtMs < (outcomes.length > 0 ? longestMs : Infinity)
  ) {
    const outcome = outcomeOf(kind, megabytes, await allocate(kind.name, megabytes));
    if (faultsOf(outcome).length === 0) return outcome;
    outcomes.push(outcome);
  }
  return outcomes.reduce((best, outcome) => (noiseOf(outcome) < noiseOf(best) ? outcome : best));
}

/** One line of a table, in MB of 2^20. */
export function rowOf(outcome: Outcome): string {
  const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const { kind, viewGrownBytes, others } = outcome;
  return [
    kind.name,
    mb(outcome.wantedBytes),
    `${kind.line} +${mb(outcome.grownBytes)}${viewGrownBytes === undefined ? '' : `; ${kind.view} +${mb(viewGrownBytes)}`}`,
    others
      .slice(0, 1)
      .map(({ id, bytes }) => `${id} ${mb(bytes)}`)
      .join(''),
    kind.besides
      ? `${kind.besides} ${mb(outcome.besidesGrownBytes)} (${mb(outcome.besidesExpectedBytes)})`
      : '',
    mb(noiseOf(outcome)),
    outcome.notAccounted.map(percent).join(' → '),
  ].join(' | ');
}

export const tableTitle =
  'kind | taken, MB | the right line | the other line that changed most | what comes with it, by the line (by slabinfo) | noise | not accounted';

/** The line itself, what it is part of and what is part of it. */
function relativesOf(ledger: Ledger, id: LedgerLineId): LedgerLineId[] {
  return ledger.lines.flatMap((line) => {
    const ids = [line, ...line.parts].map((each) => each.id);
    if (line.id === id) return ids;
    return ids.includes(id) ? [line.id, id] : [];
  });
}

function bytesIn(ledger: Ledger, id: LedgerLineId): number {
  if (id === 'not-accounted') return ledger.notAccountedRawBytes;
  return allLines(ledger).find((line) => line.id === id)?.bytes ?? 0;
}

/** By how much lines that are not divided further have changed, free memory left out. */
function changesOf(from: Ledger, to: Ledger): Change[] {
  return allLines(to)
    .filter(({ id, parts }) => parts.length === 0 && !id.startsWith('free'))
    .map(({ id }) => ({ id, bytes: bytesIn(to, id) - bytesIn(from, id) }));
}

function inputsOf(texts: Texts): LedgerInputs {
  const counts = new Map(
    [nrHugepages, freeHugepages].flatMap((source): [string, number][] => {
      const path = source.path.replace('*', '2048');
      return texts[path] === undefined ? [] : [[path, parsed(source, texts[path])]];
    }),
  );
  const zram = Object.keys(texts).filter((path) => path.endsWith('/mm_stat'));
  return {
    meminfo: parsed(meminfo, texts['proc/meminfo']),
    vmstat: parsed(vmstat, texts['proc/vmstat']),
    pageSizeBytes: 4096,
    pagesets: parsed(pagesets, texts['proc/zoneinfo']),
    zram: zram.map((path) => parsed(zramMmStat, texts[path])),
    hugePools: hugePoolsOf(counts),
  };
}

function parsed<T>(source: Source<T>, text: string | undefined): T {
  if (text === undefined) throw new Error(`${source.path} is missing`);
  return source.parse(text, (line, reason) => {
    throw new Error(`${source.path}:${line.number}: ${reason}: ${line.text}`);
  });
}

/** By how much slab caches grew, by /proc/slabinfo. */
function cachesGrowth(moments: Readonly<Record<string, Texts>>, names: readonly string[]): number {
  const bytesIn = (moment: string): number =>
    parsed(slabinfo, moments[moment]?.['proc/slabinfo'])
      .caches.filter(({ name }) => names.includes(name))
      .reduce((sum, { pages }) => sum + pages * 4096, 0);
  return bytesIn('after') - bytesIn('before');
}
