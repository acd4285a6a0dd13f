import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import { start, type Running } from '../../scripts/processes.mjs';
import { checkupOf, sectionsOf, type Checkup } from '../../src/core/checkup/checkup';
import { checkupText } from '../../src/core/checkup/checkupText';
import type { CheckupInputs, CheckupSlice } from '../../src/core/checkup/inputs';
import { pidsToIdentify } from '../../src/core/checkup/pidsToIdentify';
import { checkupReading } from './lab/checkupReading';
import { mountNamespaceObstacle } from './lab/mountNamespace';
import { printedOver, replaySeconds } from './lab/replayedProc';

const seconds = 10;

/** Its commands, both readings of a while under load, and what was made of them. */
interface Run {
  readonly printed: Readonly<Record<string, string>>;
  readonly inputs: CheckupInputs;
  readonly checkup: Checkup;
  /**
   * Of every pair of readings that lies around the tools' own: one before and one after each of the two moments at which they
   * read, however late they did on a busy machine. What happens between those, e.g. a burst of another program, is within the
   * tools' span or not.
   */
  readonly around: readonly Checkup[];
  readonly burnerPid: number;
}

/** A table as a tool prints it: the cells of each line by the names of the columns. */
type Table = readonly Readonly<Record<string, string>>[];

/** A figure of ours against the tool's. */
interface Pair {
  readonly where: string;
  /** One, or all that it may be: the tool's lies between the least and the greatest. */
  readonly ours: number | undefined | readonly (number | undefined)[];
  readonly theirs: number;
  /** How far they may be apart: so much, or so much of theirs. */
  readonly absolute: number;
  readonly share: number;
}

/**
 * The lines under the first (or a later) line that holds all of `titles`. The last column takes the rest of a line, for the
 * name of a process may hold blanks.
 */
function tableUnder(text: string, titles: readonly string[], nth = 0): Table {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const heads = lines.flatMap((words, index) =>
    titles.every((title) => words.includes(title)) ? [index] : [],
  );
  const head = heads[nth];
  if (head === undefined) throw new Error(`no line of ${titles.join(' ')} in: ${text}`);
  const names = lines[head] ?? [];
  const rows: Record<string, string>[] = [];
  for (const words of lines.slice(head + 1)) {
    if (words.length < names.length) break;
    const last = words.slice(names.length - 1).join(' ');
    rows.push(
      Object.fromEntries(
        names.map((name, index) => [name, index === names.length - 1 ? last : (words[index] ?? '')]),
      ),
    );
  }
  return rows;
}

/** All pairs of this run, for the record. */
const compared: Pair[] = [];

/** How far the two are apart as a share of what they may be; more than 1 is too far. */
function distance({ ours, theirs, absolute, share }: Pair): number {
  const values = (Array.isArray(ours) ? ours : [ours]) as (number | undefined)[];
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return Infinity;
  const apart = Math.max(0, Math.min(...known) - theirs, theirs - Math.max(...known));
  return apart / Math.max(absolute, share * Math.abs(theirs));
}

function expectClose(pairs: readonly Pair[]): void {
  expect(pairs.length).toBeGreaterThan(0);
  compared.push(...pairs);
  const wrong = pairs
    .filter((pair) => !(distance(pair) <= 1))
    .map(({ where, ours, theirs }) => `${where}: ours ${String(ours)}, theirs ${theirs}`);
  expect(wrong).toEqual([]);
}

/** Each number of the tool's line with ours of the same column, but for `except`, which names why each is left out. */
function pairsOf(
  where: string,
  ours: readonly (object | undefined)[],
  theirs: Readonly<Record<string, string>>,
  close: Pick<Pair, 'absolute' | 'share'>,
  except: Readonly<Record<string, string>> = {},
): Pair[] {
  return Object.entries(theirs)
    .filter(([name, cell]) => !Object.hasOwn(except, name) && /^-?[\d.]+$/.test(cell))
    .map(([name, cell]) => ({
      where: `${where} ${name}`,
      ours: ours.map((figures) => {
        const value: unknown = figures && Object.entries(figures).find(([key]) => key === name)?.[1];
        return typeof value === 'number' ? value : undefined;
      }),
      theirs: Number(cell),
      ...close,
    }));
}

