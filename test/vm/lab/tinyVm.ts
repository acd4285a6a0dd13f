import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { boot, cacheFolder, kernelFolder, VirtualMachine } from './virtualMachine';

const run = promisify(execFile);

const cache = cacheFolder('tiny');

export interface TinyVmOptions {
  readonly memoryMb?: number;
  /** What its disk may do, reads and writes together. */
  readonly diskBytesPerSecond?: number;
  /** Whether it may be started again, see {@link TinyVm.reboot}. */
  readonly reboots?: boolean;
}

/**
 * Boots a whole small Linux machine of one's own: one emulated processor, busybox, dropbear. The first time it is built,
 * which takes a while.
 * @throws Error with the end of its console where it does not come up within 60 s.
 */
export async function startTinyVm({
  memoryMb = 160,
  diskBytesPerSecond = 30 << 20,
  reboots = false,
}: TinyVmOptions = {}): Promise<TinyVm> {
  await buildTinyVm();
  const machine = {
    name: 'tiny',
    folder: cache,
    memoryMb,
    processors: 1,
    diskBytesPerSecond,
    bootMs: 60_000,
    reboots,
  };
  return boot(machine, TinyVm);
}

/** Makes the images where they are missing or made by an older script. @throws Error with what the script said. */
export async function buildTinyVm(): Promise<void> {
  await run('bash', [join(import.meta.dirname, 'buildTiny.sh'), cache, kernelFolder]);
}

const smallGroup = '/sys/fs/cgroup/small';

export class TinyVm extends VirtualMachine {
  /** Processes killed for want of memory since its boot, as /proc/vmstat counts. */
  async oomKills(timeoutMs = 30_000): Promise<number> {
    const count = /^oom_kill (\d+)$/m.exec(await this.ssh('cat /proc/vmstat', timeoutMs))?.[1];
    if (count === undefined) throw new Error('/proc/vmstat has no oom_kill');
    return Number(count);
  }

  /**
   * Starts a program whose code fills the page cache, and in the half minute after it four that take more than there
   * is and are started again whenever they are killed: thrashing, and an OOM kill every few seconds.
   */
  async startRespawningLoad(): Promise<void> {
    await this.ssh('setsid respawningLoad </dev/null >/dev/null 2>&1 &');
  }

  /**
   * Ends what {@link startRespawningLoad} started.
   * @throws Error where that does not come through in time.
   */
  async endRespawningLoad(timeoutMs: number): Promise<void> {
    await this.ssh('killall -9 respawningLoad hog', timeoutMs);
  }

  /** Stops the servers of all connections but the one that says so, for so many seconds. */
  async stopOtherServers(seconds: number): Promise<void> {
    const others =
      'for p in $(pidof dropbear); do [ $p = $PPID ] || [ $p = $(cat /tmp/dropbear.pid) ] || echo $p; done';
    await this.ssh(`others=$(${others}); kill -STOP $others; sleep ${seconds}; kill -CONT $others`);
  }

  /** Keeps a small process for a minute in the cgroup `/small`, so that who watches comes to know that. */
  async liveInSmallGroup(): Promise<void> {
    const script = `mkdir -p ${smallGroup}; echo $$ >${smallGroup}/cgroup.procs; exec sleep 60`;
    await this.ssh(`setsid sh -c '${script}' </dev/null >/dev/null 2>&1 &`);
  }

  /** Ends what lives in the cgroup `/small`. */
  async emptySmallGroup(): Promise<void> {
    const members = `cat ${smallGroup}/cgroup.procs`;
    await this.ssh(`kill -9 $(${members}); while [ -n "$(${members})" ]; do sleep 0.1; done`);
  }

  /** Has one process killed for want of memory, which the cgroup `/small` is short of. */
  async killOne(): Promise<void> {
    const group = smallGroup;
    const script = `mkdir -p ${group}; echo 8M >${group}/memory.max; echo $$ >${group}/cgroup.procs; exec hog victim allocate 16 1`;
    await this.ssh(`sh -c '${script}' || true`);
  }

  /** Starts it again at once, as a hardware reset does: nobody is told, and nothing is closed. */
  async reboot(): Promise<void> {
    await this.ssh('(sleep 0.5; echo b >/proc/sysrq-trigger) >/dev/null 2>&1 </dev/null &');
  }

  /** Names of the programs that run in it, sorted, with those of the login that asks. */
  async programs(): Promise<string[]> {
    const list = 'for p in /proc/[0-9]*; do [ -e $p/exe ] && read -r name <$p/comm && echo $name; done; true';
    return (await this.ssh(list)).trim().split('\n').sort();
  }
}
