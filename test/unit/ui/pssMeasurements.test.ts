import { describe, expect, it } from 'vitest';
import type { PssReading } from '../../../src/core/processes/pssReading';
import { PssMeasurements, type PssState } from '../../../src/ui/pssMeasurements';
import { pssViewOf } from '../../../src/ui/surveyPss';
import { english } from '../../../src/core/translate';

const kib = 1024;
const reading: PssReading = {
  kind: 'read',
  rollup: {
    pssBytes: 30 * kib,
    pssAnonBytes: 20 * kib,
    pssFileBytes: 9 * kib,
    pssShmemBytes: kib,
    swapPssBytes: 4 * kib,
  },
};

/** Measurements whose readings end when they are told to. */
function measuring(): {
  readonly pss: PssMeasurements;
  readonly asked: number[];
  readonly changes: () => number;
  readonly end: (outcome: PssReading | Error) => Promise<void>;
  readonly passMs: (ms: number) => void;
} {
  const asked: number[] = [];
  const waiting: ((outcome: PssReading | Error) => void)[] = [];
  let changes = 0;
  let nowMs = 5000;
  const read = ({ pid }: { readonly pid: number }): Promise<PssReading> => {
    asked.push(pid);
    return new Promise((resolve, reject) =>
      waiting.push((outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome))),
    );
  };
  const pss = new PssMeasurements(
    read,
    () => nowMs,
    () => changes++,
  );
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    pss,
    asked,
    changes: () => changes,
    end: async (outcome) => {
      await settle();
      waiting.shift()?.(outcome);
      await settle();
    },
    passMs: (ms) => (nowMs += ms),
  };
}

const one = { pid: 7, starttimeTicks: 100 };

describe('PssMeasurements', () => {
  it('are not piled up on a host that did not answer one', async () => {
    const { pss, asked, end, passMs } = measuring();
    const two = { ...one, pid: 8 };
    const three = { ...one, pid: 9 };
    pss.measure('boot', one);
    pss.measure('boot', two);
    await end({ kind: 'unanswered' });
    expect(asked).toEqual([7]);
    expect(pss.of('boot', two)).toEqual({ kind: 'held-back' });
    expect(pssViewOf(pss.of('boot', two), 5000, english).text).toContain('may still wait on the host');
    passMs(299_000);
    pss.measure('boot', three);
    await end(reading); // there is none to end
    expect(asked).toEqual([7]);
    passMs(2000);
    pss.measure('boot', three);
    await end(reading);
    expect(asked).toEqual([7, 9]);
    expect(pss.of('boot', three)).toMatchObject({ kind: 'measured', reading });
  });

  it('are made one after the other, and told when they come', async () => {
    const { pss, asked, changes, end } = measuring();
    pss.measure('boot', one);
    pss.measure('boot', one); // under way
    pss.measure('boot', { ...one, pid: 8 });
    expect([pss.of('boot', one), pss.of('boot', { ...one, pid: 8 })]).toEqual([
      { kind: 'measuring' },
      { kind: 'measuring' },
    ]);
    await end(reading);
    expect(pss.of('boot', one)).toEqual({ kind: 'measured', reading, atMs: 5000 });
    expect(asked).toEqual([7, 8]);
    await end(new Error('The connection has ended.'));
    expect(pss.of('boot', { ...one, pid: 8 })).toEqual({
      kind: 'failed',
      reason: 'The connection has ended.',
    });
    expect(changes()).toBe(4);
    pss.measure('boot', one);
    await end({ kind: 'gone' });
    expect(pss.of('boot', one)).toMatchObject({ reading: { kind: 'gone' } });
  });

  it('are of one process of one boot', async () => {
    const { pss, end } = measuring();
    pss.measure('boot', one);
    await end(reading);
    expect(pss.of('next', one)).toBeUndefined();
    expect(pss.of('boot', { ...one, starttimeTicks: 101 })).toBeUndefined();
  });

  it('are forgotten where there are many', async () => {
    const { pss, end } = measuring();
    for (let pid = 1; pid <= 60; pid++) {
      pss.measure('boot', { ...one, pid });
      await end(reading);
    }
    const kept = Array.from({ length: 60 }, (_, index) => index + 1).filter(
      (pid) => pss.of('boot', { ...one, pid }) !== undefined,
    );
    expect(kept).toEqual(Array.from({ length: 50 }, (_, index) => index + 11));
  });
});

describe('pssViewOf', () => {
  const textOf = (state: PssState | undefined): unknown => pssViewOf(state, 17_000, english);
  const measured = (of: PssReading): PssState => ({ kind: 'measured', reading: of, atMs: 5000 });

  it('tells how much, of what, and when', () => {
    expect(textOf(undefined)).toEqual({});
    expect(textOf({ kind: 'measuring' })).toEqual({ text: 'being measured' });
    expect(textOf(measured(reading))).toEqual({
      text: '30.0 KiB (20.0 KiB anonymous, 9.0 KiB files, 1.0 KiB shared memory) + 4.0 KiB swap',
      age: '12 s ago',
    });
    expect(textOf(measured({ kind: 'read', rollup: { pssBytes: kib } }))).toMatchObject({ text: '1.0 KiB' });
  });

  it.each([
    ['gone', 'the process has ended'],
    ['denied', 'only root may read it'],
    ['absent', 'Linux 4.14'],
    ['unanswered', 'within 10 s'],
  ] as const)('tells why there is none: %s', (kind, text) => {
    expect(textOf(measured({ kind }))).toMatchObject({ text: expect.stringContaining(text) as string });
  });

  it('tells what went wrong with the connection', () => {
    expect(textOf({ kind: 'failed', reason: 'It was refused.' })).toEqual({
      text: 'not measured: It was refused.',
    });
  });
});
