import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** How long the tools wait between their two readings; /proc changes in the middle. */
export const replaySeconds = 3;

/** Texts of files under /proc by path, as in a capture. */
type Texts = Readonly<Record<string, string>>;

/**
 * What programs print of a /proc that is not the machine's: they run in a mount namespace with a tmpfs over /proc, which
 * holds `start` and then, between the two readings of each program, `end`. Needs root.
 *
 * Files are written in place, for procps keeps them open. Directories of processes belong to their effective users, by whom
 * `top` goes. `iostat` reads /sys/block/DISK/stat, which are the lines of /proc/diskstats without the first three columns.
 * @param folder a folder of one's own on a disk.
 * @param during commands that read twice, `replaySeconds` apart, by name.
 * @param after commands that read once, at the end.
 * @returns their standard output by name.
 */
export async function printedOver(
  { start, end }: { readonly start: Texts; readonly end: Texts },
  folder: string,
  during: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  write(join(folder, 'start'), start);
  write(join(folder, 'end'), end);
  const printed = (name: string): string => join(folder, `${name}.txt`);
  const script = [
    'set -e',
    `cat /proc/cpuinfo > ${folder}/cpuinfo`,
    'mount -t tmpfs none /proc',
    `cp -r ${folder}/start/. /proc/`,
    // procps wants these: the machine's own processors, and a process (any one) that it is itself.
    'mkdir -p /proc/self /proc/sys/kernel',
    `cp ${folder}/cpuinfo /proc/cpuinfo`,
    'set -- /proc/[0-9]*',
    'cp $1/stat /proc/self/stat',
    'echo 4194304 > /proc/sys/kernel/pid_max',
    `mkdir ${folder}/block`,
    `mount --bind ${folder}/block /sys/block`,
    disksScript,
    ownersScript,
    ...Object.entries(during).map(([name, command]) => `${command} > ${printed(name)} &`),
    `sleep ${replaySeconds / 2}`,
    `cp -r ${folder}/end/. /proc/`,
    `for folder in /proc/[0-9]*; do [ -e ${folder}/end/\${folder#/proc/} ] || rm -r $folder; done`,
    disksScript,
    ownersScript,
    'wait',
    ...Object.entries(after).map(([name, command]) => `${command} > ${printed(name)}`),
  ].join('\n');
  await promisify(execFile)('unshare', ['--mount', 'sh', '-c', script], {
    env: { ...process.env, LC_ALL: 'C', S_COLORS: 'never', HOME: folder },
  });
  const names = [...Object.keys(during), ...Object.keys(after)];
  return Object.fromEntries(names.map((name) => [name, readFileSync(printed(name), 'utf8')]));
}

/** Starts no process but `chown`, of those that are not root's. */
const ownersScript = `for folder in /proc/[0-9]*; do
  while read -r word real effective rest; do
    if [ "$word" = Uid: ] && [ "$effective" != 0 ]; then chown $effective $folder; fi
  done < $folder/status
done`;

/** Partitions have no folder of their own under /sys/block; here they have, for the tools do not look which they are. */
const disksScript = `while read -r major minor name rest; do
  mkdir -p /sys/block/$name
  echo "$rest" > /sys/block/$name/stat
done < /proc/diskstats`;

function write(folder: string, texts: Texts): void {
  for (const [path, text] of Object.entries(texts)) {
    if (!path.startsWith('proc/')) continue;
    const file = join(folder, path.slice('proc/'.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
