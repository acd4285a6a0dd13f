import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectionError } from './connection';
import { untraced, type ConnectTrace } from './connectTrace';
import type { SshConnection } from './sshConnection';
import { tcpError } from './sshFailure';
import type { SshSettings } from './sshSettings';

/** Idle time after which the kernel asks whether the other side is still there. A thrashing kernel still answers. */
const keepAliveMs = 15_000;

/**
 * Opens the TCP connection: no Nagle (a line would take 40 ms), keepalive by the kernel.
 * @throws {ConnectionError} phase resolve or tcp; remedy cancelled where `signal` came first
 */
export function connectTcp(
  settings: SshSettings,
  timeoutMs: number,
  signal: AbortSignal,
  trace: ConnectTrace = untraced,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: settings.hostName,
      port: settings.port,
      noDelay: true,
      keepAlive: settings.tcpKeepAlive,
      keepAliveInitialDelay: keepAliveMs,
      family: familyOf(settings),
      localAddress: settings.bindAddress,
      // Node's 250 ms for each address of a name are too few for a far host.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(3000, Math.round(timeoutMs / 3))),
    });
    const limit = new Limit(timeoutMs, signal, (error) => {
      socket.destroy();
      reject(tcpError(settings, error));
    });
    socket.on('lookup', (error, address) => {
      if ((error as Error | null) === null) trace({ kind: 'address', address });
    });
    socket.on('connectionAttemptFailed', (address: string, _port, _family, error?: NodeJS.ErrnoException) =>
      trace({ kind: 'address-failed', address, why: error?.code ?? 'failed' }),
    );
    // Stays, so that no later error is unhandled.
    socket.on('error', (error) => limit.fail(error));
    socket.once('connect', () => {
      limit.lift();
      trace({ kind: 'connected', address: socket.remoteAddress });
      resolve(socket);
    });
  });
}

/** 4 or 6; 0: either. An address to connect from leaves no choice. */
function familyOf({ addressFamily, bindAddress = '' }: SshSettings): number {
  return isIP(bindAddress) || { any: 0, inet: 4, inet6: 6 }[addressFamily];
}

/**
 * Lets a host that is connected already open the TCP connection. A frozen one never answers.
 * @throws {ConnectionError} phase tcp or channel; remedy cancelled where `signal` came first
 */
export function connectThrough(
  bastion: SshConnection,
  settings: SshSettings,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const limit = new Limit(timeoutMs, signal, (error) => reject(tcpError(settings, error)));
    bastion.openTcp(settings.hostName, settings.port).then(
      (stream) => {
        if (limit.over) stream.destroy();
        limit.lift();
        resolve(stream);
      },
      (error: unknown) => limit.fail(error),
    );
  });
}

/** Ends an attempt once: by an error, after a time, or by `signal`. */
class Limit {
  over = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    private readonly signal: AbortSignal,
    private readonly end: (error: unknown) => void,
  ) {
    this.timer = setTimeout(
      () => this.fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    signal.addEventListener('abort', this.aborted, { once: true });
  }

  fail(error: unknown): void {
    if (this.over) return;
    this.lift();
    this.end(error);
  }

  /** The attempt is over and bounded no more. */
  lift(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.aborted);
  }

  private readonly aborted = (): void =>
    this.fail(new ConnectionError('tcp', 'cancelled', 'The connection was cancelled.'));
}