const loads: Running[] = [];
let folder: string;
let live: Run;

/** What stands in a tool's lines beside figures, and figures that are not of the span. */
const notFigures = {
  CPU: 'a name',
  PID: 'a name',
  UID: 'compared where the texts are the same',
  IFACE: 'a name',
  '%ifutil': 'sar prints 0.00 where the speed of the link is not known, here it is undefined',
};

/** A connection each 10 ms over loopback: three of five carry 20 kB, one is refused, and one is reset by the server. */
const traffic = `
const net = require('node:net');
const server = net.createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', (data) => { if (data[0] === 1) socket.resetAndDestroy(); });
});
server.listen(0, '127.0.0.1', () => {
  let count = 0;
  setInterval(() => {
    const kind = count++ % 5;
    const socket = net.connect(kind === 1 ? 1 : server.address().port, '127.0.0.1', () => {
      if (kind === 2) socket.write(Buffer.from([1]));
      else socket.end(Buffer.alloc(20000));
    });
    socket.on('error', () => undefined);
  }, 10);
});`;

const pauseMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The tools have read for the first time, and sleep until they read again. */
async function allWait(pids: readonly (number | undefined)[]): Promise<void> {
  const sleeps = (pid: number | string | undefined): boolean => {
    const wait = readFileSync(`/proc/${pid ?? ''}/wchan`, 'utf8');
    if (!wait.includes('pipe_read')) return /nanosleep|pause|sigtimedwait|sigsuspend|select|poll/.test(wait);
    // sar waits for sadc, which reads for it.
    const children = readFileSync(`/proc/${pid ?? ''}/task/${pid ?? ''}/children`, 'utf8').trim();
    return children !== '' && children.split(' ').every(sleeps);
  };
  const endAtMs = performance.now() + 5000;
  while (!pids.every(sleeps)) {
    if (performance.now() > endAtMs) throw new Error('the tools did not start within 5 s');
    await pauseMs(20);
  }
}

/** Why the real tools cannot be asked here. */
function obstacle(): string | undefined {
  const missing = ['mpstat', 'pidstat', 'iostat', 'sar', 'vmstat', 'free', 'top', 'uptime'].filter(
    (name) => findProgram(name) === undefined,
  );
  return missing.length === 0
    ? undefined
    : `there is no ${missing.join(', ')} (Debian packages sysstat and procps)`;
}

