import { expect } from 'vitest';
import type { Connection, ConnectionError, Prompts } from '../../../src/transport/connection';
import type { ConnectTrace } from '../../../src/transport/connectTrace';
import { sshTransport, type SshOptions } from '../../../src/transport/ssh';
import { run, scripted } from './attaching';

/** All that a test file's connections have told anybody: log, steps, errors. */
const told: string[] = [];
const secrets = new Set<string>();

/** Marks a passphrase, password or code that must never be told. */
export function secret<T extends string>(text: T): T {
  secrets.add(text);
  return text;
}

/** For the end of a test file: it fails where a secret was told, or where nothing could have been. */
export function expectNoSecretTold(): void {
  expect(told.length).toBeGreaterThan(0);
  expect(secrets.size).toBeGreaterThan(0);
  const leaked = [...secrets].filter((text) => told.some((line) => line.includes(text)));
  expect(leaked).toEqual([]);
}

/** Opens a connection and listens to all that it tells. */
export async function attach(
  options: SshOptions,
  prompts: Prompts = scripted(),
  signal: AbortSignal = new AbortController().signal,
  connecting = sshTransport({ ...options, log: teller(options.log) }),
  trace: ConnectTrace = () => undefined,
): Promise<Connection> {
  try {
    return await connecting.connect(prompts, signal, (step) => {
      told.push(JSON.stringify(step));
      trace(step);
    });
  } catch (error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      const { advice = '', fix } = cause as Partial<ConnectionError>;
      told.push(cause.message, cause.stack ?? '', advice, JSON.stringify(fix ?? ''));
    }
    throw error;
  }
}

/** A transport that connects several times, listened to. */
export function transportOf(options: SshOptions): { connect: (prompts?: Prompts) => Promise<Connection> } {
  const transport = sshTransport({ ...options, log: teller(options.log) });
  return { connect: (prompts) => attach(options, prompts, undefined, transport) };
}

function teller(log: SshOptions['log']): (line: string) => void {
  return (line) => {
    told.push(line);
    log?.(line);
  };
}

/** Lets a connection run a command, and closes it. */
export async function works(connection: Promise<Connection>): Promise<void> {
  const opened = await connection;
  try {
    expect((await run(opened, 'echo ok')).out).toBe('ok\n');
  } finally {
    opened.close();
  }
}
