/**
 * Those with the greatest keys, greatest first; where keys are the same, in the order of `items`. Sorts no more than it
 * must, since it is asked every second about any number of processes.
 * @param keyOf undefined, NaN, 0 and less: not among them.
 */
export function greatest<T>(items: Iterable<T>, most: number, keyOf: (item: T) => number | undefined): T[] {
  if (!(most >= 1)) return [];
  const room = 2 * Math.floor(most) + 50;
  let kept: { readonly item: T; readonly key: number }[] = [];
  let least = 0;
  const cut = (): void => {
    kept.sort((one, other) => other.key - one.key);
    kept = kept.slice(0, most);
  };
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined || !(key > least)) continue;
    kept.push({ item, key });
    if (kept.length < room) continue;
    cut();
    least = kept.at(-1)?.key ?? 0;
  }
  cut();
  return kept.map(({ item }) => item);
}