beforeAll(async () => {
  if (obstacle() !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'checkup-'));
  const load = (command: string, ...args: string[]): Running => {
    const running = start(command, args, { cwd: folder });
    loads.push(running);
    return running;
  };
  execFileSync('dd', ['if=/dev/urandom', 'of=data', 'bs=1M', 'count=16', 'conv=fsync', 'status=none'], {
    cwd: folder,
  });
  // A processor in full, a disk read and written past the page cache, connections and traffic over loopback.
  load('taskset', '-c', String(cpus().length - 1), 'sh', '-c', `echo $$ > burner; while :; do :; done`);
  const disk = 'dd if=/dev/zero of=written bs=64k count=16 oflag=direct conv=fsync,notrunc status=none';
  load(
    'sh',
    '-c',
    `while :; do ${disk}; dd if=data of=/dev/null bs=64k count=16 iflag=direct status=none; sleep 0.05; done`,
  );
  load(process.execPath, '-e', traffic);
  await pauseMs(1500);

  const env = { ...process.env, LC_ALL: 'C', S_COLORS: 'never', HOME: folder };
  const commands: Record<string, string> = {
    mpstat: `mpstat -P ALL ${seconds} 1`,
    iostat: `iostat -xz -y ${seconds} 1`,
    pidstat: `pidstat ${seconds} 1`,
    sarDev: `sar -n DEV ${seconds} 1`,
    sarTcp: `sar -n TCP,ETCP ${seconds} 1`,
    vmstat: `vmstat -n ${seconds} 2`,
    top: `top -b -d ${seconds} -n 2 -w 512`,
  };
  const starting = checkupReading();
  const startingAtMs = performance.now();
  const tools = Object.entries(commands).map(([name, command]) => {
    const [program = '', ...args] = command.split(' ');
    const printing = promisify(execFile)(program, args, { env, maxBuffer: 16 * 1024 * 1024 });
    return { pid: printing.child.pid, printed: printing.then(({ stdout }) => [name, stdout] as const) };
  });
  await allWait(tools.map(({ pid }) => pid));
  const started = checkupReading();
  // None of them has read for the second time yet.
  await pauseMs(startingAtMs + seconds * 1000 - performance.now());
  const ending = checkupReading();
  const printed = Object.fromEntries(await Promise.all(tools.map(({ printed }) => printed)));
  const ended = checkupReading();
  const endedAtMs = Date.now();
  const free = execFileSync('free', ['-m'], { env, encoding: 'utf8' });
  const pageSizeBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
  const inputsOf = (first: CheckupSlice, last: CheckupSlice): CheckupInputs => ({
    start: [first],
    end: [last],
    endedAtMs,
    pageSizeBytes,
  });
  const inputs = inputsOf(started, ended);
  live = {
    printed: { ...printed, free },
    inputs,
    checkup: checkupOf(inputs),
    around: [starting, started].flatMap((first) =>
      [ending, ended].map((last) => checkupOf(inputsOf(first, last))),
    ),
    burnerPid: Number(execFileSync('cat', [join(folder, 'burner')], { encoding: 'utf8' })),
  };
  await Promise.all(loads.splice(0).map((running) => running.stop()));
});

afterAll(async () => {
  await Promise.all(loads.splice(0).map((running) => running.stop()));
  if (obstacle() === undefined) rmSync(folder, { recursive: true });
  const farthest = [...compared].sort((a, b) => distance(b) - distance(a)).slice(0, 5);
  console.log(`${compared.length} figures compared; farthest apart, as a share of what may be:`);
  console.table(farthest.map((pair) => ({ ...pair, used: distance(pair).toFixed(2) })));
});

/** The row of a table whose `column` holds `value`. */
function rowIn(table: Table, column: string, value: string): Readonly<Record<string, string>> {
  const row = table.find((candidate) => candidate[column] === value);
  if (row === undefined) throw new Error(`no line of ${value}`);
  return row;
}

/** A hundredth of one processor's time is one tick, and what tells is to be told: within a point. */
const ofPercent = { absolute: 1, share: 0.05 };

/** Why memory columns of `vmstat` are not compared. */
const stale = 'procps 4.0.2 never reads its memory columns anew';

