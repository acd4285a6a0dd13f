import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Capture } from '../../src/core/capture';

/** Writes one JSON line per capture, in the order in which they came; compressed where the name ends in `.gz`. */
export function writeRecording(file: string, captures: readonly Capture[]): void {
  const lines = captures.map((capture) => `${JSON.stringify(capture)}\n`).join('');
  writeFileSync(file, file.endsWith('.gz') ? gzipSync(lines, { level: 9 }) : lines);
}
