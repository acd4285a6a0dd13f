import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkupOf } from '../../../../src/core/checkup/checkup';
import { checkupText } from '../../../../src/core/checkup/checkupText';
import { codeBlock } from '../../../../src/core/checkup/cleanText';
import type { CheckupInputs } from '../../../../src/core/checkup/inputs';
import { harmed, holds, notFinite } from '../properties/random';
import { loadedInputs, withTexts } from './inputs';

const loaded = loadedInputs();

/** The lines of a document that are not within code blocks, as Markdown reads them (CommonMark, fenced code blocks). */
function outside(text: string): string[] {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const [run] = /^ {0,3}`{3,}/.exec(line) ?? [];
    if (fence === undefined && run !== undefined) fence = run.trim();
    else if (fence === undefined) lines.push(line);
    else if (/^ {0,3}`+ *$/.test(line) && line.trim().length >= fence.length) fence = undefined;
  }
  expect(fence).toBeUndefined();
  return lines;
}

const evil = '```\n# owned <img src=x> [a](http://evil)\u202e';

/** The host under load, with this name for a process, a disk and an interface, and as a line of the kernel log. */
function named(name: string): CheckupInputs {
  const word = name.replace(/\s/g, '_');
  const titles = 'Inter-| x\n face |bytes x\n';
  const busy = `77 (${name}) R 2 0 0 0 -1 0 0 0 0 0 50 50 0 0 20 0 1 0 10 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n`;
  return {
    ...withTexts(
      loaded,
      {
        'proc/77/stat': busy.replace('50 50', '0 0'),
        'proc/diskstats': ` 8 0 ${word} 1 0 0 0 0 0 0 0 0 0 0\n`,
        'proc/net/dev': `${titles}${word}: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`,
      },
      {
        'proc/77/stat': busy,
        'proc/diskstats': ` 8 0 ${word} 9 0 0 9999 0 0 0 0 0 9999 99999\n`,
        'proc/net/dev': `${titles}${word}: 0 0 9 9 0 0 0 0 0 0 0 0 0 0 0 0\n`,
      },
    ),
    hostname: name,
    osrelease: name,
    kernelLog: [{ text: `${name} Out of memory`, fromKernel: true, kernelTimeMs: 5 }],
  };
}

describe('a host that names things to break the document', () => {
  it('stays within code', () => {
    const text = checkupText(checkupOf(named(evil)));
    expect(text).toContain('owned');
    for (const line of outside(text)) {
      // Code spans first: what is left must be ours.
      expect(line.replace(/`[^`]*`/g, '')).not.toMatch(/owned|<img|evil|\u202e/);
    }
  });

  it('gets no more room than it needs', () => {
    const long = 'x'.repeat(100_000);
    const text = checkupText(checkupOf(named(long)));
    const plain = checkupText(checkupOf(named('x')));
    expect(text.length).toBeLessThan(plain.length + 3000);
  });

  it('with thousands of processes, disks, interfaces and processors has a bounded document', () => {
    const many = (line: (index: number) => string): string =>
      Array.from({ length: 5000 }, (_, index) => line(index)).join('');
    const titles = 'Inter-| x\n face |bytes x\n';
    const texts = (count: number): Record<string, string> => ({
      'proc/diskstats': many(
        (index) => ` 8 ${index} vd${index}x ${count} 0 0 ${count}99 0 0 0 0 0 ${count}9999 99\n`,
      ),
      'proc/net/dev': titles + many((index) => `veth${index}: 0 0 ${count} 0 0 0 0 0 0 0 0 0 0 0 0 0\n`),
      'proc/stat': `cpu ${count} 0 0 0 0 0 0\n${many((index) => `cpu${index} ${count} 0 0 0 0 0 0\n`)}`,
      ...Object.fromEntries(
        Array.from({ length: 5000 }, (_, index) => [
          `proc/${index + 1000}/stat`,
          `${index + 1000} (p) D 2 0 0 0 -1 0 0 0 0 0 ${count}00 0 0 0 20 0 1 0 10 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n`,
        ]),
      ),
    });
    const text = checkupText(checkupOf(withTexts(loaded, texts(1), texts(9))));
    expect(text.split('\n').length).toBeLessThan(900);
    expect(text).toContain('more processes used some processor time');
    expect(text).toContain('4744 processors that were less busy are not shown');
  });

  it('may harm any text: nothing throws, every number is one, and the document is whole', () => {
    const paths = Object.keys(loaded.end[0]?.text ?? {});
    const anyTexts = fc
      .tuple(
        ...paths.map((path) =>
          fc.option(harmed([loaded.end[0]?.text[path] ?? '']), { nil: undefined, freq: 2 }),
        ),
      )
      .map((texts) =>
        Object.fromEntries(
          texts.flatMap((text, index) => (text === undefined ? [] : [[paths[index] ?? '', text]])),
        ),
      );
    const anyMs = fc.oneof(fc.nat(), fc.double());
    holds(
      fc.property(anyTexts, anyTexts, anyMs, anyMs, (start, end, uptimeMs, endedAtMs) => {
        const inputs = withTexts(loaded, start, end);
        const moved = inputs.end.map((each) => ({ ...each, hostUptimeMs: uptimeMs }));
        for (const some of [inputs, { ...inputs, end: moved, endedAtMs }]) {
          const checkup = checkupOf(some);
          expect(notFinite({ ...checkup, endedAtMs: 0 })).toEqual([]);
          outside(checkupText(checkup));
        }
      }),
      60,
    );
  });
});

it('a fence is longer than any in the block', () => {
  expect(codeBlock(['a ``` b', '`````'])).toEqual(['``````text', 'a ``` b', '`````', '``````']);
});
