import { writeFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Connection, ConnectionError, Prompts } from '../../../src/transport/connection';
import { sshTransport, type SshOptions } from '../../../src/transport/ssh';
import type { Sshd } from '../sshd';

/** Prompts that answer as told, write down what they were asked, and fail on a question nobody expected. */
export function scripted(answers: Partial<Prompts> = {}): Prompts & { readonly asked: string[] } {
  const asked: string[] = [];
  const unexpected = (what: string) => () => Promise.reject(new Error(`unexpected question: ${what}`));
  return {
    asked,
    unknownHostKey: (question, over) => {
      asked.push(
        `unknownHostKey ${question.alias} ${question.address} ${question.keyType} ${question.fingerprint}`,
      );
      return (answers.unknownHostKey ?? unexpected('host key'))(question, over);
    },
    secret: (question, over) => {
      asked.push(`${question.kind} ${question.subject} ${question.attempt}`);
      return (answers.secret ?? unexpected(question.kind))(question, over);
    },
    answers: (question, over) => {
      asked.push(
        `answers ${question.prompts.map(({ text, echo }) => `${text}${echo ? ' (shown)' : ''}`).join('|')}`,
      );
      return (answers.answers ?? unexpected('keyboard-interactive'))(question, over);
    },
  };
}

/** Writes an ssh_config for `target` and gives the options to reach it. */
export function optionsFor(sshd: Sshd, extra: readonly string[] = []): SshOptions {
  const configFile = sshd.file('ssh_config');
  writeFileSync(configFile, sshd.sshConfig('target', { extra }));
  return { target: 'target', configFile };
}

export function connect(
  options: SshOptions,
  prompts: Prompts = scripted(),
  signal: AbortSignal = new AbortController().signal,
): Promise<Connection> {
  return sshTransport(options).connect(prompts, signal);
}

/** The error of a connection that must fail. */
export async function failure(attempt: Promise<Connection>): Promise<ConnectionError> {
  const result = await attempt.then(
    (connection) => connection,
    (error: unknown) => error as ConnectionError,
  );
  if (result instanceof Error) return result;
  result.close();
  throw new Error('the connection was expected to fail');
}

/** Runs a command to its end. */
export async function run(
  connection: Connection,
  command: string,
  input = '',
): Promise<{ out: string; errors: string; code?: number; signal?: string }> {
  const channel = await connection.exec(command);
  channel.stream.end(input);
  const out = await textOf(channel.stream);
  const exit = await channel.exit;
  return { out, errors: channel.stderr(), ...exit };
}

/** All that comes until the stream ends. */
export async function textOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
