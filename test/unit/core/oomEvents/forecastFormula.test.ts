import { describe, expect, it } from 'vitest';
import { badnessOf, formulaOf, oomScoreFrom } from '../../../../src/core/oomEvents/forecastFormula';
import { measuredProcesses } from '../../../../src/core/oomEvents/forecastProcesses';
import { recordedHost } from './forecastHosts';

describe('the formula', () => {
  it.each([
    'busybox-6.1-nopsi',
    'busybox-6.1-ppc64le',
    'debian12-6.1-hybrid',
    'debian12-6.1-v1',
    'debian12-6.12-containers',
    'debian12-6.18-groups',
  ])('gives the oom_score that the kernel of %s told of each process', (name) => {
    const { survey, facts } = recordedHost(name);
    const { processes } = survey.processes;
    const { memTotalBytes = NaN, swapTotalBytes = NaN } = facts.meminfo ?? {};
    const totalBytes = memTotalBytes + swapTotalBytes;
    const formula = formulaOf(facts.host.osrelease, facts.host.pageSizeBytes ?? NaN, processes);
    expect(formula).toMatchObject({ rootBonus: 'none', atLeastOne: false, childInstead: false });
    const measured = [...measuredProcesses(processes, (pid) => survey.processes.get(pid))];
    expect(measured.length).toBeGreaterThan(4);
    for (const one of measured) {
      const score = one.process.details?.oomScore ?? NaN;
      if (one.process.pid === 1 || one.oomScoreAdj === -1000) expect(score).toBe(0);
      else {
        const expected = oomScoreFrom(badnessOf(one, totalBytes, formula), totalBytes, formula);
        // Its files were read one after the other while it ran: one of these 50 had grown by a page.
        expect(Math.abs(score - expected), one.process.stat.name).toBeLessThanOrEqual(1);
      }
    }
  });

  const pages = (count: number): number => count * 4096;
  const facts = { heldBytes: pages(1000), oomScoreAdj: 0, isAdmin: true };
  const formula = (osrelease: string): ReturnType<typeof formulaOf> => formulaOf(osrelease, 4096, []);

  it.each([
    [
      '3.10.0-1160.el7.x86_64',
      { rootBonus: 'of-total', atLeastOne: true, childInstead: true },
      1000 - 30 * 10,
    ],
    ['4.4.0-210-generic', { rootBonus: 'of-held', atLeastOne: true, childInstead: true }, 970],
    ['4.19.0-26-amd64', { rootBonus: 'none', atLeastOne: true, childInstead: true }, 1000],
    ['5.4.0-26-generic', { rootBonus: 'none', atLeastOne: true, childInstead: false }, 1000],
    ['6.1.0-50-amd64', { rootBonus: 'none', atLeastOne: false, childInstead: false }, 1000],
    ['odd', { rootBonus: 'none', atLeastOne: false, childInstead: false }, 1000],
  ])('of %s', (osrelease, expected, counted) => {
    expect(formula(osrelease)).toEqual({ pageBytes: 4096, ...expected });
    expect(badnessOf(facts, pages(10_999), formula(osrelease))).toBe(pages(counted));
  });

  it('divides before it multiplies, and cuts', () => {
    const adjusted = { ...facts, oomScoreAdj: 500 };
    expect(badnessOf(adjusted, pages(10_999), formula('6.1'))).toBe(pages(1000 + 500 * 10));
    expect(badnessOf({ ...facts, oomScoreAdj: -999 }, pages(10_000), formula('6.1'))).toBe(
      pages(1000 - 9990),
    );
    expect(badnessOf({ ...facts, oomScoreAdj: -999 }, pages(10_000), formula('4.19'))).toBe(pages(1));
  });
});
