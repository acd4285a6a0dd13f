// The processes of this machine, by /proc.
import fs from 'node:fs';

/**
 * @typedef {{ pid: number, parent: number, name: string }} ProcessEntry
 *   name: at most 15 bytes, as in /proc/PID/stat
 */

/**
 * All processes that there are now, zombies too.
 * @returns {ProcessEntry[]}
 */
export function processTable() {
  const table = [];
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [, name = '', parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat) ?? [];
      table.push({ pid: Number(pid), parent: Number(parent), name });
    } catch {
      // It has ended in the meantime.
    }
  }
  return table;
}

/**
 * The pids of all descendants of a process, parents first.
 * @param {number} pid
 * @param {readonly ProcessEntry[]} [table]
 * @returns {number[]}
 */
export function descendants(pid, table = processTable()) {
  return table
    .filter(({ parent }) => parent === pid)
    .flatMap((child) => [child.pid, ...descendants(child.pid, table)]);
}
