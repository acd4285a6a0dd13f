/** A young history is small: it begins with room for this many rows. */
const fewestRows = 120;

/** Room beyond the rows that are kept, so that they need not be moved at every sample: a sixteenth. */
const spare = 16;

/**
 * Rows of numbers in the order of their times, in typed arrays. Bounded by number and by age, counted from the newest;
 * the oldest go. Times may come in any order, with the same result.
 */
export class SampleRows {
  #times = new Float64Array(fewestRows);
  #values: Float32Array;
  /** The rows are those from `#first` to before `#end`. */
  #first = 0;
  #end = 0;
  #droppedUpTo = -Infinity;

  constructor(
    private readonly rowLength: number,
    private readonly mostRows: number,
    private readonly mostAgeMs: number,
  ) {
    this.#values = new Float32Array(fewestRows * rowLength);
  }

  /** The most bytes that so many rows of this length take. */
  static mostBytes(rowLength: number, mostRows: number): number {
    const { BYTES_PER_ELEMENT } = Float32Array;
    return roomFor(mostRows) * (Float64Array.BYTES_PER_ELEMENT + rowLength * BYTES_PER_ELEMENT);
  }

  get length(): number {
    return this.#end - this.#first;
  }

  get bytes(): number {
    return this.#times.byteLength + this.#values.byteLength;
  }

  /** All rows that ever came and are later than this are here. */
  get droppedUpTo(): number {
    return this.#droppedUpTo;
  }

  /** The flat values of all rows, for {@link placeOf}. Valid until the next `put`. */
  get values(): Float32Array {
    return this.#values;
  }

  /** The time of the row at `index`, 0 for the oldest; NaN where there is none. */
  timeOf(index: number): number {
    return index < 0 || index >= this.length ? NaN : (this.#times[this.#first + index] ?? NaN);
  }

  /** Where the row at `index` begins in {@link values}. */
  placeOf(index: number): number {
    return (this.#first + index) * this.rowLength;
  }

  /** Index of the first row that is not before `at`. */
  indexOf(at: number): number {
    let low = this.#first;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? Infinity) < at) low = middle + 1;
      else high = middle;
    }
    return low - this.#first;
  }

  /** Two rows of one moment become one, with the higher of each two values. */
  put(at: number, row: Float32Array): void {
    if (at <= this.timeOf(this.length - 1) - this.mostAgeMs) {
      this.#droppedUpTo = Math.max(this.#droppedUpTo, at);
      return;
    }
    const index = this.indexOf(at);
    if (this.timeOf(index) === at) this.#raise(this.placeOf(index), row);
    else this.#insert(index, at, row);
    this.#trim();
  }

  #raise(place: number, row: Float32Array): void {
    row.forEach((value, column) => {
      const before = this.#values[place + column] ?? NaN;
      if (value > before || Number.isNaN(before)) this.#values[place + column] = value;
    });
  }

  #insert(index: number, at: number, row: Float32Array): void {
    if (this.#end === this.#times.length) this.#makeRoom();
    const place = this.#first + index;
    const { rowLength } = this;
    this.#times.copyWithin(place + 1, place, this.#end);
    this.#values.copyWithin((place + 1) * rowLength, place * rowLength, this.#end * rowLength);
    this.#times[place] = at;
    this.#values.set(row, place * rowLength);
    this.#end += 1;
  }

  /** Moves the rows to the front, into larger arrays where these are almost full. */
  #makeRoom(): void {
    const room = this.#times.length;
    const larger = roomFor(this.length) <= room ? room : Math.min(2 * room, roomFor(this.mostRows));
    const times = larger === room ? this.#times : new Float64Array(larger);
    const values = larger === room ? this.#values : new Float32Array(larger * this.rowLength);
    times.set(this.#times.subarray(this.#first, this.#end));
    values.set(this.#values.subarray(this.placeOf(0), this.#end * this.rowLength));
    this.#times = times;
    this.#values = values;
    this.#end -= this.#first;
    this.#first = 0;
  }

  #trim(): void {
    const oldest = this.timeOf(this.length - 1) - this.mostAgeMs;
    while (this.length > this.mostRows || this.timeOf(0) <= oldest) {
      this.#droppedUpTo = Math.max(this.#droppedUpTo, this.timeOf(0));
      this.#first += 1;
    }
  }
}

function roomFor(rows: number): number {
  return Math.max(fewestRows, rows + Math.ceil(rows / spare));
}
