import { describe, expect, it } from 'vitest';
import { EnvelopeReader } from '../../../../src/core/oom/envelopeReader';
import type { LogRecord } from '../../../../src/core/oom/logRecord';

function read(text: string): LogRecord[] {
  const records: LogRecord[] = [];
  const reader = new EnvelopeReader((record) => records.push(record));
  for (const line of text.split('\n')) reader.push(line);
  reader.end();
  return records;
}

const texts = (text: string): string[] => read(text).map((record) => record.text);

const kill = 'Out of memory: Killed process 882 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB';
const header = 'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0';
const wallMs = Date.UTC(2026, 10, 23, 8, 15, 2);

describe('JSON', () => {
  const entry = {
    MESSAGE: kill,
    _TRANSPORT: 'kernel',
    SYSLOG_IDENTIFIER: 'kernel',
    SYSLOG_FACILITY: '0',
    PRIORITY: '3',
    _HOSTNAME: 'web-1',
    _BOOT_ID: '92645decb7cf40d98b1c8ef4152d5087',
    _SOURCE_MONOTONIC_TIMESTAMP: '97161030',
    __MONOTONIC_TIMESTAMP: '97151030',
    __REALTIME_TIMESTAMP: String(wallMs * 1000 + 500_735),
  };
  const record = {
    text: kill,
    kernelTimeMs: 97161,
    kernelTimeMicroseconds: 97161030,
    wallMs: wallMs + 500,
    bootId: '92645decb7cf40d98b1c8ef4152d5087',
    host: 'web-1',
    level: 3,
    identifier: 'kernel',
    fromKernel: true,
  };
  const pretty = JSON.stringify(entry, undefined, '\t').replaceAll('": ', '" : ');

  it.each([
    ['journalctl -o json', JSON.stringify(entry)],
    [
      'journalctl -o json with its keys in another order',
      JSON.stringify(Object.fromEntries(Object.entries(entry).reverse())),
    ],
    ['journalctl -o json-pretty', pretty],
    ['json-pretty whose head is cut off', pretty.split('\n').slice(1).join('\n')],
    ['json-pretty whose tail is cut off', pretty.split('\n').slice(0, -1).join('\n')],
    ['entries in a list', JSON.stringify([entry])],
    [
      'the answer of a log store',
      JSON.stringify({ took: 3, hits: { total: 1, hits: [{ _source: entry }] } }),
    ],
    ['the same, pretty', JSON.stringify({ events: [entry] }, undefined, 2)],
    ['journalctl -o json-seq', `\x1e${JSON.stringify(entry)}`],
    ['journalctl -o json-sse', `data: ${JSON.stringify(entry)}\n`],
    ['a message of bytes', JSON.stringify({ ...entry, MESSAGE: [...new TextEncoder().encode(kill)] })],
    [
      'a message of bytes, pretty',
      JSON.stringify({ ...entry, MESSAGE: [...new TextEncoder().encode(kill)] }, undefined, '\t'),
    ],
    ['a message that is there twice', JSON.stringify({ ...entry, MESSAGE: [kill, 'other'] })],
  ])('of %s', (_, text) => {
    expect(read(text)).toStrictEqual([record]);
    expect(read(`${text}\n${text}`)).toStrictEqual([record, record]);
  });

  it('a message of bytes that are UTF-8, and of some that are not', () => {
    const bytes = [...new TextEncoder().encode('é%41 '), 0xff, 0x25, 0xc3];
    expect(texts(JSON.stringify({ ...entry, MESSAGE: bytes }))).toEqual(['é%41 \ufffd%\ufffd']);
  });

  it('a message that journalctl left out (null) is no record', () => {
    expect(read(JSON.stringify({ ...entry, MESSAGE: null }))).toEqual([]);
  });

  it.each([
    ['by the way it came', { _TRANSPORT: 'stdout', SYSLOG_IDENTIFIER: 'kernel' }],
    ['by its name', { SYSLOG_IDENTIFIER: 'systemd' }],
    ['by its facility', { SYSLOG_FACILITY: '1' }],
  ])('what a program wrote is told %s', (_, fields) => {
    expect(read(JSON.stringify({ ...entry, ...fields }))).toMatchObject([{ fromKernel: false }]);
  });

  const ofDmesg = [
    { pri: 4, time: 97.1, msg: header },
    { pri: 3, time: 97.16103, msg: kill },
    { pri: 11, time: 98, msg: 'of a program' },
  ];
  const dmesgRecords = [
    { text: header, kernelTimeMs: 97100, kernelTimeMicroseconds: 97100000, level: 4, fromKernel: true },
    { text: kill, kernelTimeMs: 97161, kernelTimeMicroseconds: 97161030, level: 3, fromKernel: true },
    {
      text: 'of a program',
      kernelTimeMs: 98000,
      kernelTimeMicroseconds: 98000000,
      level: 3,
      fromKernel: false,
    },
  ];
  const wide = ofDmesg.map((fields) =>
    ['', ...Object.entries(fields).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)]
      .join(',\n         ')
      .slice(1),
  );

  it.each([
    ['dmesg -J', `{\n   "dmesg": [\n      {${wide.join('\n      },{')}\n      }\n   ]\n}`],
    ['dmesg -J, one object a line', ofDmesg.map((fields) => JSON.stringify(fields)).join('\n')],
    [
      'dmesg -J, as a list with one object a line',
      `[\n${ofDmesg.map((fields) => JSON.stringify(fields)).join(',\n')}\n]`,
    ],
    ['dmesg -J, as a list', JSON.stringify(ofDmesg, undefined, 1)],
    ['dmesg -J, head and tail cut off', wide.join('\n      },{').slice(10)],
  ])('of %s', (_, text) => {
    expect(read(text)).toStrictEqual(dmesgRecords);
  });

  it('of dmesg -J -F of util-linux 2.38, which runs every message to the end of the file', () => {
    const raw = '<4>[   97.100000] anon 1\n                  file 2\n<3>[   97.161030] last\n';
    const text = JSON.stringify(
      [
        { pri: 4, time: 97.1, msg: raw.slice(18) },
        { pri: 3, time: 97.16103, msg: 'last\n' },
      ],
      undefined,
      1,
    );
    expect(texts(text)).toEqual(['anon 1\nfile 2', 'last\n']);
    // A long log makes lines that are longer than what is kept of one.
    const long = `${raw.slice(18)}${'<6>[   98.000000] filler\n'.repeat(9000)}`;
    expect(
      texts(
        JSON.stringify(
          [
            { pri: 4, time: 97.1, msg: long },
            { pri: 3, time: 97.16103, msg: 'last' },
          ],
          undefined,
          1,
        ),
      ),
    ).toEqual(['anon 1\nfile 2', 'last']);
  });

  it('of a container runtime has an envelope within', () => {
    expect(
      read(
        JSON.stringify({ log: `[   97.161030] ${kill}\n`, stream: 'stdout', time: '2026-11-23T08:15:02Z' }),
      ),
    ).toStrictEqual([
      { text: kill, kernelTimeMs: 97161, kernelTimeMicroseconds: 97161030, fromKernel: true },
    ]);
  });

  it('that is harmed keeps the fields that can be read', () => {
    expect(read('{\n"pri": 3,\n"time": x,\n"msg": "a"\n}')).toStrictEqual([
      { text: 'a', level: 3, fromKernel: true },
    ]);
  });
});

