import type { Capture } from '../core/capture';
import { factPaths, hostFactsOf, type HostFacts } from '../core/hostFacts';
import { fastSources } from '../core/sample';
import { ConnectionError, type Connection, type Prompts, type Transport } from '../transport/connection';
import { RemoteProgram, type Answer, type Hello } from './remoteProgram';

/** The files the program reads, by the name a question uses. */
export const fileSets = { facts: factPaths, fast: Object.values(fastSources) };

/** One live connection to a host with the remote program running on it. */
export class Session {
  private constructor(
    readonly connection: Connection,
    private readonly program: RemoteProgram,
    readonly hello: Hello,
    readonly facts: HostFacts,
  ) {}

  /**
   * Connects, starts the remote program and asks for what does not change.
   * @throws {ConnectionError}
   */
  static async open(transport: Transport, prompts: Prompts, signal: AbortSignal): Promise<Session> {
    const connection = await transport.connect(prompts, signal);
    // Whatever is waited for, a frozen host or a command that says nothing, ends with the connection.
    const abort = (): void => connection.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      const { program, hello } = await RemoteProgram.start(connection, fileSets);
      const first = await Promise.race([program.ask('facts'), program.ended]);
      if (first instanceof ConnectionError) throw first;
      const facts = hostFactsOf({ ...first.frame.text, ...hello.text });
      if (facts.bootId === undefined) {
        throw new ConnectionError(
          'channel',
          'user',
          'The host shows no /proc/sys/kernel/random/boot_id.',
          'The account may be locked into a directory without /proc; use one that can read /proc/meminfo.',
        );
      }
      return new Session(connection, program, hello, facts);
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** When the question that is not answered yet was sent, in ms of our monotonic clock. */
  get askedAtMs(): number | undefined {
    return this.program.askedAtMs;
  }

  /** Resolves with the reason when the program or the connection has ended. Never rejects. */
  get ended(): Promise<ConnectionError> {
    return Promise.race([
      this.program.ended,
      this.connection.closed.then(
        (error) => error ?? new ConnectionError('connection', 'retry', 'The connection has ended.'),
      ),
    ]);
  }

  /** One answer of the fast sources. Never settles when the session ends first. */
  async capture(): Promise<{ capture: Capture; bytes: number }> {
    const answer = await this.program.ask('fast');
    return { capture: this.captureOf(answer), bytes: answer.frame.bytes };
  }

  close(): void {
    this.program.close();
    this.connection.close();
  }

  private captureOf({ frame, askedAtMs, receivedAtMs }: Answer): Capture {
    return {
      bootId: this.facts.bootId ?? '',
      seq: frame.seq,
      hostUptimeMs: Math.round(Number(frame.words[0]) * 1000),
      askedAtMs,
      receivedAtMs,
      text: frame.text,
      unreadable: frame.unreadable,
    };
  }
}
