import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Built once for all clones of the project. */
const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'remote-memory-diagnostics',
  'tiny',
);

export interface TinyVmOptions {
  readonly memoryMb?: number;
  /** What its disk may do, reads and writes together. */
  readonly diskBytesPerSecond?: number;
}

/**
 * Boots a whole small Linux machine of one's own: one emulated processor, no swap, no network but ssh (user root) on a
 * free port of 127.0.0.1. What it writes to its disk is forgotten. The first time it is built, which takes a while.
 * @throws Error with the end of its console where it does not come up within 60 s.
 */
export async function startTinyVm({
  memoryMb = 160,
  diskBytesPerSecond = 30 << 20,
}: TinyVmOptions = {}): Promise<TinyVm> {
  await buildTinyVm();
  const port = await freePort();
  // setpriv: QEMU ends with us even when we are killed.
  const qemu = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machine(memoryMb, diskBytesPerSecond, port)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const vm = new TinyVm(port, qemu);
  try {
    await vm.ready(60_000);
  } catch (error) {
    await vm.stop();
    throw new Error(`the tiny VM did not come up:\n${vm.console()}`, { cause: error });
  }
  return vm;
}

/** Makes the images where they are missing or made by an older script. @throws Error with what the script said. */
export async function buildTinyVm(): Promise<void> {
  await run('bash', [join(import.meta.dirname, 'buildTiny.sh'), cache]);
}

export class TinyVm {
  /** Private key of root, without a passphrase. */
  readonly keyFile = join(cache, 'id');
  /** Its host key as a line for known_hosts, under the address at which it listens. */
  readonly knownHostsLine: string;
  private output = '';

  constructor(
    readonly port: number,
    private readonly qemu: ChildProcess,
  ) {
    const [, type = '', key = ''] = readFileSync(join(cache, 'known_hosts'), 'utf8').trim().split(' ');
    this.knownHostsLine = `[127.0.0.1]:${port} ${type} ${key}`;
    for (const stream of [qemu.stdout, qemu.stderr]) {
      stream?.on('data', (data: Buffer) => (this.output = (this.output + data.toString()).slice(-16_384)));
    }
  }

  /** The end of what it wrote to its console. */
  console(): string {
    return this.output;
  }

  /**
   * Runs a command in it. @returns its standard output.
   * @throws Error where it fails or does not end in time, as may well be on a machine short of memory.
   */
  async ssh(command: string, timeoutMs = 30_000): Promise<string> {
    const options = {
      IdentitiesOnly: 'yes',
      HostKeyAlias: 'tiny',
      StrictHostKeyChecking: 'yes',
      UserKnownHostsFile: join(cache, 'known_hosts'),
      BatchMode: 'yes',
      LogLevel: 'ERROR',
    };
    const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const target = ['-F', 'none', '-i', this.keyFile, '-p', String(this.port), 'root@127.0.0.1', command];
    const { stdout } = await run('ssh', [...args, ...target], { timeout: timeoutMs, killSignal: 'SIGKILL' });
    return stdout;
  }

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

  /** Names of the programs that run in it, sorted, with those of the login that asks. */
  async programs(): Promise<string[]> {
    const list = 'for p in /proc/[0-9]*; do [ -e $p/exe ] && read -r name <$p/comm && echo $name; done; true';
    return (await this.ssh(list)).trim().split('\n').sort();
  }

  /** A section of ssh_config for it. @param knownHostsFile a file that holds {@link knownHostsLine} */
  sshConfig(alias: string, knownHostsFile: string): string {
    const lines = [
      'HostName 127.0.0.1',
      `Port ${this.port}`,
      'User root',
      `IdentityFile ${this.keyFile}`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${knownHostsFile}`,
      'GlobalKnownHostsFile none',
    ];
    return `Host ${alias}\n${lines.map((line) => `  ${line}\n`).join('')}`;
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    if (!this.isAlive()) return;
    const exit = once(this.qemu, 'exit');
    this.qemu.kill('SIGKILL');
    await exit;
  }

  /** Resolves when it can be logged in to. */
  async ready(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (!this.isAlive()) throw new Error('QEMU ended by itself');
      try {
        if (this.output.includes('READY')) {
          await this.ssh('true', 10_000);
          return;
        }
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      if (Date.now() > deadline) throw new Error('it took too long');
      await sleep(50);
    }
  }

  private isAlive(): boolean {
    return this.qemu.pid !== undefined && this.qemu.exitCode === null && this.qemu.signalCode === null;
  }
}

function machine(memoryMb: number, diskBytesPerSecond: number, port: number): string[] {
  return [
    ...['-M', 'q35,usb=off,vmport=off', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1'],
    ...['-m', String(memoryMb), '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', join(cache, 'vmlinuz'), '-initrd', join(cache, 'initrd.img')],
    ...['-append', 'console=ttyS0 quiet psi=1 mitigations=off net.ifnames=0 panic=-1'],
    '-drive',
    `file=${join(cache, 'root.raw')},if=none,id=disk,format=raw,snapshot=on,throttling.bps-total=${diskBytesPerSecond}`,
    ...['-device', 'virtio-blk-pci,drive=disk'],
    ...[
      '-netdev',
      `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`,
      '-device',
      'virtio-net-pci,netdev=net',
    ],
    ...['-device', 'virtio-rng-pci', '-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
