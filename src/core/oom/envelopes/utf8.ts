/** Bytes as text; each that is no UTF-8 becomes U+FFFD. @param bytes what is no number of a byte is left out. */
export function textOfBytes(bytes: readonly unknown[]): string {
  const known = bytes.filter((byte): byte is number => isByte(byte));
  let text = '';
  for (let at = 0; at < known.length;) {
    const length = sequenceLength(known[at] ?? 0);
    const code = length === 0 ? undefined : codePoint(known.slice(at, at + length), length);
    text += code === undefined ? '\ufffd' : String.fromCodePoint(code);
    at += code === undefined ? 1 : length;
  }
  return text;
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256;
}

/** @returns how many bytes a character has that begins with this one; 0 where none does. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The least number that needs so many bytes: a longer form of a smaller one is no UTF-8. */
const least = [0, 0, 0x80, 0x800, 0x10000];

function codePoint(bytes: readonly number[], length: number): number | undefined {
  const [first = 0, ...others] = bytes;
  if (bytes.length < length || others.some((byte) => byte >> 6 !== 2)) return undefined;
  const code = others.reduce(
    (value, byte) => value * 64 + (byte & 63),
    length === 1 ? first : first & (0x7f >> length),
  );
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code < (least[length] ?? 0) || code > 0x10ffff || isSurrogate ? undefined : code;
}
