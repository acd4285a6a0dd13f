/** What is drawn of one chart at one moment: a value a series, null where there is none. */
export interface Row {
  readonly at: number;
  readonly values: readonly (number | null)[];
  /** Where the row stands for a time: lowest and highest of each series in it. */
  readonly range?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
}

/** A time in which the host told nothing, between two moments in ms. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** A pause between two samples is a hole when it is longer than this many usual intervals. */
const sampleHole = 3;

/** How many intervals on either side say what is usual: the interval is a setting, and old samples lie further apart. */
const neighbours = 3;

/**
 * The holes in ascending times. With fewer than three times nothing is known about what is usual.
 * @param factor a pause is a hole when it is longer than this many usual intervals
 */
export function findHoles(times: readonly number[], factor = sampleHole): Hole[] {
  const intervals = times.slice(1).map((at, index) => at - (times[index] ?? at));
  const shortest = intervals.reduce((least, interval) => Math.min(least, interval), Infinity);
  const holes: Hole[] = [];
  intervals.forEach((interval, index) => {
    if (interval <= factor * shortest) return;
    const before = median(intervals.slice(Math.max(0, index - neighbours), index));
    const after = median(intervals.slice(index + 1, index + 1 + neighbours));
    const usual = Math.max(before ?? 0, after ?? 0);
    const from = times[index];
    const to = times[index + 1];
    if (usual > 0 && interval > factor * usual && from !== undefined && to !== undefined)
      holes.push({ from, to });
  });
  return holes;
}

/** The middle of the intervals, the lower one of two; undefined where there is none. */
export function median(intervals: readonly number[]): number | undefined {
  return [...intervals].sort((a, b) => a - b)[Math.floor((intervals.length - 1) / 2)];
}

/**
 * Ends the lines at every hole with a row of nulls. A row alone between two holes is drawn `loneWidth` ms wide: a line
 * of one point would not be seen.
 */
export function breakAtHoles(rows: readonly Row[], holes: readonly Hole[], loneWidth: number): Row[] {
  const broken: Row[] = [];
  const ends = new Map(holes.map((hole) => [hole.from, hole]));
  let alone = false;
  for (const row of rows) {
    broken.push(row);
    const hole = ends.get(row.at);
    if (hole) {
      if (alone) broken.push({ ...row, at: Math.min(row.at + loneWidth, hole.to - 1) });
      broken.push({ at: hole.to - 0.5, values: row.values.map(() => null) });
    }
    alone = hole !== undefined;
  }
  return broken;
}

/**
 * Leaves out rows that would not be seen: of every slice of time those stay in which any series is lowest or highest,
 * and those beside a gap. Rows stay whole, so stacked values still sum up and a tooltip tells what was measured.
 * Slices lie on fixed moments, so the picture does not flicker while the window moves.
 * @param span length of the window in ms
 * @param atMost rows wanted; exceeded only by gaps
 */
export function thinOut(rows: readonly Row[], span: number, atMost: number): readonly Row[] {
  const series = rows[0]?.values.length ?? 0;
  if (rows.length <= atMost || series === 0) return rows;
  const width = span / Math.max(1, Math.floor(atMost / (2 * series)));
  const kept = new Uint8Array(rows.length);
  kept[0] = kept[rows.length - 1] = 1;
  for (let column = 0; column < series; column++) keepExtremes(rows, column, width, kept);
  return rows.filter((_, index) => kept[index] === 1);
}

/** Marks the rows in which one series is lowest or highest in its slice, or on either side of a gap. */
function keepExtremes(rows: readonly Row[], column: number, width: number, kept: Uint8Array): void {
  let slice = NaN;
  let low = { index: 0, value: Infinity };
  let high = { index: 0, value: -Infinity };
  let wasGap = false;
  const close = (): void => {
    if (low.value === Infinity) return;
    kept[low.index] = kept[high.index] = 1;
  };
  rows.forEach((row, index) => {
    const value = row.values[column] ?? null;
    if (index > 0 && (value === null) !== wasGap) kept[index - 1] = kept[index] = 1;
    wasGap = value === null;
    if (Math.floor(row.at / width) !== slice) {
      close();
      slice = Math.floor(row.at / width);
      low = { index, value: Infinity };
      high = { index, value: -Infinity };
    }
    if (value === null) return;
    if (value < low.value) low = { index, value };
    if (value > high.value) high = { index, value };
  });
  close();
}
