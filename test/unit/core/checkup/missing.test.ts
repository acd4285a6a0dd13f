import { describe, expect, it } from 'vitest';
import { checkupOf, sectionsOf } from '../../../../src/core/checkup/checkup';
import { checkupText } from '../../../../src/core/checkup/checkupText';
import { pidsToIdentify } from '../../../../src/core/checkup/pidsToIdentify';
import { hostFactsOf } from '../../../../src/core/hostFacts';
import { captureOf, procFixtures } from '../fixtures';
import { inputsOf, loadedInputs, slice, withTexts } from './inputs';

const loaded = loadedInputs();

const disk = (counters: string, name = 'sda'): string => ` 8 0 ${name} ${counters}\n`;

const cpu = (user: number, idle: number): string =>
  `cpu ${user} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 ${user} 0 0 ${idle} 0 0 0 0 0 0\n`;

const stat = (pid: number, name: string, ticks: number, starttime: number): string =>
  `${pid} (${name}) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${starttime} 4096 1 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n`;

describe('what is missing is told', () => {
  it('of everything', () => {
    const checkup = checkupOf({ start: [], end: [], endedAtMs: Number.NaN });
    expect(checkup.spanMs).toBeUndefined();
    expect(checkup.worst).toEqual([]);
    for (const { id, missing, verdicts } of sectionsOf(checkup)) {
      expect(missing, id).not.toEqual([]);
      expect(verdicts, id).toEqual([
        { sign: 'unknown', text: 'cannot be judged: what it is computed from is missing', weight: 0 },
      ]);
    }
    expect(checkupText(checkup)).toContain('# proc/net/dev: was not read at the start');
  });

  it('where the host may not read a file', () => {
    const end = { ...slice(110_000, {}), unreadable: ['proc/diskstats'] };
    const { iostat } = checkupOf({ start: [slice(100_000, {})], end: [end], endedAtMs: 0 }).sections;
    expect(iostat.missing).toContain('proc/diskstats: this host does not have it, or not for us');
    expect(iostat.figures).toBeUndefined();
  });

  it('of each file alone: nothing throws, and the rest stays', () => {
    for (const path of Object.keys(loaded.end[0]?.text ?? {}).filter((each) => !/^proc\/\d/.test(each))) {
      for (const harmed of [
        withTexts(loaded, { [path]: undefined }, {}),
        withTexts(loaded, {}, { [path]: undefined }),
        withTexts(loaded, {}, { [path]: 'Permission denied\n' }),
      ]) {
        const checkup = checkupOf(harmed);
        const known = sectionsOf(checkup).filter(({ figures }) => figures !== undefined);
        expect(known.length, path).toBeGreaterThanOrEqual(6);
      }
    }
  });

  it('where the uptime did not advance', () => {
    const [start] = loaded.start;
    if (start === undefined) throw new Error('no start');
    const checkup = checkupOf({ ...loaded, end: [start] });
    expect(checkup.spanMs).toBeUndefined();
    expect(checkup.sections.iostat.figures).toBeUndefined();
    expect(checkup.sections.mpstat.missing).toContain(
      "proc/stat: the host's uptime did not advance between the two readings",
    );
    expect(checkup.sections.free.figures).toBeDefined();
  });
});

describe('counters that went back', () => {
  it('of a disk that was replaced', () => {
    const { iostat } = checkupOf(
      inputsOf(
        { 'proc/diskstats': disk('900 0 900 0 900 0 900 0 0 900 900') },
        { 'proc/diskstats': disk('10 0 10 0 900 0 910 0 0 900 900') },
      ),
    ).sections;
    const [row] = iostat.figures?.devices ?? [];
    expect(row).toMatchObject({
      Device: 'sda',
      'r/s': undefined,
      r_await: undefined,
      'wkB/s': 0.5,
      'w/s': 0,
    });
    expect(iostat.missing).toContain('sda reads went back from 900 to 10');
    expect(iostat.lines.at(-1)).toBe(
      'sda                 -         -     0.00      -       -        -    0.00      0.50     0.00   0.00    0.00     0.00    0.00   0.00',
    );
  });

  it('go on from 0 where they are 32 bits wide', () => {
    const { iostat } = checkupOf(
      inputsOf(
        { 'proc/diskstats': disk(`1 0 0 0 0 0 0 0 0 ${2 ** 32 - 1000} 0`) },
        { 'proc/diskstats': disk('2 0 0 0 0 0 0 0 0 4000 0') },
      ),
    ).sections;
    expect(iostat.figures?.devices[0]?.['%util']).toBe(50);
  });

  it('of a processor count as nothing, as in the tools', () => {
    const { mpstat } = checkupOf(
      inputsOf({ 'proc/stat': cpu(100, 1000) }, { 'proc/stat': cpu(150, 990) }),
    ).sections;
    expect(mpstat.figures?.[0]).toMatchObject({ CPU: 'all', '%usr': 100, '%idle': 0 });
  });

  it('of a process with the same pid that is another one', () => {
    const { sections } = checkupOf(
      inputsOf({ 'proc/5/stat': stat(5, 'old', 5000, 10) }, { 'proc/5/stat': stat(5, 'new', 200, 10_500) }),
    );
    expect(sections.pidstat.figures).toMatchObject([{ PID: 5, Command: 'new', '%CPU': 20 }]);
    expect(sections.pidstat.missing).toContain(
      '1 process ended in between: what was used until then is in no line',
    );
  });
});

