import fc from 'fast-check';

/** The same runs each time; another seed finds other cases: `PROPERTY_SEED=7 npx vitest run test/unit`. */
export const seed = Number(process.env.PROPERTY_SEED ?? 19_991_231);

/** Holds a property against so many random cases. A failure prints the seed and the smallest case that shows it. */
export function holds<Values extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Values>,
  runs = 500,
): void {
  fc.assert(property, { seed, numRuns: runs });
}

/** Any bytes at all, each as one character. */
export const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => String.fromCharCode(...array));

/** Characters that mean something to one parser or other. */
const marks = fc.constantFrom(
  '\\xff\\xfe\\x80',
  '\\x0a',
  '\\040',
  '(',
  ')',
  ',',
  ';',
  ' kB',
  '[',
  '\r\n',
  '\u0000',
  ' ',
  '=',
);

/** What a counter should not be, and what it may be. */
const words = fc.oneof(
  fc.constantFrom(
    '18446744073709551360',
    '18446744073709551615',
    '4294967295',
    '2147483648',
    '9007199254740993',
    '-1',
    '-0',
    '1e400',
    '1e9',
    '9'.repeat(400),
    'NaN',
    'Infinity',
    '0x10',
    '٣',
    '1_000',
    '__proto__',
    '',
    '0',
    '1',
  ),
  fc.nat().map(String),
  fc.maxSafeNat().map(String),
);

/** One thing that goes wrong with a text. Places are shares of it, so that they fit a text of any length. */
type Change = (text: string) => string;

// Not fc.double: nearly all of those are next to 0.
export const place = fc.nat({ max: 999_999 }).map((millionths) => millionths / 1_000_000);
const at = (share: number, length: number): number => Math.floor(share * length);

const changes: fc.Arbitrary<Change> = fc.oneof(
  place.map(
    (share): Change =>
      (text) =>
        text.slice(0, at(share, text.length)),
  ),
  place.map(
    (share): Change =>
      (text) =>
        text.slice(at(share, text.length)),
  ),
  fc.tuple(place, place).map(([one, other]): Change => (text) => {
    const lines = text.split('\n');
    const [first, second] = [at(one, lines.length), at(other, lines.length)];
    return lines
      .map((line, index) => lines[index === first ? second : index === second ? first : index] ?? line)
      .join('\n');
  }),
  place.map((share): Change => (text) => {
    const lines = text.split('\n');
    return lines.filter((_, index) => index !== at(share, lines.length)).join('\n');
  }),
  place.map((share): Change => (text) => {
    const lines = text.split('\n');
    return lines
      .flatMap((line, index) => (index === at(share, lines.length) ? [line, line] : [line]))
      .join('\n');
  }),
  fc.tuple(place, words).map(([share, word]): Change => (text) => {
    const count = text.match(/\d+/g)?.length ?? 0;
    let index = -1;
    return text.replace(/\d+/g, (number) => (++index === at(share, count) ? word : number));
  }),
  fc
    .tuple(place, fc.nat({ max: 20 }), fc.oneof(bytes, marks))
    .map(([share, lost, junk]): Change => (text) => {
      const start = at(share, text.length);
      return text.slice(0, start) + junk + text.slice(start + lost);
    }),
);

/** One of `texts`, unharmed or with up to six things wrong. */
export function harmed(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(changes, { maxLength: 6 }))
    .map(([text, all]) => all.reduce((harmedText, change) => change(harmedText), text));
}

/** Every number in a value, however deep, with where it is. */
export function numbersIn(value: unknown, where = ''): [string, number][] {
  if (typeof value === 'number') return [[where, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, `${where}.${key}`));
}

/** Where a value holds NaN or an infinite number. */
export function notFinite(value: unknown): string[] {
  return numbersIn(value)
    .filter(([, number]) => !Number.isFinite(number))
    .map(([where, number]) => `${where}: ${number}`);
}
