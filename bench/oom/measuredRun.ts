import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

export interface MeasuredRun {
  readonly seconds: number;
  /** Processor time of all of its processes that were waited for. */
  readonly processorSeconds: number;
  /** The most that its processes held together, as far as a look every 20 ms tells. */
  readonly peakRssBytes: number;
  readonly output: string;
}

const lookEveryMs = 20;

/** Runs a command to its end. @param feed writes its standard input. @throws {Error} where it fails. */
export async function measuredRun(
  command: string,
  args: readonly string[],
  feed?: (child: ChildProcess) => Promise<void>,
): Promise<MeasuredRun> {
  const startedAtMs = performance.now();
  const before = childrenSeconds();
  const child = spawn(command, args, { stdio: [feed ? 'pipe' : 'ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  let peakRssBytes = 0;
  const looking = setInterval(
    () => (peakRssBytes = Math.max(peakRssBytes, rssOfTree(child.pid ?? 0))),
    lookEveryMs,
  );
  const closed = once(child, 'close');
  try {
    await feed?.(child);
    const [code] = (await closed) as [number | null];
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}`);
  } finally {
    clearInterval(looking);
    child.kill('SIGKILL');
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const processorSeconds = childrenSeconds() - before;
  return { seconds, processorSeconds, peakRssBytes, output: Buffer.concat(chunks).toString() };
}

/** What a process and those that it started hold, in bytes. */
export function rssOfTree(root: number): number {
  const children = new Map<number, number[]>();
  const rss = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
      rss.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has ended.
    }
  }
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, child) => total + sum(child), rss.get(pid) ?? 0);
  return sum(root);
}

/** Processor time of all children that have ended (`cutime + cstime` of proc(5), in ticks of 10 ms). */
function childrenSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
