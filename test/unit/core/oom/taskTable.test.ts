import { describe, expect, it } from 'vitest';
import type { TaskTable } from '../../../../src/core/oom/taskRow';
import { readTaskTableHeader, TaskTableReader } from '../../../../src/core/oom/taskTableReader';

function read(
  header: string,
  rows: readonly string[],
  pageBytes: number | undefined = 4096,
): TaskTable | undefined {
  const reader = new TaskTableReader();
  const columns = readTaskTableHeader(header);
  if (columns !== undefined) reader.begin(columns);
  for (const row of rows) reader.takeRow(row);
  reader.end();
  return reader.finish(pageBytes);
}

describe('columns of', () => {
  it.each([
    [
      '2.6.32',
      '[ pid ]   uid  tgid total_vm      rss cpu oom_adj name',
      '[ 1234]    48  1234   100000    50000   1       0 httpd',
      { pid: 1234, tgid: 1234, uid: 48, name: 'httpd', totalVmBytes: 409_600_000, rssBytes: 204_800_000 },
    ],
    [
      'RHEL 6',
      '[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name',
      '[  562]     0   562     2669      103   0     -17         -1000 udevd',
      {
        pid: 562,
        tgid: 562,
        uid: 0,
        name: 'udevd',
        totalVmBytes: 10_932_224,
        rssBytes: 421_888,
        oomScoreAdj: -1000,
      },
    ],
    [
      '3.10',
      '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
      '[  562]     0   562     2669      103      10       20             5 a b',
      {
        pid: 562,
        tgid: 562,
        uid: 0,
        name: 'a b',
        totalVmBytes: 10_932_224,
        rssBytes: 421_888,
        pgtablesBytes: 40_960,
        swapBytes: 81_920,
        oomScoreAdj: 5,
      },
    ],
    [
      '4.1',
      '[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name',
      '[  562]    -2   562     2669      103      10       3       20             5 nobody',
      {
        pid: 562,
        tgid: 562,
        uid: 4_294_967_294,
        name: 'nobody',
        totalVmBytes: 10_932_224,
        rssBytes: 421_888,
        pgtablesBytes: 53_248,
        swapBytes: 81_920,
        oomScoreAdj: 5,
      },
    ],
    [
      '6.8',
      '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
      '[  13276]     0 13276    18837    17919    16256     1663         0   188416        0             0 jupyter-noteboo',
      {
        pid: 13_276,
        tgid: 13_276,
        uid: 0,
        name: 'jupyter-noteboo',
        totalVmBytes: 77_156_352,
        rssBytes: 73_396_224,
        anonRssBytes: 66_584_576,
        fileRssBytes: 6_811_648,
        shmemRssBytes: 0,
        pgtablesBytes: 188_416,
        swapBytes: 0,
        oomScoreAdj: 0,
      },
    ],
  ])('%s', (_, header, row, expected) => {
    expect(read(header, [row])).toStrictEqual({ rows: [expected], moreRows: 0, whole: true });
  });
});

const header = '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name';

describe('a row', () => {
  it.each(['', ' ', '  x', '1 2 3', '[  1]', 'a) b', '\u65e5\u672c', 'two\nlines'])(
    'may be of a task called %j',
    (name) => {
      expect(
        read(header, [`[      7]     0     7       10        5     4096        0             0 ${name}`])
          ?.rows,
      ).toMatchObject([{ pid: 7, name }]);
    },
  );

  it.each([
    '[      7]     0     7       10        5     4096        0',
    '[      7]     0     7       10        5     4096        0             0x name',
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    '[      7]0 7 10 5 4096 0 0 name',
    '[     -7]     0     7       10        5     4096        0             0 name',
    '[       ]     0     7       10        5     4096        0             0 name',
    '[      7]     0     7       10        5     4096        0             - name',
    '[drm] GPU at 0 0 0 0 0 0 0',
    ' dump_stack+0x41/0x60',
  ])('is not %j', (text) => {
    expect(read(header, [text])?.rows).toEqual([]);
  });

  it('of a page of unknown size has no sizes in pages', () => {
    const rows = ['[      7]     0     7       10        5     4096        0             3 x'];
    const reader = new TaskTableReader();
    reader.begin(readTaskTableHeader(header) ?? []);
    for (const row of rows) reader.takeRow(row);
    expect(reader.finish(undefined)).toStrictEqual({
      rows: [{ pid: 7, tgid: 7, uid: 0, name: 'x', pgtablesBytes: 4096, oomScoreAdj: 3 }],
      moreRows: 0,
      whole: false,
    });
  });
});

it('of more than 5,000 tasks is counted on', () => {
  const rows = Array.from(
    { length: 5010 },
    (_, pid) =>
      `[${String(pid + 1).padStart(7)}]     0     7       10        5     4096        0             0 x`,
  );
  const table = read(header, rows);
  expect(table?.rows).toHaveLength(5000);
  expect(table?.moreRows).toBe(10);
});

it.each(['[  pid  ]', '[ pid ] uid tgid total_vm', 'pid uid total_vm name', '[  1] 2 3 total_vm name'])(
  'a header is not %j',
  (text) => {
    expect(readTaskTableHeader(text)).toBeUndefined();
  },
);
