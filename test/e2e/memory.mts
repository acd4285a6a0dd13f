/** The memory of this machine: taken and given back, and as the panel writes it. */
import fs from 'node:fs';
import { run } from '../../scripts/processes.mjs';
import { expect } from './fixtures.mts';

/** MemAvailable of /proc/meminfo. */
export function availableBytes(): number {
  const line = /^MemAvailable: +(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'));
  return Number(line?.[1]) * 1024;
}

/** What may be taken for a moment without harm to whatever else runs here. */
export function spareBytes(): number {
  const available = availableBytes();
  return Math.round(available > 16e9 ? 6e9 : Math.min(1.5e9, available / 4));
}

/** Takes that much memory, keeps it for that long and gives it back. */
export async function holdMemory(bytes: number, ms: number): Promise<void> {
  // In pieces: one buffer of Node 20 is at most 4 GiB.
  const script = `
    const held = [];
    for (let left = ${bytes}; left > 0; left -= 2 ** 30) held.push(Buffer.alloc(Math.min(left, 2 ** 30), 1));
    setTimeout(() => held.splice(0), ${ms});`;
  const { code } = await run(process.execPath, ['-e', script]);
  expect(code).toBe(0);
}

/** `21.5 GiB` in bytes. */
export function bytesOf(text: string): number {
  const [, number, unit = ''] = /([\d.]+) ([KMGT])iB/.exec(text) ?? [];
  return Number(number) * 1024 ** (1 + 'KMGT'.indexOf(unit));
}