describe('the journal with a field a line', () => {
  const fields = [
    '__CURSOR=s=1;i=2',
    `__REALTIME_TIMESTAMP=${wallMs * 1000}`,
    '_BOOT_ID=92645decb7cf40d98b1c8ef4152d5087',
    '_TRANSPORT=kernel',
    '_SOURCE_MONOTONIC_TIMESTAMP=97161030',
  ];
  const record = {
    kernelTimeMs: 97161,
    kernelTimeMicroseconds: 97161030,
    wallMs,
    bootId: '92645decb7cf40d98b1c8ef4152d5087',
    fromKernel: true,
  };
  const length = (bytes: number): string => String.fromCharCode(bytes, 0, 0, 0, 0, 0, 0, 0);

  it.each([
    ['a message of one line', `MESSAGE=${kill}`, kill],
    ['a message of several lines', `MESSAGE\n${length(14)}anon 1\nfile 2`, 'anon 1\nfile 2'],
    ['a message with `=` in it', `MESSAGE\n${length(14)}anon=1\nfile=2`, 'anon=1\nfile=2'],
    ['a length of two bytes', `MESSAGE\n\0\x01\0\0\0\0\0\0anon 1\nfile 2`, 'anon 1\nfile 2'],
    ['a length that holds a line feed', `MESSAGE\n${length(10)}anon 1\nf 2`, 'anon 1\nf 2'],
    ['a length of bytes that are no text', `MESSAGE\n\ufffd\x02\0\0\0\0\0\0anon 1\nf 2`, 'anon 1\nf 2'],
  ])('-o export: %s', (_, message, text) => {
    const entry = `${[...fields, message].join('\n')}\n`;
    expect(read(entry)).toStrictEqual([{ text, ...record }]);
    expect(texts(`${entry}\n${entry}`)).toEqual([text, text]);
  });

  it('-o verbose', () => {
    const entry = `Mon 2026-11-23 08:15:02.000000 UTC [s=1ef9;i=3a3;b=92645decb7cf40d98b1c8ef4152d5087;m=5ca1;t=${(wallMs * 1000).toString(16)};x=9520]
    _TRANSPORT=kernel
    _SOURCE_MONOTONIC_TIMESTAMP=97161030
    MESSAGE=anon 1
            file 2`;
    expect(read(`${entry}\n${entry}`)).toStrictEqual(Array(2).fill({ text: 'anon 1\nfile 2', ...record }));
  });
});

