/** How files begin that are no text, and what to do with them. */
const beginnings: readonly (readonly [bytes: readonly number[], reason: string])[] = [
  [[0x1f, 0x8b], 'is compressed: gzip -dc FILE | npm run -s headless -- oom -'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'is compressed: xz -dc FILE | npm run -s headless -- oom -'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed: zstd -dc FILE | npm run -s headless -- oom -'],
  [[0x42, 0x5a, 0x68], 'is compressed: bzip2 -dc FILE | npm run -s headless -- oom -'],
  [
    [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48],
    'is a file of the journal: journalctl --file FILE | npm run -s headless -- oom -',
  ],
  [[0x7f, 0x45, 0x4c, 0x46], 'is a program, not a log'],
];

/** @param start the first bytes of a file. @returns in words why it cannot be read as a log; undefined for text. */
export function notTextBecause(start: Uint8Array): string | undefined {
  const known = beginnings.find(([bytes]) => bytes.every((byte, index) => start[index] === byte));
  if (known !== undefined) return known[1];
  if (encodingOf(start) === 'utf16le') return undefined;
  const looked = start.subarray(0, 8192);
  // Text has a line feed now and then. A log after a crash has runs of NUL in it, and that of a console any byte.
  const strange = looked.filter((byte) => byte < 7 || (byte > 13 && byte < 27)).length;
  return (strange > looked.length / 5 && !looked.includes(10)) || strange > looked.length / 2
    ? 'is not text'
    : undefined;
}

/** PowerShell writes `ssh host dmesg > file` in UTF-16, with a mark at its head. */
export function encodingOf(start: Uint8Array): 'utf8' | 'utf16le' {
  return start[0] === 0xff && start[1] === 0xfe ? 'utf16le' : 'utf8';
}
