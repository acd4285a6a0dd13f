import { describe, expect, it } from 'vitest';
import { ancestorsOf, parentOf } from '../../../../src/core/processes/ancestors';

interface Kin {
  readonly pid: number;
  readonly startTicks: number;
  readonly stat: { readonly ppid: number | undefined };
}

function host(
  parents: Readonly<Record<number, number | undefined>>,
  starts: Readonly<Record<number, number>> = {},
) {
  const all = new Map<number, Kin>(
    Object.entries(parents).map(([pid, ppid]) => [
      Number(pid),
      { pid: Number(pid), startTicks: starts[Number(pid)] ?? 0, stat: { ppid } },
    ]),
  );
  const of = (...pids: number[]): Kin[] => pids.flatMap((pid) => all.get(pid) ?? []);
  return { of, find: (pid: number) => all.get(pid) };
}

const pidsOf = (processes: readonly Kin[]): number[] => processes.map(({ pid }) => pid);

describe('ancestorsOf', () => {
  const { of, find } = host({ 1: 0, 2: 0, 10: 1, 11: 10, 12: 11, 13: 11, 20: undefined, 30: 99, 40: 40 });

  it('are those up to the first, each once, without those that are there already', () => {
    expect(pidsOf(ancestorsOf(of(12, 13), find, 100))).toEqual([11, 10, 1]);
    expect(pidsOf(ancestorsOf(of(12, 10), find, 100))).toEqual([11, 1]);
    expect(pidsOf(ancestorsOf(of(13, 12, 11, 10, 1), find, 100))).toEqual([]);
  });

  it('are none of a process whose parent is not known, is not told, or is itself', () => {
    expect(ancestorsOf(of(2, 20, 30, 40), find, 100)).toEqual([]);
  });

  it('are no more than asked for', () => {
    expect(pidsOf(ancestorsOf(of(12), find, 2))).toEqual([11, 10]);
  });

  it('end where a host tells of a circle, or of a chain without end', () => {
    const circle = host({ 5: 6, 6: 7, 7: 5 });
    expect(pidsOf(ancestorsOf(circle.of(5), circle.find, 100))).toEqual([6, 7]);
    const endless = (pid: number): Kin => ({ pid, startTicks: 0, stat: { ppid: pid + 1 } });
    expect(ancestorsOf([endless(1)], endless, 10_000)).toHaveLength(64);
  });

  it('does not take one that started later, which has got the pid since', () => {
    const { of: among, find: at } = host({ 1: 0, 10: 1, 11: 10 }, { 10: 500, 11: 400 });
    const [child] = among(11);
    expect(child && parentOf(child, at)).toBeUndefined();
    expect(ancestorsOf(among(11), at, 100)).toEqual([]);
  });
});