describe(`beside the tools over the same ${seconds} s`, { timeout: 30_000 }, () => {
  beforeEach(({ skip }) => skip(obstacle() !== undefined, obstacle()));

  it('mpstat -P ALL', () => {
    const table = tableUnder(live.printed.mpstat ?? '', ['CPU', '%usr']);
    const ours = live.around.map(({ sections }) => sections.mpstat.figures ?? []);
    for (const rows of ours) expect(rows.map((row) => String(row.CPU))).toEqual(table.map((row) => row.CPU));
    expectClose(
      table.flatMap((row, index) =>
        pairsOf(
          `CPU ${row.CPU}`,
          ours.map((rows) => rows[index]),
          row,
          ofPercent,
          notFigures,
        ),
      ),
    );
    expect(live.checkup.sections.mpstat.figures?.[0]?.['%usr']).toBeGreaterThan(100 / cpus().length / 2);
  });

  it('iostat -xz', () => {
    const lines = (live.printed.iostat ?? '').split('\n').map((line) => line.trim().split(/\s+/));
    const head = lines.findIndex(([word]) => word === 'avg-cpu:');
    const names = lines[head]?.slice(1) ?? [];
    const averages = Object.fromEntries(names.map((name, index) => [name, lines[head + 1]?.[index] ?? '']));
    const ours = live.around.map(({ sections }) => sections.iostat.figures);
    expectClose(
      pairsOf(
        'avg-cpu',
        ours.map((figures) => figures?.average),
        averages,
        ofPercent,
      ),
    );

    const table = tableUnder(live.printed.iostat ?? '', ['Device', 'r/s']);
    const busy = table.filter((row) => Number(row['w/s']) > 5);
    expect(busy).not.toEqual([]);
    const few = 'of less than five requests a second a single one makes the average';
    // Of a request of dd, 64 KiB, one may be on the other side.
    const close = (column: string): Pick<Pair, 'absolute' | 'share'> => {
      if (column.endsWith('kB/s')) return { absolute: 64, share: 0.05 };
      if (column.startsWith('%')) return ofPercent;
      return { absolute: column === 'aqu-sz' ? 0.02 : 1, share: 0.05 };
    };
    for (const { Device: name = '', ...row } of busy) {
      const disks = ours.map((figures) => figures?.devices.find(({ Device }) => Device === name));
      const seldom: Record<string, string> = {
        ...(Number(row['d/s']) < 5 && { d_await: few, 'dareq-sz': few, '%drqm': few }),
        ...(Number(row['f/s']) < 5 && { f_await: few }),
      };
      expectClose(
        Object.entries(row).flatMap(([column, cell]) =>
          pairsOf(name, disks, { [column]: cell }, close(column), seldom),
        ),
      );
    }
  });

  it('pidstat', () => {
    const table = tableUnder(live.printed.pidstat ?? '', ['UID', 'PID', '%wait']);
    const ours = live.around.map(({ sections }) => sections.pidstat.figures ?? []);
    // Those that use less are as often in one of the two as in the other.
    const heavy = table.filter((row) => Number(row['%CPU']) >= 3);
    expect(heavy.map((row) => row.PID)).toContain(String(live.burnerPid));
    for (const row of heavy) {
      const same = ours.map((rows) => rows.find(({ PID }) => String(PID) === row.PID));
      // One that came or went at an edge is in some of the four.
      const ended = same.some((each) => each === undefined);
      if (ended) expect(row.PID).not.toBe(String(live.burnerPid));
      else expectClose(pairsOf(`${row.Command} (${row.PID})`, same, row, ofPercent, notFigures));
    }
    const last = String(cpus().length - 1);
    expect(rowIn(table, 'PID', String(live.burnerPid)).CPU).toBe(last);
    const burner = live.checkup.sections.pidstat.figures?.find(({ PID }) => PID === live.burnerPid);
    expect(String(burner?.CPU)).toBe(last);
  });

  it('sar -n DEV', () => {
    const table = tableUnder(live.printed.sarDev ?? '', ['IFACE', 'rxpck/s']);
    const ours = live.around.map(({ sections }) => sections.sarDev.figures ?? []);
    for (const rows of ours) expect(rows.map(({ IFACE }) => IFACE)).toEqual(table.map((row) => row.IFACE));
    expectClose(
      table.flatMap((row, index) =>
        // A connection is about ten packets and 20 kB, and one may be on the other side.
        pairsOf(
          row.IFACE ?? '',
          ours.map((rows) => rows[index]),
          row,
          { absolute: 2, share: 0.05 },
          notFigures,
        ),
      ),
    );
    const lo = live.checkup.sections.sarDev.figures?.find(({ IFACE }) => IFACE === 'lo');
    expect(lo?.['rxkB/s']).toBeGreaterThan(100);
  });

  it('sar -n TCP,ETCP', () => {
    const ours = live.around.map(({ sections }) => sections.sarTcp.figures);
    const close = { absolute: 1, share: 0.05 };
    const [tcp = {}] = tableUnder(live.printed.sarTcp ?? '', ['active/s']);
    const [errors = {}] = tableUnder(live.printed.sarTcp ?? '', ['retrans/s']);
    expectClose([...pairsOf('TCP', ours, tcp, close), ...pairsOf('ETCP', ours, errors, close)]);
    for (const column of ['active/s', 'passive/s', 'atmptf/s', 'estres/s', 'orsts/s'] as const) {
      expect(live.checkup.sections.sarTcp.figures?.[column], column).toBeGreaterThan(2);
    }
  });

  it('vmstat', () => {
    const [, row = {}] = tableUnder(live.printed.vmstat ?? '', ['swpd', 'free']);
    const ours = live.around.map(({ sections }) => sections.vmstat.figures);
    const { r, b, swpd, free, buff, cache, us, sy, id, wa, st, ...rates } = row;
    const levels = {
      r: 'of one moment',
      b: 'of one moment',
      swpd: stale,
      free: stale,
      buff: stale,
      cache: stale,
    };
    for (const name of Object.keys(levels)) expect(ours[0], name).toHaveProperty(name);
    expect([r, b, swpd, free, buff, cache]).not.toContain(undefined);
    expectClose([
      // KiB and events a second: a request of dd is 64 KiB.
      ...pairsOf('vmstat', ours, rates, { absolute: 64, share: 0.05 }),
      ...pairsOf('vmstat', ours, { us, sy, id, wa, st } as Readonly<Record<string, string>>, ofPercent),
    ]);
    expect(live.checkup.sections.vmstat.figures?.bi).toBeGreaterThan(1000);
    expect(live.checkup.sections.vmstat.figures?.bo).toBeGreaterThan(1000);
  });

  it('free -m', () => {
    const figures = live.checkup.sections.free.figures;
    const ours = [
      figures?.totalBytes,
      figures?.usedBytes,
      figures?.freeBytes,
      figures?.sharedBytes,
      figures?.buffCacheBytes,
      figures?.availableBytes,
      figures?.swapTotalBytes,
      figures?.swapUsedBytes,
      figures?.swapFreeBytes,
    ];
    const theirs = [...(live.printed.free ?? '').matchAll(/ (\d+)/g)].map(([, mebibytes]) =>
      Number(mebibytes),
    );
    expect(theirs).toHaveLength(ours.length);
    expectClose(
      theirs.map((mebibytes, index) => ({
        where: `free ${index}`,
        ours: (ours[index] ?? Number.NaN) / 1024 / 1024,
        theirs: mebibytes,
        // What others allocate in the moment between.
        absolute: 64,
        share: 0.05,
      })),
    );
  });

  it('top', () => {
    const { top = '' } = live.printed;
    const tops = live.around.map(({ sections }) => sections.top.figures);
    const burners = tops.map((figures) => figures?.rows.find(({ PID }) => PID === live.burnerPid));
    const kib = (bytes: number | undefined): number | undefined =>
      bytes === undefined ? undefined : bytes / 1024;
    const row = rowIn(tableUnder(top, ['PID', 'USER', 'COMMAND'], 1), 'PID', String(live.burnerPid));
    const { PID: pid, USER, PR, NI, S, COMMAND, 'TIME+': time = '', ...figures } = row;
    expect(Object.keys(figures)).toEqual(['VIRT', 'RES', 'SHR', '%CPU', '%MEM']);
    expectClose(
      pairsOf(
        `burner ${pid}`,
        burners.map(
          (each) => each && { ...each, VIRT: kib(each.VIRT), RES: kib(each.RES), SHR: kib(each.SHR) },
        ),
        figures,
        ofPercent,
      ),
    );
    const [first] = burners;
    expect({ USER, PR, NI, S, COMMAND }).toEqual({
      USER: first?.USER,
      PR: String(first?.PR),
      NI: String(first?.NI),
      S: first?.S,
      COMMAND: first?.COMMAND,
    });
    const [minutes = '', rest = ''] = time.split(':');
    const theirMs = (Number(minutes) * 60 + Number(rest)) * 1000;
    const close = { absolute: 20, share: 0.05 };
    const shares = top.split('\n').filter((line) => line.startsWith('%Cpu(s)'))[1] ?? '';
    expectClose([
      { where: 'TIME+', ours: burners.map((each) => each?.timeMs), theirs: theirMs, ...close },
      ...[...shares.matchAll(/([\d.]+) (us|sy|ni|id|wa|hi|si|st)/g)].flatMap(([, value = '', name = '']) =>
        pairsOf(
          'top',
          tops.map((each) => each?.shares),
          { [name]: value },
          ofPercent,
        ),
      ),
    ]);
  });

  it('asks for the users of every process that it shows', () => {
    const pids = pidsToIdentify(live.inputs);
    const { pidstat, top } = live.checkup.sections;
    expect(pids.length).toBeLessThanOrEqual(40);
    for (const { PID } of [...(pidstat.figures ?? []), ...(top.figures?.rows ?? [])])
      expect(pids).toContain(PID);
  });

  it('is a document with the processes that made the load', () => {
    const text = checkupText(live.checkup);
    expect(text).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d +0 +${live.burnerPid} .* sh$`, 'm'));
    for (const { command } of sectionsOf(live.checkup)) expect(text).toContain(`## ${command}\n`);
  });
});

