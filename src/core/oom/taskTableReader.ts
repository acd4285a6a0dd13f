import { present } from './present';
import type { TaskRow, TaskTable } from './taskRow';
import { unsignedUid } from './userId';

/** More rows are counted, not kept. */
const maxRows = 5000;

/** Where each column is, counted from the pid; 0: this kernel has none such. */
interface Columns {
  /** With the pid. */
  readonly count: number;
  readonly uid: number;
  readonly tgid: number;
  readonly totalVm: number;
  readonly rss: number;
  readonly anon: number;
  readonly file: number;
  readonly shmem: number;
  readonly ptes: number;
  readonly pmds: number;
  readonly pgtablesBytes: number;
  readonly swap: number;
  readonly oomScoreAdj: number;
}

/**
 * Reads the table of tasks of one report (`dump_tasks`, mm/oom_kill.c) by the names of its columns, which changed with
 * 2.6.36, 3.x, 4.1, 4.15 and 6.8: `[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name`.
 */
export class TaskTableReader {
  private columns: Columns | undefined;
  private readonly names: string[] = [];
  /** Row after row: the pid, then one number a column in the table's own units. */
  private readonly numbers: number[] = [];
  private moreRows = 0;
  private ended = false;

  /** Whether the line with the names of the columns was there. */
  get begun(): boolean {
    return this.columns !== undefined;
  }

  begin(columns: readonly string[]): void {
    const at = (name: string): number => columns.indexOf(name) + 1;
    this.columns = {
      count: columns.length + 1,
      uid: at('uid'),
      tgid: at('tgid'),
      totalVm: at('total_vm'),
      rss: at('rss'),
      anon: at('rss_anon'),
      file: at('rss_file'),
      shmem: at('rss_shmem'),
      ptes: at('nr_ptes'),
      pmds: at('nr_pmds'),
      pgtablesBytes: at('pgtables_bytes'),
      swap: at('swapents'),
      oomScoreAdj: at('oom_score_adj'),
    };
  }

  /** @returns false for a line that is no row, or a row of a table whose columns are not known. */
  takeRow(text: string): boolean {
    const { columns, numbers, names } = this;
    if (columns === undefined || text.charCodeAt(0) !== openBracket) return false;
    const before = numbers.length;
    const end = readNumbers(text, columns.count, numbers);
    if (end >= 0 && names.length < maxRows) {
      names.push(nameAt(text, end + 1));
      return true;
    }
    numbers.length = before;
    if (end >= 0) this.moreRows += 1;
    return end >= 0;
  }

  /** A line that comes after the table was there: nothing is lost at its end. */
  end(): void {
    this.ended ||= this.begun;
  }

  /** Whether this process could be the victim: it stands in the table, or there is no whole table to tell. */
  mayHold(pid: number): boolean {
    return !this.begun || this.moreRows > 0 || this.holds(pid);
  }

  /** Whether this process stands in the table. */
  holds(pid: number): boolean {
    return this.rowOf(pid) !== undefined;
  }

  /** The pages of address space of a process, to learn the size of a page from. */
  totalVmPages(pid: number): number | undefined {
    const row = this.rowOf(pid);
    const column = this.columns?.totalVm ?? absent;
    return row === undefined || column === absent ? undefined : this.numbers[row + column];
  }

  /** @param pageBytes undefined: not known; then what is counted in pages is absent. */
  finish(pageBytes: number | undefined): TaskTable | undefined {
    const { columns, names, numbers } = this;
    if (columns === undefined) return undefined;
    const { count } = columns;
    return {
      rows:
        pageBytes !== undefined && isModern(columns)
          ? names.map((name, index) => modernRow(name, numbers, index * count, columns, pageBytes))
          : names.map((name, index) => taskRow(name, numbers, index * count, columns, pageBytes)),
      moreRows: this.moreRows,
      whole: this.ended,
    };
  }

  /** Where the numbers of a process begin. A row names a thread where the process' first one has ended. */
  private rowOf(pid: number): number | undefined {
    const { columns, numbers } = this;
    if (columns === undefined) return undefined;
    for (let row = 0; row < numbers.length; row += columns.count)
      if (numbers[row] === pid || (columns.tgid !== absent && numbers[row + columns.tgid] === pid))
        return row;
    return undefined;
  }
}

/** A task as the columns tell it; what has no column is absent. */
function taskRow(
  name: string,
  numbers: readonly number[],
  row: number,
  at: Columns,
  pageBytes: number | undefined,
): TaskRow {
  const value = (column: number): number | undefined =>
    column === absent ? undefined : numbers[row + column];
  const pages = (column: number): number | undefined => {
    const count = value(column);
    return count === undefined || pageBytes === undefined ? undefined : count * pageBytes;
  };
  const uid = value(at.uid);
  const ptes = pages(at.ptes);
  return present<TaskRow>({
    pid: numbers[row] ?? 0,
    tgid: value(at.tgid),
    uid: uid === undefined ? undefined : unsignedUid(uid),
    name,
    totalVmBytes: pages(at.totalVm),
    rssBytes: pages(at.rss),
    anonRssBytes: pages(at.anon),
    fileRssBytes: pages(at.file),
    shmemRssBytes: pages(at.shmem),
    // The only column in bytes.
    pgtablesBytes: value(at.pgtablesBytes) ?? (ptes === undefined ? undefined : ptes + (pages(at.pmds) ?? 0)),
    swapBytes: pages(at.swap),
    oomScoreAdj: value(at.oomScoreAdj),
  });
}

