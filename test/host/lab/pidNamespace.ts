import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { once } from 'node:events';

/** Why no PID namespace can be made here, in words; undefined where it can. */
export function pidNamespaceObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'PID namespaces need Linux';
  if (process.getuid?.() !== 0) return 'a PID namespace needs root';
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `unshare cannot make a PID namespace: ${String(error)}`;
  }
}

/*
 * The first process of the namespace: starts what is to be watched, and then answers with builtins of the shell, so that
 * looking at the namespace changes nothing in it. The last field of /proc/loadavg is the pid given out last, in the
 * namespace of the process that reads it (fs/proc/loadavg.c, as ns_last_pid).
 */
const init = `
"$@" &
while read -r question; do
  case $question in
  last-pid) read -r load </proc/loadavg; echo "\${load##* }" ;;
  start-one) cat </dev/null; echo started ;;
  esac
done`;

/** A PID namespace in which one command runs. Nobody outside takes a pid of it, so its pids count what is started. */
export class PidNamespace {
  private readonly child: ChildProcess;
  private readonly answers: Interface;

  /** @param command runs with all that it starts inside, until {@link stop}, or until this process ends. */
  constructor(command: readonly string[]) {
    const args = ['--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', init, 'sh', ...command];
    this.child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    if (!this.child.stdout) throw new Error('no pipe');
    this.answers = createInterface({ input: this.child.stdout });
  }

  /** The pid that was given out last: each process (and thread) that is started raises it. */
  async lastPid(): Promise<number> {
    return Number(await this.ask('last-pid'));
  }

  /** Starts one program inside, to its end. */
  async startOne(): Promise<void> {
    await this.ask('start-one');
  }

  /** What runs inside (of that name only), by the pids of this process's own namespace. */
  pids(name?: string): number[] {
    const namespace = readlinkSync(`/proc/${String(this.child.pid)}/ns/pid_for_children`);
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && linkOf(`/proc/${entry}/ns/pid`) === namespace)
      .map(Number)
      .filter((pid) => name === undefined || nameOf(pid) === name);
  }

  /** Ends everything inside. */
  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    await ended;
  }

  private async ask(question: string): Promise<string> {
    const answered = once(this.answers, 'line');
    this.child.stdin?.write(`${question}\n`);
    const [line] = (await answered) as [string];
    return line;
  }
}

/** Whether each of the processes is traced by somebody. */
export function areTraced(pids: readonly number[]): boolean {
  return pids.every((pid) => /^TracerPid:\s+[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
}

/** As the kernel has it: cut to 15 bytes. */
function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // it has ended meanwhile
  }
}
