import Docker from 'dockerode';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryCgroupObstacle } from './memoryCgroup';
import { mountNamespaceObstacle } from './mountNamespace';
import { killIfAlive } from './signal';
import { standStill } from './standStill';

const image = 'busybox-of-this-machine:latest';
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function findProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Why no private dockerd can be had here, in words; undefined where it can. */
export function dockerdObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'dockerd needs Linux';
  if (process.getuid?.() !== 0) return 'a private dockerd needs root';
  const missing = Object.entries({
    dockerd: 'docker.io',
    runc: 'runc',
    busybox: 'busybox-static',
    tar: 'tar',
  })
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, debianPackage]) => debianPackage);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  return mountNamespaceObstacle() ?? memoryCgroupObstacle();
}

/** A container as the daemon lists it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

/**
 * A real dockerd of one's own beside any other: own folders, socket, containerd and cgroups, no network. It holds one
 * image, the busybox of this machine.
 */
export class PrivateDockerd {
  private constructor(
    readonly socketPath: string,
    private readonly folder: string,
    private readonly cgroupParent: string,
    private readonly daemon: ChildProcess,
    private readonly docker: Docker,
  ) {}

  /** @throws Error with the end of the daemon's log where it does not come up within 20 s. */
  static async start(): Promise<PrivateDockerd> {
    const dockerd = findProgram('dockerd');
    const obstacle = dockerdObstacle();
    if (dockerd === undefined || obstacle !== undefined) throw new Error(obstacle);
    const folder = mkdtempSync(join(tmpdir(), 'dockerd-'));
    const socketPath = join(folder, 'docker.sock');
    const cgroupParent = folder.slice(folder.lastIndexOf('/') + 1);
    writeFileSync(join(folder, 'daemon.json'), '{}');
    const log = openSync(join(folder, 'log'), 'w');
    // setpriv: the daemon ends, and its containers with it, even when the test is killed.
    const daemon = spawn(
      'setpriv',
      ['--pdeathsig', 'TERM', dockerd, ...options(folder, socketPath, cgroupParent)],
      {
        stdio: ['ignore', log, log],
      },
    );
    closeSync(log);
    const host = new PrivateDockerd(socketPath, folder, cgroupParent, daemon, new Docker({ socketPath }));
    try {
      await host.answers();
      await host.importBusybox();
    } catch (error) {
      const text = readFileSync(join(folder, 'log'), 'utf8').slice(-2000);
      await host.stop();
      throw new Error(`dockerd does not work here: ${String(error)}\n${text}`, { cause: error });
    }
    return host;
  }

  /** Starts a container that sleeps. @returns its id. */
  async run(name: string): Promise<string> {
    const container = await this.docker.createContainer({
      name,
      Image: image,
      Cmd: ['/bin/sleep', '86400'],
      HostConfig: { NetworkMode: 'none' },
    });
    await container.start();
    return container.id;
  }

  /** The pid of a container's first process; 0: it does not run. */
  async firstProcessOf(id: string): Promise<number> {
    const { State } = await this.docker.getContainer(id).inspect();
    return State.Pid;
  }

  /** Removes a container, running or not. */
  async remove(name: string): Promise<void> {
    await this.docker.getContainer(name).remove({ force: true });
  }

  /** All containers, also those that have ended. */
  async list(): Promise<ListedContainer[]> {
    const containers = await this.docker.listContainers({ all: true });
    return containers.map(({ Id, Names, State }) => ({
      id: Id,
      name: Names[0]?.replace(/^\//, '') ?? '',
      running: State === 'running',
    }));
  }

  /** From when this resolves to {@link goOn} it takes requests and does not answer. */
  async standStill(): Promise<void> {
    await standStill(this.pid);
  }

  goOn(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** The same for the process that looks after one container: what is asked of that one is not answered. */
  async shimStandsStill(id: string): Promise<void> {
    await standStill(...shimsOf(id));
  }

  shimGoesOn(id: string): void {
    for (const pid of shimsOf(id)) process.kill(pid, 'SIGCONT');
  }

  /** Ends everything and leaves nothing: containers, processes, mounts, cgroups, files. */
  async stop(): Promise<void> {
    if (isAlive(this.daemon)) {
      this.daemon.kill('SIGCONT');
      await this.removeContainers();
      await this.end();
    }
    for (const pid of processesOf(`${this.folder}/`)) killIfAlive(pid);
    for (const mount of mountsUnder(this.folder).reverse()) await run('umount', '-l', mount);
    removeCgroups(this.cgroupParent);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  private get pid(): number {
    return Number(readFileSync(join(this.folder, 'dockerd.pid'), 'utf8'));
  }

  private async answers(): Promise<void> {
    for (let attempt = 0; isAlive(this.daemon); attempt++) {
      try {
        await this.docker.ping();
        return;
      } catch (error) {
        if (attempt === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error('it ended by itself');
  }

  private async importBusybox(): Promise<void> {
    const busybox = findProgram('busybox') ?? '';
    const tree = join(this.folder, 'tree');
    mkdirSync(join(tree, 'bin'), { recursive: true });
    copyFileSync(busybox, join(tree, 'bin/busybox'));
    chmodSync(join(tree, 'bin/busybox'), 0o755);
    for (const applet of ['sh', 'sleep', 'cat']) symlinkSync('busybox', join(tree, 'bin', applet));
    const archive = join(this.folder, 'busybox.tar');
    await run('tar', '-C', tree, '-cf', archive, '.');
    const [repo = '', tag = ''] = image.split(':');
    const progress = await this.docker.importImage(archive, { repo, tag });
    await new Promise<void>((resolve, reject) => {
      this.docker.modem.followProgress(progress, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  private async removeContainers(): Promise<void> {
    try {
      const containers = await this.docker.listContainers({ all: true });
      await Promise.all(containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true })));
    } catch {
      // A daemon that no longer answers is ended all the same; its processes are looked for afterwards.
    }
  }

  private async end(): Promise<void> {
    const exit = once(this.daemon, 'exit');
    this.daemon.kill('SIGTERM');
    const timer = setTimeout(() => this.daemon.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(timer);
  }
}

function options(folder: string, socketPath: string, cgroupParent: string): string[] {
  return [
    `--config-file=${folder}/daemon.json`,
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/dockerd.pid`,
    `--host=unix://${socketPath}`,
    `--containerd-namespace=${cgroupParent}`,
    `--containerd-plugins-namespace=${cgroupParent}-plugins`,
    `--cgroup-parent=/${cgroupParent}`,
    '--exec-opt=native.cgroupdriver=cgroupfs',
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--ip-masq=false',
    '--userland-proxy=false',
  ];
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/**
 * Processes with that in their command line. With the folder, also a containerd and its shims that outlived the daemon.
 * @param text arguments end with a NUL.
 */
function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function shimsOf(id: string): number[] {
  return processesOf(`-id\0${id}\0`);
}

function mountsUnder(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`));
}

/** dockerd leaves its parent cgroup behind in every hierarchy. */
function removeCgroups(name: string): void {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, root = '', type = ''] = line.split(' ');
    if (type.startsWith('cgroup')) removeTree(join(root, name));
  }
}

function removeTree(cgroup: string): void {
  if (!existsSync(cgroup)) return;
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(cgroup, entry.name));
  }
  rmdirSync(cgroup);
}

async function run(program: string, ...args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${String(code)}`);
}
