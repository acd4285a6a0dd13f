import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Capture } from '../../../src/core/capture';

const root = join(import.meta.dirname, '../../fixtures');

/** A folder of test/fixtures that holds what a host's /proc said; see the README there. */
export interface ProcFixture {
  readonly name: string;
  /** Texts by path, as in {@link Capture.text}. */
  readonly texts: Readonly<Record<string, string>>;
  /** The same host a moment later. */
  readonly later?: Readonly<Record<string, string>>;
  /** What real programs printed for these very texts, by file name, e.g. `free-b.txt`. */
  readonly printed: Readonly<Record<string, string>>;
  /** Where the expected objects are. */
  readonly expectedPath: string;
}

/** Every folder of test/fixtures that holds a `proc/meminfo`. */
export const procFixtures: readonly ProcFixture[] = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'proc/meminfo')))
  .map((name) => {
    const folder = join(root, name);
    const later = existsSync(join(folder, 'later')) ? textsUnder(join(folder, 'later')) : undefined;
    const printed = readdirSync(folder).filter((file) => file.endsWith('.txt'));
    return {
      name,
      texts: textsUnder(folder),
      ...(later && { later }),
      printed: Object.fromEntries(printed.map((file) => [file, readFileSync(join(folder, file), 'utf8')])),
      expectedPath: join(folder, 'expected.json'),
    };
  });

/** A capture as the monitor makes it, asked at 1000 ms and answered 40 ms later. */
export function captureOf(texts: Readonly<Record<string, string>>, seq = 1): Capture {
  const uptimeSeconds = Number(texts['proc/uptime']?.split(' ')[0]);
  return {
    bootId: 'b0071d00-0000-4000-8000-000000000000',
    seq,
    hostUptimeMs: Math.round(uptimeSeconds * 1000),
    askedAtMs: 1000,
    receivedAtMs: 1040,
    text: texts,
    unreadable: [],
  };
}

function textsUnder(folder: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const top of ['proc', 'sys']) {
    if (!existsSync(join(folder, top))) continue;
    for (const file of readdirSync(join(folder, top), { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, top, file);
      if (statSync(path).isFile()) texts[relative(folder, path)] = readFileSync(path, 'utf8');
    }
  }
  return texts;
}