describe('a record of several lines', () => {
  it.each([
    ['dmesg', '[   97.155799] anon 1\n               file 2\n[   97.155800] next'],
    [
      'dmesg -T',
      '[Mon Nov 23 08:15:02 2026] anon 1\n                           file 2\n[Mon Nov 23 08:15:02 2026] next',
    ],
    [
      'the journal',
      'Nov 23 08:15:02 web-1 kernel: anon 1\n                              file 2\nNov 23 08:15:02 web-1 kernel: next',
    ],
    [
      'short-monotonic',
      '[   97.155799] web-1 kernel: anon 1\n                             file 2\n[   97.155800] web-1 kernel: next',
    ],
    ['rsyslog', 'Nov 23 08:15:02 web-1 kernel: anon 1#012file 2\nNov 23 08:15:02 web-1 kernel: next'],
    ['a console', String.raw`[   97.155799] anon 1\x0afile 2` + '\n[   97.155800] next'],
  ])('of %s is one text', (_, text) => {
    expect(texts(text)).toEqual(['anon 1\nfile 2', 'next']);
  });

  it('of a program keeps what it quotes', () => {
    const lines = [
      'Nov 23 08:15:02 web-1 npd[7]: log:',
      `                              ${kill}`,
      `    ${kill}`,
    ];
    expect(read(lines.join('\n')).filter(({ fromKernel }) => fromKernel)).toEqual([]);
  });

  it('is not made of the dictionary lines of /dev/kmsg', () => {
    expect(texts('6,1,1,-;a\n SUBSYSTEM=pci\n DEVICE=+pci:0\n6,2,2,-;b')).toEqual(['a', 'b']);
  });

  it('is not made of a call trace without time stamps', () => {
    expect(texts('Call Trace:\n dump_stack+0x41/0x60\n <TASK>')).toEqual([
      'Call Trace:',
      ' dump_stack+0x41/0x60',
      ' <TASK>',
    ]);
  });
});

