import { execFileSync } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentOf, type Resident } from '../processes';
import type { Running, Start } from './children';
import { ControlGroup } from './controlGroup';

/**
 * As process 1 of a pid namespace: starts the command in the group. `/proc` is not mounted anew, so the command sees the
 * whole machine; the namespace only numbers what it starts, and takes all of it along when it ends.
 */
const starter = '(echo 0 >"$1/cgroup.procs" && shift && exec "$@") & wait';

/** One command of a tool, with all that it starts counted. */
export class ToolRun {
  private over = false;

  private constructor(
    private readonly group: ControlGroup,
    private readonly running: Running,
    private readonly logFile: string,
  ) {
    void running.ended.then(() => (this.over = true));
  }

  /** Resolves when it runs. @throws where it ended at once. */
  static async start(
    start: Start,
    command: readonly string[],
    options: { readonly name: string; readonly logFile: string; readonly env?: NodeJS.ProcessEnv },
  ): Promise<ToolRun> {
    const { name, logFile, env } = options;
    const group = ControlGroup.of('cpuacct', name);
    const nothing = openSync('/dev/null', 'w');
    const log = openSync(logFile, 'w');
    const args = ['--pid', '--fork', '--kill-child', 'sh', '-c', starter, 'bench', group.folder, ...command];
    const running = start('unshare', args, { ...(env && { env }), output: nothing, errors: log });
    closeSync(nothing);
    closeSync(log);
    const run = new ToolRun(group, running, logFile);
    try {
      const deadline = performance.now() + 5000;
      while (group.pids.length === 0) {
        run.check();
        if (performance.now() > deadline) throw new Error('it did not start within 5 s');
        await sleep(10);
      }
      return run;
    } catch (error) {
      await run.stop();
      throw error;
    }
  }

  /** @throws with what it said, where it has ended. */
  check(): void {
    if (!this.over) return;
    const said = readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-2).join(' ');
    throw new Error(said === '' ? 'it ended' : `it ended: ${said}`);
  }

  /** Processor time, in ms. */
  get usedMs(): number {
    return this.group.usedMs;
  }

  get resident(): Resident[] {
    return this.group.pids.map(residentOf);
  }

  /**
   * The number that the next process or thread of the namespace gets. To look takes one, so between two looks
   * one more is used than the tool has started.
   */
  nextNumber(): number {
    const [pid = 0] = this.group.pids;
    return Number(
      execFileSync('nsenter', ['--target', String(pid), '--pid', 'sh', '-c', 'echo $$'], {
        encoding: 'utf8',
      }),
    );
  }

  async stop(): Promise<void> {
    await this.group.remove();
    await this.running.stop();
  }
}
