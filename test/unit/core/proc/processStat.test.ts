import { describe, expect, it } from 'vitest';
import { processStat, type ProcessStat } from '../../../../src/core/proc/processStat';
import { ParseError } from '../../../../src/core/proc/source';

function parsed(text: string): ProcessStat {
  return processStat.parse(text, (line, reason) => {
    throw new Error(`${line.text}: ${reason}`);
  });
}

function parsedWithRefusals(text: string): [ProcessStat, string[]] {
  const refused: string[] = [];
  return [processStat.parse(text, ({ number }, reason) => refused.push(`${number}: ${reason}`)), refused];
}

// Recorded: Debian 12, 6.1, thrashing.
const gunicorn =
  '2022 (gunicorn) R 1 2022 2022 0 -1 4194560 1457 0 61 0 49 63 0 0 20 0 1 0 68527 15970304 2674 18446744073709551615 4321280 7154137 140735544254656 0 0 0 0 16781312 2 0 0 0 17 1 0 0 0 0 0 9727432 11029816 163606528 140735544262395 140735544262459 140735544262459 140735544262630 0\n';

// Recorded: Debian 12, 6.18, a program that had named itself so.
const hostile =
  '12744 (a) R 1 (\nb\u001b[2J) R 12741 12741 3615 0 -1 4194304 15723 6597 2 0 3 2 3 1 20 0 1 0 2430963 69713920 16248 18446744073709551615 94804473610240 94804473610581 140734172608560 0 0 0 0 16781312 2 0 0 0 17 1 0 0 0 0 0 94804473621936 94804473622552 94804649439232 140734172616755 140734172616807 140734172616807 140734172618703 0\n';

// Recorded: Debian 12, 6.18.
const kworker =
  '10 (kworker/0:0H-events_highpri) I 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 0 -20 1 0 24 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 1 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

// Written after fs/proc/array.c of 2.6.32, which ends with cguest_time.
const old =
  '1432 (mysqld) S 1311 1311 1311 0 -1 4202496 20711 0 314 0 5120 2040 0 0 20 0 24 0 9210 1203568640 90112 18446744073709551615 1 1 0 0 0 0 552967 4096 26345 18446744073709551615 0 0 17 3 0 0 77 5 0\n';

describe('proc/PID/stat', () => {
  it('of a program, 6.1', () => {
    expect(parsed(gunicorn)).toEqual({
      pid: 2022,
      name: 'gunicorn',
      state: 'R',
      ppid: 1,
      kernelThread: false,
      minflt: 1457,
      majflt: 61,
      utimeTicks: 49,
      stimeTicks: 63,
      priority: 20,
      nice: 0,
      numThreads: 1,
      starttimeTicks: 68_527,
      vsizeBytes: 15_970_304,
      rssPages: 2674,
      processor: 1,
      delayacctBlkioTicks: 0,
      guestTimeTicks: 0,
    });
  });

  it('of a program that names itself to confuse, 6.18', () => {
    expect(parsed(hostile)).toEqual({
      pid: 12_744,
      name: 'a) R 1 (?b?[2J',
      state: 'R',
      ppid: 12_741,
      kernelThread: false,
      minflt: 15_723,
      majflt: 2,
      utimeTicks: 3,
      stimeTicks: 2,
      priority: 20,
      nice: 0,
      numThreads: 1,
      starttimeTicks: 2_430_963,
      vsizeBytes: 69_713_920,
      rssPages: 16_248,
      processor: 1,
      delayacctBlkioTicks: 0,
      guestTimeTicks: 0,
    });
  });

  it('of a kernel thread, 6.18', () => {
    expect(parsed(kworker)).toEqual({
      pid: 10,
      name: 'kworker/0:0H-events_highpri',
      state: 'I',
      ppid: 2,
      kernelThread: true,
      minflt: 0,
      majflt: 0,
      utimeTicks: 0,
      stimeTicks: 0,
      priority: 0,
      nice: -20,
      numThreads: 1,
      starttimeTicks: 24,
      vsizeBytes: 0,
      rssPages: 0,
      processor: 0,
      delayacctBlkioTicks: 0,
      guestTimeTicks: 0,
    });
  });

  it('of 2.6.32, which has fewer fields', () => {
    expect(parsed(old)).toEqual({
      pid: 1432,
      name: 'mysqld',
      state: 'S',
      ppid: 1311,
      kernelThread: false,
      minflt: 20_711,
      majflt: 314,
      utimeTicks: 5120,
      stimeTicks: 2040,
      priority: 20,
      nice: 0,
      numThreads: 24,
      starttimeTicks: 9210,
      vsizeBytes: 1_203_568_640,
      rssPages: 90_112,
      processor: 3,
      delayacctBlkioTicks: 77,
      guestTimeTicks: 5,
    });
  });

  it('that ends early: what is there stays, what is missing is undefined', () => {
    const stat = parsed(gunicorn.slice(0, gunicorn.indexOf(' 18446744073709551615')));
    expect(stat).toMatchObject({ rssPages: 2674, processor: undefined, delayacctBlkioTicks: undefined });
  });

  it.each([
    ['(x)', 'x'],
    ['()', ''],
    ['(()', '('],
    ['())', ')'],
    ['( )', ' '],
    [`(${'n'.repeat(500)})`, 'n'.repeat(64)],
  ])('name %s', (written, name) => {
    expect(parsed(gunicorn.replace('(gunicorn)', written)).name).toBe(name);
  });

  it('refuses alone what cannot be, with its line', () => {
    const text = hostile
      .replace(' 16248 ', ' 18446744073709551360 ')
      .replace(' 20 0 1 0 ', ' 20 99 1 0 ')
      .replace(' 4194304 ', ' x ');
    const [stat, refused] = parsedWithRefusals(text);
    expect(stat).toMatchObject({
      rssPages: undefined,
      nice: undefined,
      kernelThread: undefined,
      minflt: 15_723,
    });
    expect(refused).toEqual([
      '2: not a number: x',
      '2: out of range: 99',
      '2: out of range: 18446744073709551360',
    ]);
  });

  it.each([
    ['empty', ''],
    ['a sentence', 'No such process\n'],
    ['no pid', '(x) S 1\n'],
    ['a pid beyond any', gunicorn.replace('2022 ', '99999999 ')],
    ['no name', '12 S 1 2\n'],
    ['the parentheses the wrong way round', '12 )x( S 1 2\n'],
    ['no state', '12 (x)\n'],
    ['no start time', '12 (x) S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0\n'],
    ['a start time that cannot be', gunicorn.replace(' 68527 ', ' -5 ')],
  ])('%s: not this file', (_, text) => {
    expect(() => parsedWithRefusals(text)).toThrow(ParseError);
  });
});