describe('where the tools read the very same texts', { timeout: 30_000 }, () => {
  let printed: Readonly<Record<string, string>>;

  beforeAll(async () => {
    if (obstacle() !== undefined || mountNamespaceObstacle() !== undefined) return;
    const { start: first, end: last } = live.inputs;
    printed = await printedOver(
      { start: { ...first[0]?.text }, end: { ...last[0]?.text } },
      join(folder, 'replay'),
      {
        mpstat: `mpstat -P ALL ${replaySeconds} 1`,
        iostat: `iostat -xz -y ${replaySeconds} 1`,
        pidstat: `pidstat ${replaySeconds} 1`,
        sarDev: `sar -n DEV ${replaySeconds} 1`,
        sarTcp: `sar -n TCP,ETCP ${replaySeconds} 1`,
        vmstat: `vmstat -n ${replaySeconds} 2`,
        top: `top -b -d ${replaySeconds} -n 2 -w 512`,
      },
      { free: 'free -m', uptime: 'uptime' },
    );
  });
  beforeEach(({ skip }) => {
    const why = obstacle() ?? mountNamespaceObstacle();
    skip(why !== undefined, why);
  });

  /** Lines of the document that are to be the tool's own, but for their times of day. */
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.replace(/^(\d\d:\d\d:\d\d|Average:)/, '--------').trimEnd())
      .filter((line) => line !== '');

  it.each(['mpstat', 'sarTcp', 'iostat'] as const)('%s prints the same lines', (name) => {
    const theirs = lines(printed[name] ?? '').filter((line) => !line.startsWith('Linux'));
    // The averages of a single report, in which they leave out the processor, come after it.
    const ours = lines(live.checkup.sections[name].lines.join('\n'));
    expect(ours).toEqual(theirs.slice(0, ours.length));
  });

  it('pidstat prints the same lines, with waiting in whole ticks', () => {
    const wait = /^(\S+ +\d+ +\d+ +[\d.]+ +[\d.]+ +[\d.]+) +([\d.]+) /;
    const ours = lines(live.checkup.sections.pidstat.lines.join('\n'));
    const pids = ours.map((line) => line.split(/\s+/)[2]);
    // Ours are the 40 busiest; the averages, which leave out the processor, come after theirs.
    const [, ...all] = lines(printed.pidstat ?? '');
    const theirs = all
      .slice(0, all.indexOf(all[0] ?? '', 1))
      .filter((line) => pids.includes(line.split(/\s+/)[2]));
    const without = (line: string): string => line.replace(wait, '$1').replace(/ +UID +PID .*/, '');
    expect(ours.map(without)).toEqual(theirs.map(without));
    const tickPercent = 1000 / (live.checkup.spanMs ?? Number.NaN);
    expectClose(
      ours.slice(1).map((line, index) => ({
        where: line,
        ours: Number(wait.exec(line)?.[2]),
        theirs: Number(wait.exec(theirs[index + 1] ?? '')?.[2]),
        absolute: tickPercent + 0.01,
        share: 0,
      })),
    );
  });

  it('sar -n DEV prints the same lines, with 0.00 for a use that is not known', () => {
    const ours = lines(live.checkup.sections.sarDev.lines.join('\n')).map((line) =>
      line.replace(/ {8}-$/, '     0.00'),
    );
    expect(ours).toEqual(lines(printed.sarDev ?? '').slice(1, ours.length + 1));
  });

  it('free -m prints the same lines', () => {
    expect(`${live.checkup.sections.free.lines.join('\n')}\n`).toBe(printed.free);
  });

  it('uptime prints the same line, with the number of users', () => {
    const [ours = ''] = live.checkup.sections.uptime.lines;
    expect(
      (printed.uptime ?? '')
        .trim()
        .replace(/^[\d:]+/, '')
        .replace(/ \d+ users?, /, ''),
    ).toBe(ours.trim().replace(/^[\d:]+/, ''));
  });

  it('vmstat has the same figures', () => {
    const [, row = {}] = tableUnder(printed.vmstat ?? '', ['swpd', 'free']);
    const figures = live.checkup.sections.vmstat.figures;
    const span = (live.checkup.spanMs ?? Number.NaN) / 1000;
    // It divides by the seconds that it slept here, not by those that passed between the texts.
    const scaled = Object.fromEntries(
      Object.entries({ ...figures }).map(([name, value]) =>
        ['si', 'so', 'bi', 'bo', 'in', 'cs'].includes(name)
          ? [name, ((value ?? Number.NaN) * span) / replaySeconds]
          : [name, value],
      ),
    );
    expectClose(
      pairsOf(
        'vmstat',
        [scaled],
        row,
        { absolute: 1, share: 0 },
        { swpd: stale, free: stale, buff: stale, cache: stale },
      ),
    );
  });

  it('top has the same figures and lines', () => {
    const report = (printed.top ?? '').split(/^top - /m)[2] ?? '';
    const ours = live.checkup.sections.top.lines;
    const theirs = `top - ${report}`.split('\n').map((line) => line.trimEnd());
    const words = (line: string | undefined): string[] =>
      (line ?? '')
        .replace('%Cpu(s):', '%Cpu(s): ')
        .trim()
        .split(/[\s,]+/);
    expect(words(ours[1])).toEqual(words(theirs[1]));
    // Without a terminal top leaves out `st` where the line is too long for it.
    expect(words(ours[2]).slice(0, 15)).toEqual(words(theirs[2]).slice(0, 15));
    const head = ours.findIndex((line) => line.trim().startsWith('PID USER'));
    const theirHead = theirs.findIndex((line) => line.trim().startsWith('PID USER'));
    expect(words(ours[head])).toEqual(words(theirs[theirHead]));
    const shown = ours.slice(head + 1);
    const used = shown.filter((line) => words(line)[8] !== '0.0');
    expect(used.length).toBeGreaterThan(0);
    const rows = theirs.slice(theirHead + 1).map(words);
    for (const line of used.map(words)) {
      const row = rows.find(([pid]) => pid === line[0]) ?? [];
      // VIRT, RES and SHR: top has them from statm, which was read a moment after stat and status. We grew meanwhile.
      const fixed = (cells: readonly string[]): readonly string[] => [
        ...cells.slice(0, 4),
        ...cells.slice(7),
      ];
      expect(fixed(line)).toEqual(fixed(row));
      if (line[0] === String(process.pid)) continue;
      expectClose(
        [4, 5, 6].map((column) => ({
          where: `top ${line[0]} ${['VIRT', 'RES', 'SHR'][column - 4]}`,
          ours: Number.parseFloat(line[column] ?? ''),
          theirs: Number.parseFloat(row[column] ?? ''),
          absolute: 256,
          share: 0.05,
        })),
      );
    }
  });
});
