import type { Duplex } from 'node:stream';
import { AttemptGate } from './attemptGate';
import { ConnectionError, type HopPlace, type Prompts, type Transport } from './connection';
import { leadsTo, tracedPrompts, untraced, type ConnectTrace } from './connectTrace';
import { parseTarget } from './hostName';
import { readKnownHosts } from './knownHostsFile';
import { connectByCommand } from './proxyCommand';
import type { SecretKeeper } from './secretKeeper';
import { resolveHost } from './sshConfig';
import { SshConnection } from './sshConnection';
import { logIn, type TransportMemory } from './sshLogin';
import { atHop, routeTo, type Hop } from './sshRoute';
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
  /** Where secrets are kept longer than the transport lives; absent: nowhere. */
  readonly keeper?: SecretKeeper | undefined;
}

const defaultTimeouts: Timeouts = {
  configMs: 15_000,
  tcpMs: 15_000,
  handshakeMs: 60_000,
  authenticationMs: 120_000,
};

/** OpenSSH's server begins to drop connections at ten that have not logged in (MaxStartups 10:30:100), and we are not alone. */
const maxAttempts = 4;

/** For this long after a login the server may count it as an attempt, unless it has opened a channel: then no more. */
const settleMs = 1000;

/** All transports of this process share it: the servers count them together. */
const attempts = new AttemptGate(maxAttempts);

/**
 * A host over SSH. Decrypted keys, an accepted password and a host key trusted for once are kept in memory as long as
 * the transport lives, so that connecting again asks nobody anything.
 */
export function sshTransport(options: SshOptions): Transport {
  const memory: TransportMemory = {
    unlocked: new Map(),
    passwords: new Map(),
    acceptedOnce: new Map(),
    keeper: options.keeper,
  };
  return {
    connect: (prompts, signal, trace = untraced) =>
      new Dialling(options, memory, tracedPrompts(prompts, trace), signal, trace).connect(),
  };
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
    private readonly trace: ConnectTrace,
  ) {
    this.timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.log = options.log ?? (() => undefined);
  }

  async connect(): Promise<SshConnection> {
    let connection: SshConnection | undefined;
    try {
      let way = '';
      for (const hop of await routeTo(this.options.target, (name) => this.resolve(name))) {
        way += ` > ${wayOf(hop)}`;
        connection = await this.reach(hop, way, connection);
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

  private async resolve(name: string): Promise<SshSettings> {
    this.checkSignal();
    return resolveHost(parseTarget(name), {
      configFile: this.options.configFile,
      sshPath: this.options.sshPath,
      timeoutMs: this.timeouts.configMs,
      signal: this.signal,
      trace: this.trace,
      log: this.log,
    });
  }

  /** Connects to one host of the route. `way` is the same for all attempts that some server on the way counts together. */
  private async reach(hop: Hop, way: string, before: SshConnection | undefined): Promise<SshConnection> {
    this.checkSignal();
    const { settings, place } = hop;
    const log = (line: string): void => this.log(`${settings.target.typed}: ${line}`);
    try {
      if (attempts.isFull(way)) log('waiting for other attempts on the same host');
      const leave = await attempts.enter(way, this.signal);
      try {
        const connection = await this.logInto(hop, before, leave, log);
        setTimeout(leave, settleMs).unref();
        return connection;
      } catch (error) {
        leave();
        throw error;
      }
    } catch (error) {
      throw error instanceof ConnectionError ? atHop(error, place) : error;
    }
  }

  private async logInto(
    { settings, place }: Hop,
    before: SshConnection | undefined,
    leave: () => void,
    log: (line: string) => void,
  ): Promise<SshConnection> {
    const { number, of } = place;
    const hop = { number, count: of, name: settings.target.typed };
    this.trace({ kind: 'hop', hop, leadsTo: leadsTo(settings), over: before ? 'hop' : meansOf(settings) });
    log(`connecting to ${settings.hostName} port ${settings.port} as ${settings.user}`);
    const known = await readKnownHosts([...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles]);
    this.checkSignal();
    const stream = await this.open(settings, before);
    if (before || settings.proxyCommand !== undefined) this.trace({ kind: 'connected' });
    const login = await logIn(
      stream,
      settings,
      known,
      this.promptsAt(place, leave),
      this.memory,
      this.timeouts,
      this.signal,
      log,
      this.trace,
    );
    log('logged in');
    return new SshConnection(
      login,
      settings,
      () => {
        stream.destroy();
        before?.close();
      },
      before,
      leave,
    );
  }

  private open(settings: SshSettings, before: SshConnection | undefined): Promise<Duplex> {
    const timeoutMs = settings.connectTimeoutMs ?? this.timeouts.tcpMs;
    if (before) return connectThrough(before, settings, timeoutMs, this.signal);
    if (settings.proxyCommand !== undefined) return connectByCommand(settings, timeoutMs, this.signal);
    return connectTcp(settings, timeoutMs, this.signal, this.trace);
  }

  /** The person is told which hop asks. While one is asked, others need not wait: a person may take as long as needed. */
  private promptsAt(place: HopPlace, leave: () => void): Prompts {
    const { prompts } = this;
    const asking = <T>(ask: () => Promise<T>): Promise<T> => {
      leave();
      return ask();
    };
    const hop = place.of > 1 ? place : undefined;
    return {
      ...prompts,
      unknownHostKey: (question, over) => asking(() => prompts.unknownHostKey({ ...question, hop }, over)),
      secret: (question, over) => asking(() => prompts.secret(question, over)),
      answers: (question, over) => asking(() => prompts.answers(question, over)),
    };
  }

  private checkSignal(): void {
    if (this.signal.aborted)
      throw new ConnectionError('config', 'cancelled', 'The connection was cancelled.');
  }
}

/** How the first host is reached; of a ProxyCommand only the program is told, its arguments may hold a secret. */
function meansOf({ proxyCommand }: SshSettings): 'tcp' | { readonly program: string } {
  return proxyCommand === undefined ? 'tcp' : { program: proxyCommand.trim().split(/\s/)[0] ?? '' };
}

/** What a host is reached by: all that go through the same ProxyCommand may lead over the same bastion. */
function wayOf({ settings, place }: Hop): string {
  const { hostName, port, proxyCommand } = settings;
  return place.number === 1 && proxyCommand !== undefined ? proxyCommand : `${hostName}:${port}`;
}
