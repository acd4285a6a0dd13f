import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkupOf } from '../../../../src/core/checkup/checkup';
import { checkupText } from '../../../../src/core/checkup/checkupText';
import { folder, loadedInputs } from './inputs';

const checkup = checkupOf({ ...loadedInputs(), userNames: new Map([[65534, 'nobody']]) });

/** Read these texts, and grew between its `stat` and its `statm`, which top goes by. */
const readerPid = '25287';

/** What the real tool printed of these very texts, without the times of day, of which some are the tool's own. */
function printed(name: string): string[] {
  return linesOf(readFileSync(join(folder, `${name}.txt`), 'utf8'));
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^ ?\d\d:\d\d:\d\d/, '--------').trimEnd())
    .filter((line) => line !== '');
}

/** `%wait` in whole ticks, as pidstat counts it: the texts are 10 s apart, so that a tick is a tenth of a percent. */
function withoutWait(line: string): string {
  return line.replace(/^(-{8} +\d+ +\d+ +[\d.]+ +[\d.]+ +[\d.]+) +[\d.]+ /, '$1 ');
}

describe('the lines are those that the real tools print of the same texts', () => {
  it.each([
    ['mpstat', checkup.sections.mpstat.lines],
    ['iostat', checkup.sections.iostat.lines],
    ['pidstat', checkup.sections.pidstat.lines],
    ['sar-tcp', checkup.sections.sarTcp.lines],
    ['free', checkup.sections.free.lines],
  ])('%s', (name, lines) => {
    const ours = linesOf(lines.join('\n'));
    expect(ours.map(withoutWait)).toEqual(printed(name).slice(0, ours.length).map(withoutWait));
  });

  it('sar -n DEV, but for 0.00 where the speed of the link is not known', () => {
    const ours = linesOf(checkup.sections.sarDev.lines.join('\n')).map((line) =>
      line.replace(/ {8}-$/, '     0.00'),
    );
    expect(ours).toEqual(printed('sar-dev').slice(0, ours.length));
  });

  it('uptime, but for the users', () => {
    const ours = linesOf(checkup.sections.uptime.lines.join('\n'));
    expect(ours).toEqual(printed('uptime').map((line) => line.replace(/ \d+ users?, /, '')));
  });

  it('vmstat, but for the memory, which procps 4.0.2 does not read anew, and what it divides by', () => {
    // It slept 3 s; between the texts are 10.1 s.
    const seconds = (checkup.spanMs ?? Number.NaN) / 1000;
    const [, names = '', , row = ''] = printed('vmstat');
    const theirs = row.trim().split(/\s+/).map(Number);
    names
      .trim()
      .split(/\s+/)
      .forEach((name, index) => {
        if (['swpd', 'free', 'buff', 'cache'].includes(name)) return;
        const scale = ['si', 'so', 'bi', 'bo', 'in', 'cs'].includes(name) ? seconds / 3 : 1;
        const ours = checkup.sections.vmstat.figures?.[name as 'r'];
        expect(
          Math.abs((ours ?? Number.NaN) * scale - (theirs[index] ?? Number.NaN)),
          name,
        ).toBeLessThanOrEqual(0.51);
      });
  });

  it('top, with the processes that used any time', () => {
    const words = (line: string): string[] =>
      line
        .replace('%Cpu(s):', '%Cpu(s): ')
        .trim()
        .split(/[\s,]+/);
    const report = readFileSync(join(folder, 'top.txt'), 'utf8').split(/^top - /m)[2] ?? '';
    const [, tasks = '', shares = '', , , titles = '', ...rows] = linesOf(`top - ${report}`);
    const ours = checkup.sections.top.lines;
    expect(words(ours[1] ?? '')).toEqual(words(tasks));
    // `st` is left out without a terminal.
    expect(words(ours[2] ?? '').slice(0, 15)).toEqual(words(shares).slice(0, 15));
    expect(words(ours[6] ?? '')).toEqual(words(titles));
    const used = ours
      .slice(7)
      .map(words)
      .filter((cells) => cells[8] !== '0.0');
    expect(used.length).toBeGreaterThan(4);
    for (const cells of used) {
      const theirs = words(rows.find((row) => words(row)[0] === cells[0]) ?? '');
      if (cells[0] === readerPid) theirs[4] = cells[4] ?? '';
      expect(cells).toEqual(theirs);
    }
  });
});

it('is the expected object', async () => {
  await expect(`${JSON.stringify(checkup, null, 2)}\n`).toMatchFileSnapshot(join(folder, 'expected.json'));
});

it('is the expected document', async () => {
  await expect(checkupText(checkup)).toMatchFileSnapshot(join(folder, 'checkup.md'));
});
