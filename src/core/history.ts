/**
 * The last entries of one host, in the order in which they came. Bounded: the oldest goes when it is full. A gap in time
 * stays a gap.
 */
export class History<T extends { readonly at: number }> {
  #entries: T[] = [];
  /** Where the oldest entry is, once the ring is full. */
  #oldest = 0;

  /** @param capacity 3600: an hour at one sample a second. */
  constructor(readonly capacity = 3600) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`capacity ${capacity} is not at least 1`);
  }

  get length(): number {
    return this.#entries.length;
  }

  get last(): T | undefined {
    return this.#entries.at(this.#oldest - 1);
  }

  push(entry: T): void {
    if (this.#entries.length < this.capacity) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.capacity;
  }

  /** All entries, or those whose `at` is not before `time`; oldest first. */
  since(time = -Infinity): T[] {
    return [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)].filter(
      (entry) => entry.at >= time,
    );
  }

  clear(): void {
    this.#entries = [];
    this.#oldest = 0;
  }
}
