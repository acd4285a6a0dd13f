import fc from 'fast-check';
import type { Capture } from '../../../../src/core/capture';
import { factPaths } from '../../../../src/core/hostFacts';
import { fastSources } from '../../../../src/core/sample';
import { procFixtures } from '../fixtures';
import { bytes, harmed } from './random';

/** The texts that fixtures hold under a path. */
function textsOf(path: string): string[] {
  return procFixtures
    .flatMap(({ texts, later }) => [texts[path], later?.[path]])
    .filter((text) => text !== undefined);
}

/** What may come under a path: random bytes, or a real text that is whole or harmed. */
export function anyText(path: string): fc.Arbitrary<string> {
  const real = textsOf(path);
  const junk = fc.oneof(bytes, fc.string({ unit: 'grapheme' }));
  return real.length === 0
    ? junk
    : fc.oneof({ weight: 1, arbitrary: junk }, { weight: 4, arbitrary: harmed(real) });
}

/** Any of these paths missing, any of the texts harmed. */
function anyTextsOf(paths: readonly string[]): fc.Arbitrary<Record<string, string>> {
  return fc
    .tuple(...paths.map((path) => fc.option(anyText(path), { nil: undefined, freq: 8 })))
    .map((texts) =>
      Object.fromEntries(
        texts.flatMap((text, index) => (text === undefined ? [] : [[paths[index] ?? '', text]])),
      ),
    );
}

export const fastPaths: readonly string[] = Object.values(fastSources).map(({ path }) => path);

export const anyFactTexts = anyTextsOf([
  ...factPaths.map(({ path }) => path),
  'getconf/PAGESIZE',
  'date/+%s',
]);

const anyTime = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 200_000 }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, 0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE) },
);

/** A capture of one of two boots. */
export const anyCapture: fc.Arbitrary<Capture> = fc.record({
  bootId: fc.constantFrom('boot', 'boot', 'boot', 'other', ''),
  clock: fc.constantFrom('asked', 'own'),
  seq: fc.nat(),
  hostUptimeMs: anyTime,
  askedAtMs: fc.nat(),
  receivedAtMs: fc.nat(),
  text: anyTextsOf(fastPaths),
  unreadable: fc.subarray([...fastPaths]),
});

/** Two captures of a real host, a moment apart, of which each text may be harmed a little. */
export const anyPair: fc.Arbitrary<readonly [Capture, Capture]> = fc
  .constantFrom(...procFixtures.filter(({ later }) => later !== undefined))
  .chain(({ texts, later = {} }) => {
    const captureFrom = (real: Readonly<Record<string, string>>): fc.Arbitrary<Capture> => {
      const paths = fastPaths.filter((path) => real[path] !== undefined);
      const some = fc.tuple(
        ...paths.map((path) =>
          fc.oneof(
            { weight: 3, arbitrary: fc.constant(real[path] ?? '') },
            { weight: 1, arbitrary: harmed([real[path] ?? '']) },
          ),
        ),
      );
      return fc.record({
        bootId: fc.constant('boot'),
        clock: fc.constantFrom('asked', 'own'),
        seq: fc.nat(),
        hostUptimeMs: fc.oneof(fc.constant(uptimeMsOf(real)), anyTime),
        askedAtMs: fc.nat(),
        receivedAtMs: fc.nat(),
        text: some.map((all) => Object.fromEntries(all.map((text, index) => [paths[index] ?? '', text]))),
        unreadable: fc.constant([]),
      });
    };
    return fc.tuple(captureFrom(texts), captureFrom(later));
  });

function uptimeMsOf(texts: Readonly<Record<string, string>>): number {
  return Math.round(Number(texts['proc/uptime']?.split(' ')[0]) * 1000);
}
