import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the images of a machine are, built once for all clones of the project. */
export function cacheFolder(name: string): string {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(caches, 'remote-memory-diagnostics', name);
}

/** Debian's kernel, one for all machines. See debianKernel.sh. */
export const kernelFolder = cacheFolder('kernel');

/** A machine without swap, and without network but ssh. */
export interface Machine {
  /** Its host key stands under this name in `known_hosts`. */
  readonly name: string;
  /** With `initrd.img`, `root.raw`, the private key `id` of root, without a passphrase, and `known_hosts`. */
  readonly folder: string;
  readonly memoryMb: number;
  readonly processors: number;
  /** What its disk may do, reads and writes together. */
  readonly diskBytesPerSecond: number;
  /** It may take so long until one can log in. */
  readonly bootMs: number;
  /** It starts again when it is told to or has panicked, with what it wrote to its disk; else QEMU ends then. */
  readonly reboots?: boolean;
}

/**
 * Boots a machine under QEMU, all emulated, reachable by ssh (user root) on a free port of 127.0.0.1. What it writes to
 * its disk is forgotten. It writes READY to its console when one can log in.
 * @throws Error with the end of its console where it does not come up in time.
 */
export async function boot<Vm extends VirtualMachine>(
  machine: Machine,
  Kind: new (machine: Machine, port: number, qemu: ChildProcess) => Vm,
): Promise<Vm> {
  const port = await freePort();
  // setpriv: QEMU ends with us even when we are killed.
  const qemu = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuOptions(machine, port)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const vm = new Kind(machine, port, qemu);
  try {
    await vm.ready(machine.bootMs);
  } catch (error) {
    await vm.stop();
    throw new Error(`the machine "${machine.name}" did not come up:\n${vm.console()}`, { cause: error });
  }
  return vm;
}

export class VirtualMachine {
  /** Private key of root, without a passphrase. */
  readonly keyFile: string;
  /** Its host key as a line for known_hosts, under the address at which it listens. */
  readonly knownHostsLine: string;
  private output = '';

  constructor(
    private readonly machine: Machine,
    readonly port: number,
    private readonly qemu: ChildProcess,
  ) {
    this.keyFile = join(machine.folder, 'id');
    const [, type = '', key = ''] = readFileSync(this.knownHostsFile, 'utf8').trim().split(' ');
    this.knownHostsLine = `[127.0.0.1]:${port} ${type} ${key}`;
    for (const stream of [qemu.stdout, qemu.stderr]) {
      stream?.on('data', (data: Buffer) => (this.output = (this.output + data.toString()).slice(-1_000_000)));
    }
  }

  /** What it wrote to its console; the end of it, where that is more than a megabyte. */
  console(): string {
    return this.output;
  }

  /**
   * Runs a command in it. @param input for its standard input. @returns its standard output.
   * @throws Error where it fails or does not end in time, as may well be on a machine short of memory.
   */
  async ssh(command: string, timeoutMs = 30_000, input?: Uint8Array): Promise<string> {
    const options = {
      IdentitiesOnly: 'yes',
      HostKeyAlias: this.machine.name,
      StrictHostKeyChecking: 'yes',
      UserKnownHostsFile: this.knownHostsFile,
      BatchMode: 'yes',
      LogLevel: 'ERROR',
    };
    const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const target = ['-F', 'none', '-i', this.keyFile, '-p', String(this.port), 'root@127.0.0.1', command];
    const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 16 << 20 } as const;
    const ended = run('ssh', [...args, ...target], limits);
    if (input) ended.child.stdin?.end(input);
    return (await ended).stdout;
  }

  /** A section of ssh_config for it. @param knownHostsFile a file that holds {@link knownHostsLine} */
  sshConfig(alias: string, knownHostsFile: string, user = 'root'): string {
    const lines = [
      'HostName 127.0.0.1',
      `Port ${this.port}`,
      `User ${user}`,
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

  private get knownHostsFile(): string {
    return join(this.machine.folder, 'known_hosts');
  }

  private isAlive(): boolean {
    return this.qemu.pid !== undefined && this.qemu.exitCode === null && this.qemu.signalCode === null;
  }
}

function qemuOptions(machine: Machine, port: number): string[] {
  const { folder, memoryMb, processors, diskBytesPerSecond, reboots = false } = machine;
  return [
    ...['-M', 'q35,usb=off,vmport=off', '-accel', 'tcg,thread=multi', '-cpu', 'max'],
    ...['-smp', String(processors), '-m', String(memoryMb)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', ...(reboots ? [] : ['-no-reboot'])],
    ...['-kernel', join(kernelFolder, 'vmlinuz'), '-initrd', join(folder, 'initrd.img')],
    '-append',
    'console=ttyS0 quiet psi=1 mitigations=off net.ifnames=0 panic=-1 systemd.show_status=0',
    '-drive',
    `file=${join(folder, 'root.raw')},if=none,id=disk,format=raw,snapshot=on,throttling.bps-total=${diskBytesPerSecond}`,
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
