import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findProgram } from '../../../scripts/paths.mjs';
import { memoryCgroupObstacle } from './memoryCgroup';

const image = 'busybox-of-this-machine:latest';

/** Why there can be no Podman of one's own here, in words; undefined where there can. */
export function podmanObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'podman needs Linux';
  if (process.getuid?.() !== 0) return 'a private podman needs root';
  const programs = {
    podman: 'podman',
    conmon: 'conmon',
    runc: 'runc',
    busybox: 'busybox-static',
    tar: 'tar',
  };
  const missing = Object.entries(programs)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, debianPackage]) => debianPackage);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  return memoryCgroupObstacle();
}

/** A real Podman of one's own with its API at a socket: own folders and containers, no network. */
export class PrivatePodman {
  private constructor(
    private readonly folder: string,
    readonly socketPath: string,
    private readonly service: ChildProcess,
  ) {}

  /** @throws Error where its API does not answer within 20 s. */
  static async start(): Promise<PrivatePodman> {
    const folder = mkdtempSync(join(tmpdir(), 'podman-'));
    chmodSync(folder, 0o711);
    const socketPath = join(folder, 'podman.sock');
    importBusybox(folder);
    // setpriv: the service ends even when the test is killed.
    const service = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'TERM',
        'podman',
        ...flags(folder),
        'system',
        'service',
        '-t',
        '0',
        `unix://${socketPath}`,
      ],
      { stdio: 'ignore' },
    );
    const podman = new PrivatePodman(folder, socketPath, service);
    for (let attempt = 0; !existsSync(socketPath); attempt++) {
      if (attempt === 200 || service.exitCode !== null) {
        await podman.stop();
        throw new Error('the API of podman did not come up');
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return podman;
  }

  /** Starts a container that sleeps. @param options of `podman run`. @returns its id. */
  run(name: string, ...options: string[]): string {
    return this.start(name, ['/bin/sleep', '86400'], options);
  }

  /** Starts a container. @param options of `podman run`. @returns its id. */
  start(name: string, command: readonly string[], options: readonly string[] = []): string {
    return this.podman(
      ...[
        'run',
        '--detach',
        '--name',
        name,
        '--network',
        'none',
        '--cgroup-parent',
        `/${basename(this.folder)}`,
      ],
      ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'],
      ...options,
      ...[image, ...command],
    ).trim();
  }

  /** What `podman inspect` says, by a Go template. */
  inspect(name: string, format: string): string {
    return this.podman('container', 'inspect', '--format', format, name).trim();
  }

  /** The names of those that run, sorted. */
  running(): string[] {
    return this.podman('ps', '--format', '{{.Names}}').split('\n').filter(Boolean).sort();
  }

  /** Ends everything and leaves nothing. */
  async stop(): Promise<void> {
    try {
      this.podman('rm', '--force', '--all', '--time', '0');
    } finally {
      if (this.service.exitCode === null) {
        this.service.kill('SIGTERM');
        await once(this.service, 'exit');
      }
      for (const mount of mountsUnder(this.folder).reverse()) execFileSync('umount', ['-l', mount]);
      await removeCgroups(basename(this.folder));
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
  }

  private podman(...args: string[]): string {
    return run(this.folder, args);
  }
}

function flags(folder: string): string[] {
  return [
    ...['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--tmpdir', join(folder, 'tmp')],
    // crun refuses hybrid cgroups, and there may be no systemd and no journal here.
    ...[
      '--storage-driver',
      'vfs',
      '--runtime',
      'runc',
      '--cgroup-manager',
      'cgroupfs',
      '--events-backend',
      'file',
    ],
  ];
}

function run(folder: string, args: readonly string[]): string {
  // Not from the pipe of a container's monitor, which outlives the command.
  return execFileSync('podman', [...flags(folder), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 30_000,
  });
}

function importBusybox(folder: string): void {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  copyFileSync(findProgram('busybox') ?? '', join(tree, 'bin/busybox'));
  chmodSync(join(tree, 'bin/busybox'), 0o755);
  for (const applet of ['sh', 'sleep']) symlinkSync('busybox', join(tree, 'bin', applet));
  const archive = join(folder, 'busybox.tar');
  execFileSync('tar', ['-C', tree, '-cf', archive, '.']);
  run(folder, ['import', archive, image]);
}

/** Podman leaves the parent of its cgroups behind in every hierarchy, and its monitors end a moment after it. */
async function removeCgroups(name: string): Promise<void> {
  const roots = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, root = '', type = '']) => (type.startsWith('cgroup') ? [root] : []));
  for (let attempt = 0; ; attempt++) {
    try {
      for (const root of roots) removeTree(join(root, name));
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function removeTree(cgroup: string): void {
  if (!existsSync(cgroup)) return;
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(cgroup, entry.name));
  }
  rmdirSync(cgroup);
}

function mountsUnder(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`));
}
