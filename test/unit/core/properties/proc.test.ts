import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charts, valuesOf } from '../../../../src/core/charts';
import { hostFactsOf } from '../../../../src/core/hostFacts';
import { interruptionsBetween, stallMsBetween } from '../../../../src/core/interruptions';
import { availableOf, freeFigures, memoryBands } from '../../../../src/core/memory';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import { swaps } from '../../../../src/core/proc/swaps';
import { zoneinfo } from '../../../../src/core/proc/zoneinfo';
import { ratesBetween } from '../../../../src/core/rates';
import { fastSources, sampleOf, type Problem } from '../../../../src/core/sample';
import { anyCapture, anyFactTexts, anyPair, anyText } from './hosts';
import { holds, notFinite, numbersIn, seed } from './random';

const kinds = ['unreadable', 'malformed', 'missing', 'nonsense'];

/** A problem is of a known kind and short enough for a tooltip's source; what was refused is bounded. */
function expectTyped(problems: Readonly<Record<string, Problem | undefined>>): void {
  for (const problem of Object.values(problems)) {
    if (problem === undefined) throw new Error('a problem that is undefined');
    expect(kinds).toContain(problem.kind);
    expect(problem.message).not.toBe('');
    expect(problem.message.length).toBeLessThan(400);
    expect(problem.refused?.length ?? 0).toBeLessThanOrEqual(20);
    expect(problem.kind === 'nonsense').toBe(problem.kind !== 'malformed' && problem.refused !== undefined);
  }
}

function expectSound(value: unknown): void {
  expect(notFinite(value)).toEqual([]);
  expect(numbersIn(value).filter(([where, number]) => number < 0 && !where.endsWith('priority'))).toEqual([]);
}

const sources: readonly Source<unknown>[] = [...Object.values(fastSources), swaps, zoneinfo];

describe(`whatever a host sends (seed ${seed})`, () => {
  it.each(sources)('$path is facts without nonsense, or a ParseError', (source) => {
    holds(
      fc.property(anyText(source.path), (text) => {
        const lines = text.split('\n');
        try {
          const facts = source.parse(text, ({ number, text: line }, reason) => {
            expect(lines[number - 1]).toBe(line);
            expect(reason).not.toBe('');
          });
          expectSound(facts);
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
          expect(error.source).toBe(source.path);
          expect(error.line).toBeLessThanOrEqual(lines.length);
        }
      }),
    );
  });

  it('is a sample, with typed problems and figures that are numbers', () => {
    const seen = new Map<string, number>();
    holds(
      fc.property(anyCapture, anyFactTexts, (capture, texts) => {
        const sample = sampleOf(capture);
        expectTyped(sample.problems);
        for (const { kind } of Object.values(sample.problems)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        expectSound({ ...sample, at: 0, answerDelayMs: 0 });
        const facts = hostFactsOf(texts);
        if (!sample.meminfo) return;
        const available = availableOf(sample.meminfo, facts.zones, facts.pageSizeBytes, facts.minFreeKbytes);
        expectSound(available);
        expectSound(freeFigures(sample.meminfo, available));
        const { notAccountedRawBytes, ...bands } = memoryBands(
          sample.meminfo,
          sample.vmstat,
          facts.pageSizeBytes,
        );
        expectSound(bands);
        expect(Number.isFinite(notAccountedRawBytes)).toBe(true);
      }),
    );
    for (const kind of kinds) expect(seen.get(kind), kind).toBeGreaterThan(20);
  });

  it('is facts of a host, with typed problems', () => {
    holds(
      fc.property(anyFactTexts, (texts) => {
        const { problems, ...facts } = hostFactsOf(texts);
        expectTyped(problems);
        expectSound(facts);
        // No date is out of bounds.
        if (facts.wallClockMs !== undefined) new Date(facts.wallClockMs).toISOString();
        if (facts.btimeMs !== undefined) new Date(facts.btimeMs).toISOString();
      }),
    );
  });

  it.each([
    ['of a real host', anyPair, 20],
    ['of any kind', fc.tuple(anyCapture, anyCapture), 0],
  ])('two samples %s give sound rates, interruptions and charts', (_, captures, leastKnown) => {
    const processors = fc.option(fc.nat({ max: 8192 }), { nil: undefined });
    let rated = 0;
    let known = 0;
    let interrupted = 0;
    const elapsed = fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined });
    holds(
      fc.property(
        captures,
        anyFactTexts,
        processors,
        elapsed,
        ([one, other], texts, online, ourElapsedMs) => {
          const [last, now] = [sampleOf(one), sampleOf(other)];
          const facts = hostFactsOf(texts);
          const rates = ratesBetween(last, now, facts.pageSizeBytes, online);
          if (rates) rated += 1;
          if (rates?.cpu && rates.biKibPerSecond !== undefined) known += 1;
          expectSound(rates);
          for (const [where, value] of numbersIn(rates)) {
            if (where.endsWith('Percent')) expect(value, where).toBeLessThanOrEqual(100 + 1e-9);
          }
          for (const interruption of interruptionsBetween(last, now, online, ourElapsedMs)) {
            const { kind, ...length } = interruption;
            interrupted += 1;
            if (kind !== 'clock-step' && ourElapsedMs !== Infinity) expectSound(length);
          }
          expectSound(stallMsBetween(last, now, 1000, online));
          const available =
            now.meminfo && availableOf(now.meminfo, facts.zones, facts.pageSizeBytes, facts.minFreeKbytes);
          for (const chart of charts) {
            const moment = { sample: now, rates, facts, available };
            expect(chart.series.map((series) => series.value(moment)).filter(Number.isNaN)).toEqual([]);
            const values = valuesOf(chart, moment);
            expect(values).toHaveLength(chart.series.length);
            expect(values.every((value) => value === null || Number.isFinite(value))).toBe(true);
          }
        },
      ),
    );
    // The cases are not all so broken that nothing is looked at.
    expect(rated).toBeGreaterThan(20);
    expect(known).toBeGreaterThanOrEqual(leastKnown);
    expect(interrupted).toBeGreaterThan(50);
  });
});