describe('a wrapped line of a report', () => {
  const whole = `${kill}, UID:0 pgtables:468kB oom_score_adj:0`;
  const blanks = Array.from(whole.matchAll(/ /g), ({ index }) => index).filter((at) => at > 6);

  it.each([
    ['with a time stamp', '[   97.161030] '],
    ['without', ''],
  ])('%s is one record, wherever it was wrapped behind its first words', (_, stamp) => {
    for (const at of blanks) {
      const wrapped = `${stamp}${whole.slice(0, at)}\n${whole.slice(at + 1)}\n${stamp}next`;
      expect([at, texts(wrapped)]).toEqual([at, [whole, 'next']]);
    }
  });

  it('is not made of the text around a log', () => {
    expect(texts(`[   97.161030] ${whole}\nThen it hung.`)).toEqual([whole, 'Then it hung.']);
    expect(texts(`[   97.161030] ${kill}\n[ pid ]   uid  tgid`)).toEqual([kill, '[ pid ]   uid  tgid']);
  });
});

describe('records on one line', () => {
  it.each([
    ['dmesg', (text: string) => `[   97.161030] ${text}`],
    ['syslog', (text: string) => `Nov 23 08:15:02 web-1 kernel: ${text}`],
  ])('of %s are parted', (_, inEnvelope) => {
    expect(texts([header, kill, 'last'].map(inEnvelope).join(' '))).toEqual([header, kill, 'last']);
  });

  it('are not made of a process that is named like a time stamp', () => {
    const named =
      'Out of memory: Killed process 882 ( [9999.000000] ) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:468kB oom_score_adj:0';
    const row = `[    882]     0   882     8201      801    81920        0             0  [9999.000000] ${' '.repeat(200)}`;
    expect(texts(`[   97.161030] ${named}${' '.repeat(200)}\n[   97.161031] ${row}.`)).toEqual([
      named,
      `${row}.`,
    ]);
  });
});

describe('a label before each line', () => {
  it.each([
    ['docker compose', 'web_1  | '],
    ['kubectl --prefix', '[pod/web-0/app] '],
    ['colours', '\x1b[36mweb_1  |\x1b[0m '],
    ['a tab', '\t'],
  ])('of %s stands before further lines of a text too', (_, label) => {
    const lines = ['[   97.155799] anon 1', '               file 2', '[   97.155800] next'];
    expect(texts(lines.map((line) => label + line).join('\n'))).toEqual(['anon 1\nfile 2', 'next']);
  });
});

describe('other JSON', () => {
  it('is the text of a program', () => {
    const event = '{"status":"oom","id":"a0ef","time":1795421702,"timeNano":1795421702500735000}';
    expect(read(event)).toStrictEqual([{ text: event, fromKernel: false, wallMs: wallMs + 500 }]);
  });
});

