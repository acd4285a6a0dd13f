import type { SeriesLayout } from './seriesLayout';

/** Buckets are allocated so many at a time: ten minutes of them. */
const blockLength = 60;

/** The records of one block, one after the other, and which of them there are. */
interface Block {
  readonly records: Float32Array;
  readonly present: Uint8Array;
}

/**
 * What each slice of time came to: a record a bucket, and none for a slice without samples. Bounded by a number of
 * buckets counted back from the newest. Times may come in any order, with the same result.
 */
export class DayBuckets {
  readonly #blocks = new Map<number, Block>();
  #newest = -Infinity;

  constructor(
    private readonly layout: SeriesLayout,
    /** The length of a bucket. */
    readonly widthMs: number,
    private readonly mostBuckets: number,
  ) {}

  /** The most bytes that so many buckets take: they may lie in one block more than they fill. */
  static mostBytes(layout: SeriesLayout, mostBuckets: number): number {
    const record = layout.recordLength * Float32Array.BYTES_PER_ELEMENT + Uint8Array.BYTES_PER_ELEMENT;
    return (Math.ceil(mostBuckets / blockLength) + 1) * blockLength * record;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { records, present } of this.#blocks.values())
      bytes += records.byteLength + present.byteLength;
    return bytes;
  }

  /** Merges a record into the bucket of its time. */
  put(at: number, record: Float32Array): void {
    const bucket = Math.floor(at / this.widthMs);
    if (bucket <= this.#newest - this.mostBuckets) return;
    if (bucket > this.#newest) {
      this.#newest = bucket;
      this.#dropOld();
    }
    const block = this.#blockOf(Math.floor(bucket / blockLength));
    const slot = bucket - Math.floor(bucket / blockLength) * blockLength;
    this.layout.merge(block.records, slot * this.layout.recordLength, record, 0);
    block.present[slot] = 1;
  }

  /**
   * Tells every bucket that there is and ends after `from`, before `to`, in the order of their times.
   * @param tell given when a bucket begins and where its record begins in `records`
   */
  each(from: number, to: number, tell: (at: number, records: Float32Array, place: number) => void): void {
    const first = Math.max(Math.floor(from / this.widthMs), this.#newest - this.mostBuckets + 1);
    const last = Math.min(Math.ceil(to / this.widthMs) - 1, this.#newest);
    for (let number = Math.floor(first / blockLength); number <= Math.floor(last / blockLength); number++) {
      const block = this.#blocks.get(number);
      if (!block) continue;
      const start = number * blockLength;
      const end = Math.min(blockLength - 1, last - start);
      for (let slot = Math.max(0, first - start); slot <= end; slot++) {
        if (block.present[slot] === 1) {
          tell((start + slot) * this.widthMs, block.records, slot * this.layout.recordLength);
        }
      }
    }
  }

  #blockOf(number: number): Block {
    const known = this.#blocks.get(number);
    if (known) return known;
    const records = new Float32Array(blockLength * this.layout.recordLength).fill(NaN);
    const block = { records, present: new Uint8Array(blockLength) };
    this.#blocks.set(number, block);
    return block;
  }

  #dropOld(): void {
    const oldest = Math.floor((this.#newest - this.mostBuckets + 1) / blockLength);
    for (const number of this.#blocks.keys()) if (number < oldest) this.#blocks.delete(number);
  }
}
