/** A source of chance that gives the same again for the same seed: mulberry32, small and the same everywhere. */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed;
  }

  /** The seed that the environment variable SEED gives, else a new one; printed, so that a failure can be had again. */
  static seeded(what: string): Random {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    console.log(`${what}: SEED=${seed}`);
    return new Random(seed);
  }

  /** From 0 to less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)] as T;
  }

  /** From `least` to `most` of what `make` gives. */
  several<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + Math.floor(this.next() * (most - least + 1)) }, make);
  }
}
