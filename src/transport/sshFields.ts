/** A text or bytes as SSH writes a string: length, then bytes (RFC 4251 section 5). */
export function stringField(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Several strings behind each other, which is how keys and signatures are written. */
export function stringFields(...values: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(values.map(stringField));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The bytes of a positive number (`mpint`): no needless zeros, but one before a first bit that would make it negative. */
export function positive(number: Buffer): Buffer {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start++;
  const bytes = number.subarray(start);
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

/**
 * Reads what SSH has written, field by field.
 * @throws {RangeError} from every method, where the bytes end too early
 */
export class FieldReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get rest(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64BE();
  }

  string(): Buffer {
    return this.take(this.uint32());
  }

  text(): string {
    return this.string().toString('utf8');
  }

  take(length: number): Buffer {
    if (length > this.rest) throw new RangeError('it ends too early');
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}
