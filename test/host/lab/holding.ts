import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { MemoryCgroup } from './memoryCgroup';

/** A process of `hold.c` in a memory cgroup. */
export class Holder {
  /** Resolves with the signal that ended it; `null`: none did. */
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly #answers: AsyncIterator<string>;

  private readonly child: ChildProcessWithoutNullStreams;

  /** @param program the compiled `hold.c`; it holds nothing yet. */
  constructor(program: string, cgroup: MemoryCgroup, oomScoreAdj: number) {
    const script =
      'echo "$2" > "/proc/$$/oom_score_adj" && echo $$ > "$1/cgroup.procs" && shift 2 && exec "$@"';
    this.child = spawn('/bin/sh', ['-c', script, 'sh', cgroup.folder, String(oomScoreAdj), program]);
    this.ended = once(this.child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
    this.child.stdin.on('error', () => undefined); // it was killed
    this.#answers = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('it was not started');
    return pid;
  }

  /** Takes more. @throws Error where it ended before it had it. */
  async take(kind: 'anonymous' | 'shared', kib: number): Promise<void> {
    this.child.stdin.write(`${kind} ${kib}\n`);
    const { done } = await this.#answers.next();
    if (done === true) throw new Error(`${this.pid} has ended`);
  }

  /** Ends it, if the kernel has not. @returns whether the kernel has killed it. */
  async end(): Promise<boolean> {
    this.child.kill('SIGTERM');
    return (await this.ended) === 'SIGKILL';
  }
}
