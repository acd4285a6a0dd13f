import { ConnectionError, type Prompts, type Transport } from './connection';
import { parseTarget } from './hostName';
import { readKnownHosts } from './knownHostsFile';
import { resolveHost } from './sshConfig';
import { SshConnection } from './sshConnection';
import { logIn, type TransportMemory } from './sshLogin';
import type { SshSettings } from './sshSettings';
import { connectThrough, connectTcp } from './tcp';

/** How long each phase of connecting may take, in ms, not counting the time in which a person is asked. */
export interface Timeouts {
  /** Resolving the SSH configuration. */
  readonly configMs: number;
  /** Name lookup and TCP; ConnectTimeout of the SSH configuration goes first. */
  readonly tcpMs: number;
  /** Banner and key exchange. */
  readonly handshakeMs: number;
  /** Silence of the server during the login. */
  readonly authenticationMs: number;
}

export interface SshOptions {
  /** What a person would type after `ssh`: an alias, `user@host:port`, `ssh://…`. */
  readonly target: string;
  /** Read instead of the user's and the system's SSH configuration. */
  readonly configFile?: string | undefined;
  /** The ssh program that resolves the configuration; absent: `ssh` on PATH, or none. */
  readonly sshPath?: string | undefined;
  /** Told in words what happens, never a secret. */
  readonly log?: ((line: string) => void) | undefined;
  readonly timeouts?: Partial<Timeouts>;
}

const defaultTimeouts: Timeouts = {
  configMs: 15_000,
  tcpMs: 15_000,
  handshakeMs: 60_000,
  authenticationMs: 120_000,
};

/** A chain of hosts that lead to each other is cut here. */
const maxHops = 8;

/**
 * A host over SSH. Decrypted keys, an accepted password and a host key trusted for once are kept in memory as long as
 * the transport lives, so that connecting again asks nobody anything.
 */
export function sshTransport(options: SshOptions): Transport {
  const memory: TransportMemory = { unlocked: new Map(), passwords: new Map(), acceptedOnce: new Map() };
  return { connect: (prompts, signal) => new Dialling(options, memory, prompts, signal).connect() };
}

/** One attempt to connect. */
class Dialling {
  private readonly timeouts: Timeouts;
  private readonly log: (line: string) => void;

  constructor(
    private readonly options: SshOptions,
    private readonly memory: TransportMemory,
    private readonly prompts: Prompts,
    private readonly signal: AbortSignal,
  ) {
    this.timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.log = options.log ?? (() => undefined);
  }

  async connect(): Promise<SshConnection> {
    let connection: SshConnection | undefined;
    try {
      for (const settings of await this.route(this.options.target, 0)) {
        connection = await this.hop(settings, connection);
      }
      this.checkSignal();
    } catch (error) {
      connection?.close();
      if (error instanceof ConnectionError) throw error;
      this.checkSignal();
      throw error;
    }
    if (!connection) throw new Error('a route has at least one host');
    return connection;
  }

  /** The hosts on the way and the host itself, the nearest first. */
  private async route(name: string, depth: number): Promise<SshSettings[]> {
    const settings = await this.resolve(name);
    // Further hops are reached over the one before them, so that no ProxyCommand of theirs counts.
    if (settings.proxyCommand !== undefined) {
      const advice = 'Use ProxyJump where the command only goes through another SSH host.';
      throw notSupported(name, 'ProxyCommand', advice);
    }
    if (depth >= maxHops) {
      throw new ConnectionError(
        'config',
        'user',
        `The ProxyJump of ${this.options.target} leads over more than ${maxHops} hosts.`,
        'Look for hosts that name each other in the SSH configuration.',
      );
    }
    const [first, ...rest] = settings.proxyJump;
    if (first === undefined) return [settings];
    // Only the nearest hop's own ProxyJump counts: the others are reached over the one before them, as with ssh -J.
    const route = await this.route(first, depth + 1);
    for (const hop of rest) route.push(await this.resolve(hop));
    return [...route, settings];
  }

  private async resolve(name: string): Promise<SshSettings> {
    this.checkSignal();
    const settings = await resolveHost(parseTarget(name), {
      configFile: this.options.configFile,
      sshPath: this.options.sshPath,
      timeoutMs: this.timeouts.configMs,
      signal: this.signal,
    });
    if (settings.revokedHostKeys !== undefined) {
      throw notSupported(name, 'RevokedHostKeys', 'Mark the keys with @revoked in known_hosts instead.');
    }
    return settings;
  }

  private async hop(settings: SshSettings, before: SshConnection | undefined): Promise<SshConnection> {
    this.checkSignal();
    this.log(
      `${settings.target.typed}: connecting to ${settings.hostName} port ${settings.port} as ${settings.user}`,
    );
    const known = await readKnownHosts([...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles]);
    const timeoutMs = settings.connectTimeoutMs ?? this.timeouts.tcpMs;
    const stream = before
      ? await connectThrough(before, settings, timeoutMs, this.signal)
      : await connectTcp(settings, timeoutMs, this.signal);
    const log = (line: string): void => this.log(`${settings.target.typed}: ${line}`);
    const login = await logIn(
      stream,
      settings,
      known,
      this.prompts,
      this.memory,
      this.timeouts,
      this.signal,
      log,
    );
    log('logged in');
    return new SshConnection(login, settings, () => {
      stream.destroy();
      before?.close();
    });
  }

  private checkSignal(): void {
    if (this.signal.aborted)
      throw new ConnectionError('config', 'cancelled', 'The connection was cancelled.');
  }
}

function notSupported(name: string, keyword: string, advice: string): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `The SSH configuration of ${name} uses ${keyword}, which is not supported yet.`,
    advice,
  );
}
