import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, FramingError, type Frame } from '../../../src/monitor/frameReader';
import { harmed, holds, notFinite, place, seed } from '../core/properties/random';

const mark = 'abcdefgh12345678';
const fence = `@${mark}`;

const path = fc.constantFrom('proc/meminfo', 'proc/stat', '__proto__', 'constructor');
const number = fc.constantFrom('0', '1', '7', '-1', 'x', '', '1e3', '1003.89');
/** Lines as the program writes them, in any order, and lines that it would not write. */
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('F', 'O', 'E'), number)
      .map(([kind, seq]) => `${fence} ${kind} ${seq}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('H', 'F', 'O'), number, number)
      .map((words) => [fence, ...words].join(' ')),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('S', 'U'), path).map((words) => [fence, ...words].join(' ')),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('R', 'C', 'C awk self 12 shell 30 4', 'C awk', 'Z', '', 'E')
      .map((rest) => `${fence} ${rest}`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'MemTotal:       24684092 kB',
      '',
      '@0123456789abcdef E 1',
      `${fence}E 7`,
      'Last login',
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);
/** What stands in a frame that the program wrote itself. */
const section = fc.tuple(fc.constantFrom('S', 'U'), path).map((words) => [fence, ...words].join(' '));
const frame = fc
  .tuple(fc.constantFrom('F', 'O'), fc.nat({ max: 99 }), fc.array(fc.oneof(section, line), { maxLength: 6 }))
  .map(([kind, seq, inner]) => [`${fence} ${kind} ${seq} 1003.89`, ...inner, `${fence} E ${seq}`].join('\n'));
const lines = fc
  .array(fc.oneof({ weight: 1, arbitrary: frame }, { weight: 2, arbitrary: line }), { maxLength: 20 })
  .map((all) => `${all.join('\n')}\n`);
const stream = fc.oneof(
  { weight: 3, arbitrary: lines.map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: lines.chain((text) => harmed([text])).map((text) => Buffer.from(text, 'latin1')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)) },
);
/** Where the stream is cut into pieces, as shares of it. */
const cuts = fc.array(place, { maxLength: 8 });

/** The frames that come out, and whether the host was refused. */
function read(pieces: readonly Buffer[]): { frames: Frame[]; refused: boolean } {
  const frames: Frame[] = [];
  const reader = new FrameReader(mark, (frame) => frames.push(frame));
  try {
    for (const piece of pieces) reader.push(piece);
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    return { frames, refused: true };
  }
  return { frames, refused: false };
}

function cutInto(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const ends = [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe(`whatever comes from a host (seed ${seed})`, () => {
  it('is frames or a FramingError, and the same in whatever pieces it comes', () => {
    let told = 0;
    holds(
      fc.property(stream, cuts, (bytes, shares) => {
        const whole = read([bytes]);
        told += whole.frames.length;
        expect(read(cutInto(bytes, shares))).toEqual(whole);
        for (const frame of whole.frames) {
          expect(['H', 'F', 'O']).toContain(frame.kind);
          expect(notFinite(frame)).toEqual([]);
          expect(frame.bytes).toBeLessThanOrEqual(bytes.length);
          const text = Object.values(frame.text);
          expect(text.every((value) => value === '' || value.endsWith('\n'))).toBe(true);
        }
      }),
      500,
    );
    expect(told).toBeGreaterThan(100);
  });

  it('a whole answer is read after anything but an echo', () => {
    const answer = `${fence} F 7 1003.89\n${fence} S proc/loadavg\n0.03 0.10 0.08 2/96 7590\n${fence} E 7\n`;
    holds(
      fc.property(stream, (before) => {
        const { frames, refused } = read([before, Buffer.from(`\n${answer}`)]);
        expect(refused || frames.at(-1)?.text['proc/loadavg'] === '0.03 0.10 0.08 2/96 7590\n').toBe(true);
      }),
    );
  });
});
