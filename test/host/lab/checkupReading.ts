import { readdirSync, readFileSync } from 'node:fs';
import type { CheckupSlice } from '../../../src/core/checkup/inputs';
import { checkupFamilySources, checkupSources } from '../../../src/core/survey/sources';

/** What a checkup reads of this machine, at once: whole files first, then those of all processes. */
export function checkupReading(): CheckupSlice {
  const hostUptimeMs = Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]) * 1000);
  const text: Record<string, string> = {};
  const unreadable: string[] = [];
  const read = (path: string): void => {
    try {
      text[path] = readFileSync(`/${path}`, 'utf8');
    } catch {
      unreadable.push(path);
    }
  };
  for (const { path } of Object.values(checkupSources)) read(path);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  // `statm` is for top, where it is given these texts: see replayedProc.ts.
  for (const pid of pids) {
    for (const file of ['stat', 'schedstat', 'status', 'statm']) read(`proc/${pid}/${file}`);
  }
  for (const name of readdirSync('/sys/class/net')) {
    for (const { path } of Object.values(checkupFamilySources)) read(path.replace('*', name));
  }
  // Of a process that ends meanwhile some files are missing: it is left out, as if it had ended before.
  const halves = new Set(unreadable.map((path) => /^proc\/\d+\//.exec(path)?.[0]));
  const whole = Object.entries(text).filter(([path]) => !halves.has(/^proc\/\d+\//.exec(path)?.[0] ?? ''));
  return { hostUptimeMs, text: Object.fromEntries(whole), unreadable, unchangedPids: [] };
}
