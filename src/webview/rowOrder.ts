interface Keyed {
  readonly key: string;
}

/** The new rows in the order in which those of them that were there stood; what is new comes last. */
export function inOrderOf<Row extends Keyed>(before: readonly Row[], rows: readonly Row[]): readonly Row[] {
  const places = new Map(before.map(({ key }, index) => [key, index]));
  const placeOf = ({ key }: Row): number => places.get(key) ?? before.length;
  return [...rows].sort((one, other) => placeOf(one) - placeOf(other));
}

/** The new rows, and among them those that were there before and have gone, each after the one that it stood after. */
export function withFormer<Row extends { readonly id: string }>(
  before: readonly Row[],
  rows: readonly Row[],
  goneOf: (row: Row) => Row,
): readonly Row[] {
  const all = [...rows];
  before.forEach((row, index) => {
    if (all.some(({ id }) => id === row.id)) return;
    const above = before[index - 1];
    all.splice(above ? all.findIndex(({ id }) => id === above.id) + 1 : 0, 0, goneOf(row));
  });
  return all;
}

/**
 * The row that takes the place of one that was there before: itself, or the nearest below it that is still there, or else
 * the nearest above it, or else the one that stands there now. Undefined: there is none left.
 */
export function successorOf(
  key: string,
  before: readonly string[],
  after: readonly string[],
): string | undefined {
  const place = before.indexOf(key);
  const there = new Set(after);
  return (
    before.slice(place).find((each) => there.has(each)) ??
    before
      .slice(0, place)
      .reverse()
      .find((each) => there.has(each)) ??
    after[Math.min(place, after.length - 1)]
  );
}
