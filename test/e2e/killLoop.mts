import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryCgroup } from '../host/lab/memoryCgroup';

/** Takes a megabyte every tenth of a second: what comes and goes at once is seen by nobody. */
const slowly = 'while (1) { push @held, "x" x 1048576; select(undef, undef, undef, 0.1) }';

/** A shell that starts a hog again whenever the kernel has killed it, in a memory cgroup of its own. */
export class KillLoop {
  private constructor(
    /** Of the shell. */
    readonly pid: number,
    readonly cgroup: MemoryCgroup,
    private readonly folder: string,
  ) {}

  /** @param name of the hog, at most 15 bytes. */
  static async start(name: string, limitMb: number): Promise<KillLoop> {
    const folder = mkdtempSync(join(tmpdir(), 'kill-loop-'));
    const cgroup = MemoryCgroup.create(`kill-loop-${process.pid}-${Date.now()}`);
    await cgroup.limit(limitMb << 20);
    const hog = join(folder, name);
    symlinkSync('/usr/bin/perl', hog);
    const shell = cgroup.spawn('/bin/sh', '-c', 'while :; do "$0" -e "$1"; done', hog, slowly);
    if (shell.pid === undefined) throw new Error('the shell was not started');
    return new KillLoop(shell.pid, cgroup, folder);
  }

  /** Ends all that it started. */
  async stop(): Promise<void> {
    await this.cgroup.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
