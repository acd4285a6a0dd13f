import { connect, type Socket } from 'node:net';
import { ConnectionError } from './connection';
import { tcpError } from './sshFailure';
import type { SshSettings } from './sshSettings';

/** Idle time after which the kernel asks whether the other side is still there. A thrashing kernel still answers. */
const keepAliveMs = 15_000;

/**
 * Opens the TCP connection: no Nagle (a line would take 40 ms), keepalive by the kernel.
 * @throws {ConnectionError} phase resolve or tcp; remedy cancelled where `signal` came first
 */
export function connectTcp(settings: SshSettings, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: settings.hostName,
      port: settings.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      settle();
    };
    const fail = (error: unknown): void =>
      end(() => {
        socket.destroy();
        reject(tcpError(settings, error));
      });
    const aborted = (): void =>
      fail(new ConnectionError('tcp', 'cancelled', 'The connection was cancelled.'));
    const timer = setTimeout(
      () => fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', fail); // stays, so that no later error is unhandled
    socket.once('connect', () => end(() => resolve(socket)));
  });
}
