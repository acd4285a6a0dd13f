import { ConnectionError, type Prompts } from '../connection';
import type { AskpassQuestion } from './askpassQuestion';
import type { Asked } from './askpassServer';

/** Shows an information until the function that it gives is called. */
export type ShowNotice = (text: string) => () => void;

/** What an ssh program was told and took, so that connecting again asks nobody. Only in memory, never a code or a PIN. */
export type Remembered = Map<string, string>;

/** Hands the questions of one attempt to a person. */
export class AskingPerson {
  private readonly attempts = new Map<string, number>();
  private readonly typed: Remembered = new Map();
  private readonly given = new Set<string>();
  private hasAsked = false;

  /**
   * @param cancel told once that the person said no: there is nothing to wait for
   */
  constructor(
    private readonly prompts: Prompts,
    private readonly remembered: Remembered,
    private readonly notice: ShowNotice,
    private readonly cancel: (error: ConnectionError) => void,
  ) {}

  /** Whether a person was asked for a password or something else that is not remembered before the host has let us in. */
  get asked(): boolean {
    return this.hasAsked;
  }

  /** Undefined: no answer. `signal` is aborted when ssh does not wait for it any more. */
  async answer({ question, pid }: Asked, signal: AbortSignal): Promise<string | undefined> {
    switch (question.kind) {
      case 'host-key':
        return this.hostKey(question, signal);
      case 'passphrase':
      case 'password':
        return this.secret(question, pid, signal);
      case 'text': {
        const { host, text, echo } = question;
        const prompts = [{ text, echo }];
        const asked = { host: host ?? 'ssh', title: '', instructions: '', prompts };
        this.hasAsked = true;
        const answers = await this.prompts.answers(asked, signal);
        if (!answers) this.cancelled('authentication', 'Logging in was cancelled.', signal);
        return answers && (answers[0] ?? '');
      }
      case 'confirm': {
        const prompts = [{ text: `${question.text} (yes/no)`, echo: true }];
        const asked = { host: 'ssh', title: '', instructions: '', prompts };
        const answers = await this.prompts.answers(asked, signal);
        return answers?.[0]?.trim().toLowerCase() === 'yes' ? 'yes' : undefined;
      }
      case 'notice':
        await this.show(question.text, signal);
        return undefined;
    }
  }

  /** The host has let us in: what was typed was right. */
  succeeded(): void {
    for (const [subject, secret] of this.typed) this.remembered.set(subject, secret);
  }

  private async hostKey(
    question: AskpassQuestion & { readonly kind: 'host-key' },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { address, keyType, fingerprint } = question;
    const mustSave = true; // ssh writes what it is told to trust into known_hosts
    const asked = { alias: address, address, keyType, fingerprint, mustSave };
    const answer = await this.prompts.unknownHostKey(asked, signal);
    if (answer === 'save') return 'yes';
    this.cancelled('host-key', `The host key of ${address} was not accepted.`, signal);
    return undefined;
  }

  /** @param pid who asks: what it asks for again was not taken */
  private async secret(
    { kind, subject }: AskpassQuestion & { readonly kind: 'passphrase' | 'password' },
    pid: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const name = `${kind} ${subject}`;
    const given = `${pid} ${name}`;
    const kept = this.remembered.get(name);
    if (kept !== undefined && !this.given.has(given)) {
      this.given.add(given);
      return kept;
    }
    this.remembered.delete(name);
    const attempt = (this.attempts.get(given) ?? 0) + 1;
    this.attempts.set(given, attempt);
    this.typed.delete(name);
    this.hasAsked = true;
    const secret = await this.prompts.secret({ kind, subject, attempt }, signal);
    if (secret === undefined)
      this.cancelled('authentication', `The ${kind} of ${subject} was not given.`, signal);
    else if (secret !== '') this.typed.set(name, secret);
    return secret;
  }

  private async show(text: string, signal: AbortSignal): Promise<void> {
    const hide = this.notice(text);
    try {
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
    } finally {
      hide();
    }
  }

  /** Where ssh itself has gone, nobody said no. */
  private cancelled(phase: 'authentication' | 'host-key', message: string, signal: AbortSignal): void {
    if (!signal.aborted) this.cancel(new ConnectionError(phase, 'cancelled', message));
  }
}