describe('boots', () => {
  it('are told by another time of day at which the clock is at 0', () => {
    const boot = (clock: string): string =>
      `Nov 23 ${clock} h kernel: [    0.000000] a\nNov 23 ${clock} h kernel: [   41.010000] b`;
    expect(boots(`${boot('08:15:02')}\n${boot('09:31:02')}`)).toEqual([undefined, undefined, 1, 1]);
  });

  const boots = (text: string): unknown[] => read(text).map(({ boot, bootId }) => bootId ?? boot);

  it('are told by the journal', () => {
    expect(
      boots(
        'Nov 23 08:15:02 h kernel: a\n-- Reboot --\nNov 23 08:15:02 h kernel: b\n-- Boot 92645decb7cf40d98b1c8ef4152d5087 --\nNov 23 08:15:02 h kernel: c',
      ),
    ).toEqual([undefined, 1, '92645decb7cf40d98b1c8ef4152d5087']);
  });

  it('are told by a clock that goes back', () => {
    expect(
      boots(
        '[  100.000000] a\n[   99.900000] other processor\n[    5.000000] b\n[    6.000000] c\n[    1.000000] d',
      ),
    ).toEqual([undefined, undefined, 1, 1, 2]);
  });

  it('are told by a clock that begins anew', () => {
    expect(
      boots('[    0.000000] a\n[    0.000101] a\n[   10.000000] a\n[    0.000000] b\n[    0.000102] b'),
    ).toEqual([undefined, undefined, undefined, 1, 1]);
  });

  it('are not told by a ring buffer that is read again', () => {
    const ring = '[    0.000000] a\n[    0.000101] a\n[   10.000000] a';
    expect(boots(`${ring}\n${ring}\n[   11.000000] b`).filter((boot) => boot !== undefined)).toEqual([1]);
    expect(boots('[    5.000001] a\n[   10.000000] b\n[    5.000001] a\n[   10.000000] b')).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('are counted by host', () => {
    expect(
      boots(
        'Nov 23 08:15:02 a kernel: [  100.000000] x\nNov 23 08:15:02 b kernel: [    5.000000] x\nNov 23 08:15:02 a kernel: [  101.000000] x',
      ),
    ).toEqual([undefined, undefined, undefined]);
  });
});

describe('a log that is followed live', () => {
  it.each([
    ['/dev/kmsg', `3,1,97161030,-;${kill}`],
    ['journalctl -o short-monotonic', `[   97.161030] web-1 kernel: ${kill}`],
  ])('of %s tells a record at once', (_, line) => {
    const told: LogRecord[] = [];
    new EnvelopeReader((record) => told.push(record)).push(line);
    expect(told).toMatchObject([{ text: kill }]);
  });
});

describe('bounds', () => {
  it('a long line is cut, and so is a text of many lines', () => {
    const lengths = read(
      `[    1.000000] ${'x'.repeat(10_000_000)}\n[    2.000000] a\n${`               ${'y'.repeat(50_000)}\n`.repeat(100)}`,
    ).map(({ text }) => text.length);
    expect(lengths).toEqual([64 * 1024 - 15, 50_002]);
  });

  it('an object of JSON without an end is not held', () => {
    const records = read(`{\n${'"a": "b",\n'.repeat(100_000)}"msg": "x",\n"pri": 3\n}`);
    expect(records).toEqual([]);
  });
});

describe('broken lines', () => {
  it.each([
    ['OOM ', 'killed process 9 (a b) score 0'],
    ['OOM', 'killed process 9 (a b) score 0'],
    ['OOM kil', 'led process 9 (a b) score 0'],
  ])('of a beancounter: %j and %j', (text, next) => {
    const whole = 'Out of memory in UB 12: OOM killed process 9 (a b) score 0';
    expect(texts(`[   97.161030] Out of memory in UB 12: ${text}\n${next}`)).toEqual([whole]);
  });

  it('at every column within the sizes', () => {
    const line = `[   97.161030] ${kill}, UID:119 pgtables:880kB oom_score_adj:0`;
    for (let column = line.indexOf(' (a)'); column < line.length - 1; column++)
      expect(texts(`${line.slice(0, column)}\n${line.slice(column)}\n[   98.000000] next`)).toEqual([
        line.slice(15),
        'next',
      ]);
  });

  it('whose sizes stand below, and not what stands below a whole one', () => {
    const [head = '', sizes = ''] = kill.split(/ (?=total-vm)/);
    for (const indent of ['', '  ', '          '])
      expect(texts(`kernel: ${head}\n${indent}${sizes}\n[   98.000000] next`)).toEqual([kill, 'next']);
    expect(texts(`${kill}\ntotal: 5`)).toEqual([kill, 'total: 5']);
  });
});

describe('lines that nobody foresaw', () => {
  it.each([
    ['words', `I got this: [   97.161030] ${kill}`],
    ['words and a priority', `guest console <3>[   97.161030] ${kill}`],
  ])('%s before the stamp of a kill', (_, line) => {
    expect(read(line)).toMatchObject([{ text: kill, kernelTimeMs: 97161, fromKernel: true }]);
  });

  it.each([
    `abrt Reason: [   97.161030] ${kill}`,
    `npd message="[   97.161030] ${kill}"`,
    `x agent[12]: saw [   97.161030] ${kill}`,
    `{'event': '[   97.161030] ${kill}'`,
  ])('but not what quotes the kernel: %s', (line) => {
    expect(read(line).filter(({ kernelTimeMs }) => kernelTimeMs !== undefined)).toEqual([]);
    expect(texts(line)).not.toContain(kill);
  });

  it('a list of programs keeps its lines apart', () => {
    const own = 'mem avail:   389 of  3902 MiB ( 9 %), swap free:    0 of    0 MiB ( 0 %)';
    expect(texts(`${own}\nlow memory!\n${own}`)).toEqual([own, 'low memory!', own]);
  });
});
