import type { CgroupCounter, CgroupMemory } from './memoryInformation';
import { present } from './present';

/** Groups below the limit that are kept; before 5.3 the kernel prints each. */
const maxGroups = 200;
const maxFigures = 200;

type CounterName = 'memory' | 'memoryAndSwap' | 'swap' | 'kernel';

const counterNames: Readonly<Record<string, CounterName>> = {
  memory: 'memory',
  'memory+swap': 'memoryAndSwap',
  swap: 'swap',
  kmem: 'kernel',
};

/**
 * Reads what a report says of the memory cgroup whose limit was reached (`mem_cgroup_print_oom_meminfo`,
 * mm/memcontrol.c; before 5.0 `mem_cgroup_print_oom_info`).
 */
export class CgroupUsageReader {
  private readonly counters = new Map<CounterName, CgroupCounter>();
  private readonly groups: { readonly path: string; readonly figures: Map<string, number> }[] = [];
  /** Lines `name value` belong to the last group (5.3+), until a line with another counter or group. */
  private open = false;
  private unlimitedKB: number | undefined;

  /** Whether the use of memory itself is there: the least that such a report tells. */
  get known(): boolean {
    return this.counters.has('memory');
  }

  /** The group at its limit: its stats are printed before those of the groups in it. */
  get firstPath(): string | undefined {
    return this.groups[0]?.path;
  }

  /** The size of a page, as the greatest limit there can be tells it: PAGE_COUNTER_MAX is LONG_MAX / PAGE_SIZE pages. */
  get pageBytes(): number | undefined {
    return this.unlimitedKB === undefined ? undefined : pageBytesOfUnlimited.get(this.unlimitedKB);
  }

  /**
   * @param line without a line feed.
   * @returns `again`: a counter that is there already, so that this line is of another report.
   */
  take(line: string): 'taken' | 'again' | 'other' {
    const counter = readCounter(line);
    if (counter !== undefined) {
      this.open = false;
      if (this.counters.has(counter.name)) return 'again';
      this.counters.set(counter.name, counter.counter);
      if (counter.counter.limitBytes === 'max') this.unlimitedKB = counter.limitKB;
      return 'taken';
    }
    const group = readGroupLine(line);
    if (group !== undefined) {
      this.open = group.figures.size === 0;
      if (this.groups.length < maxGroups) this.groups.push(group);
      return 'taken';
    }
    return this.open && this.takeFigure(line) ? 'taken' : 'other';
  }

  /** @returns undefined where nothing was told. */
  finish(): CgroupMemory | undefined {
    if (this.counters.size === 0 && this.groups.length === 0) return undefined;
    return present<CgroupMemory>({
      memory: this.counters.get('memory'),
      memoryAndSwap: this.counters.get('memoryAndSwap'),
      swap: this.counters.get('swap'),
      kernel: this.counters.get('kernel'),
      stats: this.groups.map(({ path, figures }) => ({ path, figures: Object.fromEntries(figures) })),
    });
  }

  private takeFigure(line: string): boolean {
    const match = /^ ?([a-z][a-z0-9_.()]{1,60}) (\d{1,20})\s*$/i.exec(line.length > 100 ? '' : line);
    const figures = this.groups.at(-1)?.figures;
    if (match === null || figures === undefined) return false;
    if (figures.size < maxFigures) figures.set(match[1] ?? '', Number(match[2]));
    return true;
  }
}

/** `memory: usage 65536kB, limit 65536kB, failcnt 269`; version 2 also prints the failures of both. */
function readCounter(
  line: string,
): { name: CounterName; counter: CgroupCounter; limitKB: number } | undefined {
  const match =
    /^(memory|memory\+swap|swap|kmem): usage (\d{1,17})kB, limit (\d{1,17})kB(?:, failcnt (\d{1,16}))?/.exec(
      line,
    );
  const name = match === null ? undefined : counterNames[match[1] ?? ''];
  if (match === null || name === undefined) return undefined;
  const failures = match[4];
  return {
    name,
    limitKB: Number(match[3]),
    counter: present<CgroupCounter>({
      usageBytes: Number(match[2]) * 1024,
      limitBytes: limitOf(Number(match[3])),
      failures: failures === undefined ? undefined : Number(failures),
    }),
  };
}

/**
 * No limit is the greatest number: PAGE_COUNTER_MAX, or before 3.19 RESOURCE_MAX, in kB: 9007199254740988 with pages of
 * 4 KiB, less with greater ones; 18014398509481983; on 32 bits 8589934588.
 */
function limitOf(kB: number): number | 'max' {
  return kB >= 9_007_199_254_740_000 || kB === 8_589_934_588 ? 'max' : kB * 1024;
}

const pageBytesOfUnlimited: ReadonlyMap<number, number> = new Map([
  [9_007_199_254_740_988, 4096],
  [9_007_199_254_740_976, 16_384],
  [9_007_199_254_740_928, 65_536],
]);

const groupStart = 'Memory cgroup stats for ';

/** `Memory cgroup stats for /a:`; before 5.3 `Memory cgroup stats for /a: cache:4KB rss:65532KB …`. */
function readGroupLine(line: string): { path: string; figures: Map<string, number> } | undefined {
  if (!line.startsWith(groupStart)) return undefined;
  const text = line.slice(groupStart.length, groupStart.length + 6000).trimEnd();
  if (text.endsWith(':')) return { path: text.slice(0, -1), figures: new Map() };
  // From the right: a path may hold anything.
  const words = text.split(' ');
  const figures: [string, number][] = [];
  for (let word = words.pop(); word !== undefined; word = words.pop()) {
    const match = /^([a-z][a-z0-9_()]{0,60}):(\d{1,16})KB$/.exec(word);
    if (match === null) {
      const path = [...words, word].join(' ');
      return path.endsWith(':')
        ? { path: path.slice(0, -1), figures: new Map(figures.reverse()) }
        : undefined;
    }
    figures.push([match[1] ?? '', Number(match[2]) * 1024]);
  }
  return undefined;
}
