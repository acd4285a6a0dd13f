import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeReader } from '../../../../src/core/oom/envelopeReader';
import type { LogRecord } from '../../../../src/core/oom/logRecord';
import { bytes, harmed, holds, notFinite, seed } from '../properties/random';

const kill = 'Out of memory: Killed process 882 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB';

function read(lines: readonly string[]): LogRecord[] {
  const records: LogRecord[] = [];
  const reader = new EnvelopeReader((record) => records.push(record));
  for (const line of lines) reader.push(line);
  reader.end();
  return records;
}

/** One line, or a few, of each form. */
const forms = [
  `3,1,97161030,-,caller=T12;${kill}`,
  `[   97.161030] ${kill}`,
  `[   97.155799] anon 1\n               file 2`,
  `[Mon Nov 23 08:15:02 2026] ${kill}`,
  `kern  :err   : 2026-11-23T08:15:02,500735+05:30 ${kill}`,
  `<3>1 2026-11-23T08:15:02.500Z web-1 kernel - - [a x="1"] ${kill}`,
  `Nov 23 08:15:02 web-1 kernel: [   97.161030] ${kill}`,
  `Mon 2026-11-23 08:15:02 UTC web-1 kernel: ${kill}`,
  `1795421702.500735 web-1 kernel: ${kill}`,
  `kern:     err: [2026-11-23T08:15:02.123456789Z]: ${kill}`,
  `[pod/web-0/app] [   97.161030] ${kill}`,
  `\x1b[32m> > web_1  | [   97.161030] ${kill}\r`,
  `-- Boot 92645decb7cf40d98b1c8ef4152d5087 --\n[   97.161030] web-1 kernel: ${kill}`,
  JSON.stringify({ MESSAGE: [65, 200, 66], _TRANSPORT: 'kernel', _SOURCE_MONOTONIC_TIMESTAMP: '97161030' }),
  JSON.stringify([{ MESSAGE: kill, _TRANSPORT: 'kernel' }]),
  JSON.stringify({ hits: { hits: [{ _source: { message: `[   97.161030] ${kill}` } }] } }),
  JSON.stringify([{ pri: 3, time: 97.16103, msg: kill }], undefined, 1),
  `__CURSOR=s=1\n_TRANSPORT=kernel\nMESSAGE\n\x0e\0\0\0\0\0\0\0anon 1\nfile 2\n\n`,
  `Mon 2026-11-23 08:15:02 UTC [s=1;i=3;b=9264;m=5;t=64;x=9]\n    MESSAGE=${kill}\n    PRIORITY=3`,
];

describe(`whatever a log holds (seed ${seed})`, () => {
  it('records are sound, whatever harm came to their envelopes', () => {
    let whole = 0;
    const text = fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 5, arbitrary: harmed(forms) });
    holds(
      fc.property(fc.array(text, { maxLength: 10 }), (texts) => {
        for (const record of read(texts.join('\n').split('\n'))) {
          expect(notFinite(record)).toEqual([]);
          expect(Object.values(record)).not.toContain(undefined);
          expect(record.text.length).toBeLessThanOrEqual(64 * 1024);
          const { kernelTimeMs = 0, kernelTimeMicroseconds = 0, wallMs = 0, level = 0 } = record;
          expect(kernelTimeMs).toBe(Math.floor(kernelTimeMicroseconds / 1000));
          expect([kernelTimeMs, wallMs, level].every(Number.isInteger)).toBe(true);
          if (record.text === kill) whole++;
        }
      }),
      1000,
    );
    expect(whole).toBeGreaterThan(500);
  });

  it('a program is never taken for the kernel, whatever it writes', () => {
    holds(
      fc.property(harmed(forms), (text) => {
        const [line = ''] = text.split('\n');
        const records = read([`Nov 23 08:15:02 web-1 npd[12]: ${line}`]);
        expect(records.filter(({ fromKernel }) => fromKernel)).toEqual([]);
      }),
    );
  });

  it('a kill of a process of any name is told whole', () => {
    const name = fc.string({
      maxLength: 15,
      unit: fc.constantFrom(...Array.from('[]():;,<>{}"=-|/# kernl:0129.TC\\x')),
    });
    holds(
      fc.property(name, (comm) => {
        const text = `Out of memory: Killed process 882 (${comm}) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:468kB oom_score_adj:0`;
        for (const line of [
          `[   97.161030] ${text}`,
          `Nov 23 08:15:02 web-1 kernel: ${text}`,
          `<3>[   97.161030][  T12] ${text}`,
        ])
          expect(read([line]).map((record) => [record.text, record.fromKernel])).toEqual([[text, true]]);
      }),
      1000,
    );
  });

  const length = 64 * 1024;
  it.each([
    ...[
      '[',
      '(',
      '{',
      '"',
      '<',
      '>',
      ' ',
      '\t',
      '0',
      'a',
      'a ',
      '1,',
      '0 ',
      'a.',
      'a-',
      'a:',
      '1-1-',
      ': ',
      ' [1.000000] ',
      '=3D',
      'order=3D=',
      'kern: ',
      'kernel: ',
      '[{"a":1},',
      '{"events":',
      'Kill process 1 (',
      '\x1b[',
      '\x1b]',
      '\\x0a',
      '\\xff',
      '#012',
      '\0',
      'kernel: ',
      ' kernel: ',
      'Nov 23 08:15:02 ',
      '"a": ',
      '{"a":',
      '[{',
    ].map((part) => part.repeat(Math.ceil(length / part.length))),
  ])('a long line is read in time proportional to it: %.12s…', (line) => {
    // Lines of a log are 100 bytes long and take about a microsecond each.
    const startedAtMs = performance.now();
    for (let count = 0; count < 10; count++)
      read([`[    1.000000] x`, line, `Nov 23 08:15:02 h kernel: ${line}`, line]);
    expect(performance.now() - startedAtMs).toBeLessThan(2000);
  });
});
