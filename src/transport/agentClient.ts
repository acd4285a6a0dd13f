import type { Duplex } from 'node:stream';
import { openAgent } from './agentAddress';
import { FieldReader, stringField, uint32 } from './sshFields';

// The agent's protocol: draft-miller-ssh-agent, since OpenSSH 2.
const request = { identities: 11, sign: 13 } as const;
const answer = { identities: 12, signature: 14 } as const;
/** RSA keys only: which hash the agent is to sign with. Without a flag it takes SHA-1. */
const signFlags: Readonly<Record<string, number>> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 };

/** The bounds of OpenSSH's own client: MAX_AGENT_REPLY_LEN and MAX_AGENT_IDENTITIES of its authfd.c. */
const maxAnswerBytes = 256 * 1024;
const maxKeys = 2048;

/** How long an agent may take to list its keys, which asks nobody anything, in ms. */
const listMs = 5000;

/** A key that an agent holds. Its bytes stay as they are: it may be a certificate or a key that we know nothing of. */
export interface AgentKey {
  readonly publicKey: Buffer;
  readonly comment: string;
}

/** An SSH agent. Every request has a connection of its own, so that nothing is open between them. */
export class AgentClient {
  constructor(
    /** A Unix socket, a named pipe of Windows, or `pageant`. */
    private readonly address: string,
    private readonly timeoutMs = listMs,
    private readonly open: (address: string) => Promise<Duplex> = openAgent,
  ) {}

  /**
   * The keys that the agent holds, in its order.
   * @throws where it cannot be reached, does not answer in time, or answers what makes no sense or is too much
   */
  async keys(signal: AbortSignal): Promise<AgentKey[]> {
    const reader = await this.list(signal);
    if (reader.byte() !== answer.identities) throw new Error('it did not list its keys');
    const count = reader.uint32();
    if (count > maxKeys) throw new Error(`it says that it holds ${count} keys`);
    return Array.from({ length: count }, () => ({ publicKey: reader.string(), comment: reader.text() }));
  }

  /**
   * The signature, as SSH sends it: algorithm, bytes and what a FIDO key adds. It waits as long as the agent does, which may ask
   * its person to confirm or to touch something.
   * @throws where the agent refuses, ends or cannot be reached, and when `signal` comes
   */
  async sign(publicKey: Buffer, data: Buffer, algorithm: string, signal: AbortSignal): Promise<Buffer> {
    const flags = uint32(signFlags[algorithm] ?? 0);
    const message = [Buffer.of(request.sign), stringField(publicKey), stringField(data), flags];
    const reader = await this.ask(Buffer.concat(message), signal);
    if (reader.byte() !== answer.signature) throw new Error('the agent refused to sign');
    return reader.string();
  }

  private async list(signal: AbortSignal): Promise<FieldReader> {
    const either = new AbortController();
    const abort = (): void => either.abort();
    const timer = setTimeout(abort, this.timeoutMs);
    signal.addEventListener('abort', abort);
    try {
      return await this.ask(Buffer.of(request.identities), either.signal);
    } catch (error) {
      if (!either.signal.aborted || signal.aborted) throw error;
      throw new Error(`no answer within ${this.timeoutMs / 1000} s`, { cause: error });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  private async ask(message: Buffer, signal: AbortSignal): Promise<FieldReader> {
    signal.throwIfAborted();
    const stream = await this.opened(signal);
    try {
      return new FieldReader(await exchange(stream, stringField(message), signal));
    } finally {
      discard(stream);
    }
  }

  /** To find the pipe or the port behind an address may take as long as the agent. */
  private opened(signal: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => reject(new Error('it was cancelled'));
      signal.addEventListener('abort', aborted, { once: true });
      this.open(this.address)
        .then((stream) => (signal.aborted ? discard(stream) : resolve(stream)), reject)
        .finally(() => signal.removeEventListener('abort', aborted));
    });
  }
}

function discard(stream: Duplex): void {
  stream.on('error', () => undefined).destroy();
}

/** Sends a request and gives the one answer, without its length. */
function exchange(stream: Duplex, message: Buffer, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const aborted = (): void => fail(new Error('it was cancelled'));
    const settle = (): void => signal.removeEventListener('abort', aborted);
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    const ended = (): void => fail(new Error('the agent ended the connection'));
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
    stream.on('error', fail).on('end', ended).on('close', ended);
    stream.on('data', (chunk: Buffer) => {
      received.push(chunk);
      const have = received.reduce((sum, { length }) => sum + length, 0);
      if (have < 4) return;
      const length = Buffer.concat(received.slice(0, 4)).readUInt32BE();
      if (length > maxAnswerBytes) fail(new Error(`its answer is said to be ${length} bytes long`));
      else if (have >= 4 + length) {
        settle();
        resolve(Buffer.concat(received).subarray(4, 4 + length));
      }
    });
    stream.write(message);
  });
}
