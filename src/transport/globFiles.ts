import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { matchesPattern } from './pattern';

/** The existing files that an absolute path with `*` and `?` stands for, sorted. Names with a leading dot only where the pattern has it. */
export async function expandGlob(pattern: string): Promise<string[]> {
  const { root } = path.parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split(/[/\\]/).filter(Boolean)) {
    found = /[*?]/.test(part)
      ? (await Promise.all(found.map((folder) => entries(folder, part)))).flat()
      : found.map((folder) => path.join(folder, part));
  }
  const exists = await Promise.all(
    found.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.filter((_, index) => exists[index]);
}

async function entries(folder: string, pattern: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith('.') === pattern.startsWith('.') && matchesPattern(name, pattern))
    .sort()
    .map((name) => path.join(folder, name));
}
