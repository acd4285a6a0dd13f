import { describe, expect, it } from 'vitest';
import type { ProcessRow } from '../../../src/protocol';
import { firstBy, isKnown, keyOf } from '../../../src/webview/processOrder';

function row(pid: number, figures: Partial<ProcessRow>): ProcessRow {
  return { pid, startTicks: 1, name: '', facts: [], actions: [], ...figures };
}

const pidsOf = (rows: readonly ProcessRow[]): number[] => rows.map(({ pid }) => pid);

describe('firstBy', () => {
  const rows = [
    row(1, { memoryBytes: 10, swapBytes: 50, growthBytesPerMinute: -5, oomScore: 2 }),
    row(2, { memoryBytes: 40, processorPercent: 1 }),
    row(3, { growthBytesPerMinute: 7, majorFaultsPerSecond: 0 }),
    row(4, { memoryBytes: 1, majorFaultsPerSecond: 2, processorPercent: 90, oomScore: 700 }),
  ];

  it.each([
    ['memory', [1, 2, 4]],
    ['swap', [1]],
    ['growth', [3]],
    ['majorFaults', [4]],
    ['processor', [4, 2]],
    ['oomScore', [4, 1]],
  ] as const)('puts those that have most of it first: %s', (order, pids) => {
    expect(pidsOf(firstBy(order, rows))).toEqual(pids);
  });

  it('takes ten', () => {
    const many = Array.from({ length: 30 }, (_, pid) => row(pid, { memoryBytes: pid }));
    expect(pidsOf(firstBy('memory', many))).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
  });

  it('keeps what is held behind them, while it is told', () => {
    const many = Array.from({ length: 12 }, (_, pid) => row(pid, { memoryBytes: pid, processorPercent: 0 }));
    const held = new Set([keyOf(row(0, {})), keyOf(row(11, {})), keyOf(row(99, {}))]);
    expect(pidsOf(firstBy('memory', many, held))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 0]);
    expect(pidsOf(firstBy('processor', many, held))).toEqual([0, 11]);
  });
});

describe('isKnown', () => {
  it('takes a process that was read twice', () => {
    expect(isKnown('growth', [row(1, { memoryBytes: 5 })])).toBe(false);
    expect(isKnown('growth', [row(1, { memoryBytes: 5 }), row(2, { growthBytesPerMinute: 0 })])).toBe(true);
    expect(isKnown('processor', [row(1, { memoryBytes: 5, majorFaultsPerSecond: 0 })])).toBe(false);
    expect(isKnown('majorFaults', [row(1, { memoryBytes: 5, majorFaultsPerSecond: 0 })])).toBe(true);
  });

  it('does not take the word of kernel threads', () => {
    const kernelThread = row(2, { memoryBytes: 0, growthBytesPerMinute: 0, majorFaultsPerSecond: 0 });
    expect(isKnown('growth', [kernelThread, row(80, { memoryBytes: 5 })])).toBe(false);
    expect(isKnown('majorFaults', [kernelThread])).toBe(false);
  });
});