/**
 * The same of a table that has all columns of 4.15, and perhaps those of 6.8. A log may hold a million rows: objects that are
 * written out whole take a third of the time.
 */
function modernRow(
  name: string,
  numbers: readonly number[],
  row: number,
  at: Columns,
  pageBytes: number,
): TaskRow {
  const pid = numbers[row] ?? 0;
  const tgid = numbers[row + at.tgid] ?? 0;
  const uid = unsignedUid(numbers[row + at.uid] ?? 0);
  const totalVmBytes = (numbers[row + at.totalVm] ?? 0) * pageBytes;
  const rssBytes = (numbers[row + at.rss] ?? 0) * pageBytes;
  const pgtablesBytes = numbers[row + at.pgtablesBytes] ?? 0;
  const swapBytes = (numbers[row + at.swap] ?? 0) * pageBytes;
  const oomScoreAdj = numbers[row + at.oomScoreAdj] ?? 0;
  if (at.anon === absent)
    return { pid, tgid, uid, name, totalVmBytes, rssBytes, pgtablesBytes, swapBytes, oomScoreAdj };
  return {
    pid,
    tgid,
    uid,
    name,
    totalVmBytes,
    rssBytes,
    anonRssBytes: (numbers[row + at.anon] ?? 0) * pageBytes,
    fileRssBytes: (numbers[row + at.file] ?? 0) * pageBytes,
    shmemRssBytes: (numbers[row + at.shmem] ?? 0) * pageBytes,
    pgtablesBytes,
    swapBytes,
    oomScoreAdj,
  };
}

function isModern(at: Columns): boolean {
  const { tgid, uid, totalVm, rss, pgtablesBytes, swap, oomScoreAdj } = at;
  const isThere = (column: number): boolean => column !== absent;
  return (
    [tgid, uid, totalVm, rss, pgtablesBytes, swap, oomScoreAdj].every(isThere) &&
    isThere(at.anon) === isThere(at.file) &&
    isThere(at.anon) === isThere(at.shmem)
  );
}

/**
 * The names of the columns between the pid and the name.
 * @returns undefined for another line.
 */
export function readTaskTableHeader(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  const match = /^\[ {0,8}pid {0,8}\] ([a-z_ ]{8,200})$/.exec(text.slice(0, 300).trimEnd());
  const names = match?.[1]?.split(' ').filter((name) => name !== '');
  return names?.includes('total_vm') === true && names.at(-1) === 'name' ? names.slice(0, -1) : undefined;
}

/** Whether a text has the shape of a row: `[  13276]     0 13276    18837 …`. */
export function looksLikeTaskRow(text: string): boolean {
  return (
    text.startsWith('[') && /^\[ {0,10}\d{1,10}\] {1,10}-?\d{1,10} {1,10}\d{1,10} /.test(text.slice(0, 60))
  );
}

/** Blanks and digits beyond which a field is none. */
const maxField = 40;

/** A column that this kernel's table has not: where the pid is. */
const absent = 0;

const blank = 32;
const minus = 45;
const digit0 = 48;
const digit9 = 57;
const openBracket = 91;
const closeBracket = 93;

/**
 * Reads `[  13276]     0 13276    18837 …` by character codes: a log may hold a million rows.
 * @param count of the numbers, with the pid. @param numbers gets them; what it got is void where this is no row.
 * @returns where the last one ends; -1: this is no row.
 */
function readNumbers(text: string, count: number, numbers: number[]): number {
  let at = 1;
  for (let column = 0; column < count; column += 1) {
    const start = at;
    let code = text.charCodeAt(at);
    while (code === blank && at - start < maxField) code = text.charCodeAt((at += 1));
    const negative = code === minus;
    if (negative) code = text.charCodeAt((at += 1));
    const firstDigit = at;
    let value = 0;
    while (code >= digit0 && code <= digit9) {
      value = value * 10 + (code - digit0);
      code = text.charCodeAt((at += 1));
    }
    if (at === firstDigit || at - firstDigit > 15) return -1;
    if (column === 0) {
      while (code === blank && at - start < maxField) code = text.charCodeAt((at += 1));
      if (negative || code !== closeBracket) return -1;
      at += 1;
    } else if (text.charCodeAt(start) !== blank || (at < text.length && code !== blank)) return -1;
    numbers.push(negative ? -value : value);
  }
  return at;
}

/** A terminal's blanks go; a name itself may end in some. */
function nameAt(text: string, at: number): string {
  const name = text.slice(at, at + 61);
  return name.length > 15 ? name.trimEnd() : name;
}