describe('what comes and goes', () => {
  it('disks, interfaces and processors', () => {
    const titles = 'Inter-| x\n face |bytes x\n';
    const zeros = ' 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n';
    const { iostat, sarDev, mpstat } = checkupOf(
      inputsOf(
        {
          'proc/diskstats': disk('1 0 0 0 0 0 0 0 0 0 0', 'sda'),
          'proc/net/dev': `${titles}veth1:${zeros}`,
          'proc/stat': `${cpu(0, 0)}cpu1 0 0 0 0 0 0 0 0\n`,
        },
        {
          'proc/diskstats': disk('1 0 0 0 0 0 0 0 0 0 0', 'sdb'),
          'proc/net/dev': `${titles}veth2:${zeros}`,
          'proc/stat': `${cpu(10, 10)}cpu2 0 0 0 0 0 0 0 0\n`,
        },
      ),
    ).sections;
    expect(iostat.missing).toEqual(expect.arrayContaining(['sdb came in between', 'sda went in between']));
    expect(sarDev.missing).toEqual(
      expect.arrayContaining(['veth2 came in between', 'veth1 went in between']),
    );
    expect(mpstat.missing).toEqual([
      'processor 2 came online in between',
      'processor 1 went offline in between',
    ]);
  });

  it('a process that began in the span is counted from its start, one that was missed is not counted', () => {
    const { pidstat, top } = checkupOf(
      inputsOf(
        {},
        { 'proc/5/stat': stat(5, 'began', 300, 10_200), 'proc/6/stat': stat(6, 'missed', 99_999, 10) },
      ),
    ).sections;
    expect(pidstat.figures).toMatchObject([{ PID: 5, '%CPU': 30 }]);
    expect(top.figures?.rows).toMatchObject([
      { PID: 5, '%CPU': 30 },
      { PID: 6, '%CPU': undefined },
    ]);
  });

  it('a process whose stat is unchanged was idle', () => {
    const text = { 'proc/5/stat': stat(5, 'sleeper', 300, 10) };
    const end = { ...slice(110_000, {}), unchangedPids: [5, 7] };
    const { top } = checkupOf({ start: [slice(100_000, text)], end: [end], endedAtMs: 0 }).sections;
    expect(top.figures?.rows).toMatchObject([{ PID: 5, '%CPU': 0 }]);
  });

  it('each process has the span between its own two readings', () => {
    const start = [slice(100_000, {}), slice(103_000, { 'proc/5/stat': stat(5, 'a', 0, 10) })];
    const end = [slice(110_000, {}), slice(111_000, { 'proc/5/stat': stat(5, 'a', 400, 10) })];
    expect(checkupOf({ start, end, endedAtMs: 0 }).sections.pidstat.figures).toMatchObject([{ '%CPU': 50 }]);
    expect(pidsToIdentify({ start, end })).toEqual([5]);
  });
});

describe('older kernels and other hosts', () => {
  const pairs = procFixtures.filter(({ later }) => later !== undefined);

  it.each(pairs.map(({ name, texts, later = {} }) => ({ name, texts, later })))(
    '$name',
    ({ texts, later }) => {
      const [start, end] = [captureOf(texts), captureOf(later)];
      const { zones } = hostFactsOf(texts);
      const checkup = checkupOf({
        start: [{ ...start, unchangedPids: [] }],
        end: [{ ...end, unchangedPids: [] }],
        endedAtMs: 0,
        pageSizeBytes: 4096,
        ...(zones && { zones }),
      });
      const { vmstat, iostat, free } = checkup.sections;
      const { us, bi, si } = vmstat.figures ?? {};
      expect([us, bi, si, iostat.figures?.average?.['%idle'], free.figures?.availableBytes]).not.toContain(
        undefined,
      );
      // Of a kernel without discards or flushes these columns are left out.
      const [line = ''] = (later['proc/diskstats'] ?? '')
        .split('\n')
        .filter((each) => !/ (ram|loop)/.test(each));
      const columns = line.trim().split(/\s+/).length;
      const head = iostat.lines.find((line) => line.startsWith('Device')) ?? '';
      expect(head.includes('d/s')).toBe(columns >= 18);
      expect(head.includes('f/s')).toBe(columns >= 20);
    },
  );
});
