import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Why no network of one's own can be made here whose packets can be dropped, in words; undefined where it can. */
export function netNamespaceObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'a network namespace needs root';
  try {
    const probe =
      'ip link add probe0 type veth peer name probe1 && iptables -A INPUT -p tcp --sport 9 -j DROP';
    execFileSync('unshare', ['--net', 'sh', '-c', probe], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `no network namespace with veth and iptables can be made: ${String(error)}`;
  }
}

/**
 * A network of one's own, joined to this machine's by one cable (veth). All of it goes away with the process that holds
 * it, even when the test is killed; this machine's firewall is not touched.
 */
export class NetNamespace {
  private constructor(
    private readonly holder: ChildProcess,
    private readonly pid: number,
    /** This machine's address on the cable. */
    readonly ourAddress: string,
    /** The address at which what runs in the namespace is reached. */
    readonly address: string,
    /** The name of this machine's end of the cable. */
    private readonly ours: string,
  ) {}

  /** @throws Error where {@link netNamespaceObstacle} says so. */
  static async create(): Promise<NetNamespace> {
    // setpriv: it ends with us.
    const hold = ['--pdeathsig', 'KILL', 'unshare', '--net', 'sh', '-c', 'echo; exec sleep infinity'];
    const holder = spawn('setpriv', hold, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const { pid } = holder;
    if (pid === undefined) throw new Error('the namespace was not made');
    const subnet = `10.213.${pid % 250}`;
    const ours = `lab${pid}`;
    const namespace = new NetNamespace(holder, pid, `${subnet}.1`, `${subnet}.2`, ours);
    ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', 'cable', 'netns', String(pid));
    ip('address', 'add', `${subnet}.1/30`, 'dev', ours);
    ip('link', 'set', ours, 'up');
    namespace.run('ip', 'address', 'add', `${subnet}.2/30`, 'dev', 'cable');
    namespace.plug();
    return namespace;
  }

  /** The command that runs the one that follows it in the namespace, and becomes it. */
  get within(): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`];
  }

  unplug(): void {
    this.run('ip', 'link', 'set', 'cable', 'down');
  }

  plug(): void {
    this.run('ip', 'link', 'set', 'cable', 'up');
  }

  /** Drops what comes and goes without a word; with `port` only what belongs to that port of this machine. */
  drop(port?: number): void {
    const of = (direction: string): string[] =>
      port === undefined ? [] : ['-p', 'tcp', direction, String(port)];
    this.run('iptables', '-A', 'INPUT', ...of('--sport'), '-j', 'DROP');
    this.run('iptables', '-A', 'OUTPUT', ...of('--dport'), '-j', 'DROP');
  }

  /** This machine changes its address on the cable, as in another network; the old one is gone. */
  moveUs(): void {
    const other = this.ourAddress.replace(/\.1$/, '.4');
    this.run('ip', 'route', 'add', `${other}/32`, 'dev', 'cable');
    ip('address', 'add', `${other}/32`, 'dev', this.ours);
    ip('address', 'del', `${this.ourAddress}/30`, 'dev', this.ours);
    ip('route', 'add', `${this.address}/32`, 'dev', this.ours, 'src', other);
  }

  /** Drops nothing any more. */
  letThrough(): void {
    this.run('iptables', '-F');
  }

  async stop(): Promise<void> {
    if (this.holder.exitCode !== null || this.holder.signalCode !== null) return;
    const exit = once(this.holder, 'exit');
    this.holder.kill('SIGKILL');
    await exit;
  }

  private run(...command: string[]): void {
    const [program = '', ...args] = [...this.within, ...command];
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
