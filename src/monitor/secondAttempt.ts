import { ConnectionError, type Prompts } from '../transport/connection';
import type { Attempts } from './attempts';
import type { Session } from './session';

/** What attempts to connect come to; undefined: they were stopped. */
export type Next = Promise<Session | ConnectionError | undefined>;

/** Attempts to connect beside a connection that does not answer. */
export class SecondAttempt {
  private end = new AbortController();
  private attempt: Next | undefined;
  private resolve: (session: Session) => void = () => undefined;
  /** The connection that came of it. */
  opened: Session | undefined;
  /** Resolves when a second connection is live. */
  readonly connected = new Promise<Session>((resolve) => (this.resolve = resolve));

  constructor(
    private readonly attempts: Attempts<Session>,
    private readonly signal: AbortSignal,
    private readonly onEnd: (error: ConnectionError) => void,
  ) {}

  /** The attempts that go on; undefined where there are none. */
  get next(): Next | undefined {
    return this.attempt;
  }

  start(): void {
    if (this.attempt) return;
    const { end } = this;
    this.attempt = this.attempts.next(AbortSignal.any([this.signal, end.signal]));
    void this.attempt.then((outcome) => {
      if (outcome instanceof ConnectionError) {
        if (!end.signal.aborted) this.onEnd(outcome);
      } else if (outcome && end.signal.aborted) outcome.close();
      else if (outcome) this.resolve((this.opened = outcome));
    });
  }

  stop(): void {
    if (!this.attempt) return;
    this.end.abort();
    this.end = new AbortController();
    this.attempt = undefined;
  }
}

/**
 * The same prompts; but a connection beside one that does not answer is our idea, and nobody is asked a question for it.
 * @param isSecond whether the question that comes up now is for such a connection.
 */
export function promptsUnlessSecond(prompts: Prompts, isSecond: () => boolean): Prompts {
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    if (isSecond()) throw notWorthAsking();
    return question();
  };
  return {
    unknownHostKey: (question, over) => ask(() => prompts.unknownHostKey(question, over)),
    secret: (question, over) => ask(() => prompts.secret(question, over)),
    answers: (question, over) => ask(() => prompts.answers(question, over)),
  };
}

function notWorthAsking(): ConnectionError {
  return new ConnectionError(
    'authentication',
    'cancelled',
    'A second connection beside the one that does not answer would need an answer of yours.',
    'It is made when the first one has ended.',
  );
}
