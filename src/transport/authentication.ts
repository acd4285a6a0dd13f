import { cleanText } from './cleanText';
import { ConnectionError, type Prompts } from './connection';
import { candidateKeys, maxAttempts, type IdentityContext } from './identities';
import { OneKeyAgent } from './keyAgent';
import type { AnyAuthMethod } from './ssh2';
import type { SshSettings } from './sshSettings';

/** What a transport keeps in memory for as long as it lives, so that connecting again asks nobody anything. */
export interface Secrets {
  /** Decrypted keys by the text of their file. */
  readonly unlocked: IdentityContext['unlocked'];
  /** Passwords that a host accepted, by `user@host`. Answers to keyboard-interactive are never kept. */
  readonly passwords: Map<string, string>;
}

/** The next method to try. Given what the server would accept next; undefined before the first answer. */
export interface Authentication {
  /**
   * @throws {ConnectionError} phase authentication: nothing is left to try, or the person cancelled
   */
  next(accepted: readonly string[] | undefined): Promise<AnyAuthMethod>;
  /** To be called when the server has let us in. */
  succeeded(): void;
  /** What was tried and skipped, in words for people. */
  summary(): string;
}

/**
 * Tries to log in as OpenSSH does: none (which tells what the server accepts), keys, keyboard-interactive, password.
 * Every method has a bounded number of tries. `fail` is told of a cancellation within a method.
 */
export function authentication(
  settings: SshSettings,
  prompts: Pick<Prompts, 'secret' | 'answers'>,
  secrets: Secrets,
  fail: (error: unknown) => void,
): Authentication {
  return new Attempts(settings, prompts, secrets, fail);
}

type Tries = AsyncGenerator<AnyAuthMethod, void, void> | Generator<AnyAuthMethod, void, void>;

class Attempts implements Authentication {
  private readonly tried: string[] = [];
  private readonly skipped: string[] = [];
  private readonly order: readonly (readonly [method: string, tries: Tries])[];
  private last: AnyAuthMethod | undefined;
  private accepted: readonly string[] = [];
  private typedPassword: string | undefined;

  constructor(
    private readonly settings: SshSettings,
    private readonly prompts: Pick<Prompts, 'secret' | 'answers'>,
    private readonly secrets: Secrets,
    private readonly fail: (error: unknown) => void,
  ) {
    const methods = [
      ...(settings.publicKeyAllowed ? [['publickey', this.keys()] as const] : []),
      ...(settings.keyboardInteractiveAllowed ? [['keyboard-interactive', this.interactive()] as const] : []),
      ...(settings.passwordAllowed ? [['password', this.passwords()] as const] : []),
    ];
    const preferred = settings.preferredAuthentications;
    this.order = preferred
      ? preferred.flatMap((name) => methods.filter(([method]) => method === name))
      : methods;
  }

  async next(accepted: readonly string[] | undefined): Promise<AnyAuthMethod> {
    this.last = await this.choose(accepted);
    return this.last;
  }

  succeeded(): void {
    if (this.typedPassword !== undefined) this.secrets.passwords.set(this.account, this.typedPassword);
  }

  summary(): string {
    const tried = this.tried.length > 0 ? `tried ${this.tried.join(', ')}` : 'there was nothing to try';
    const skipped = this.skipped.length > 0 ? `; could not use ${this.skipped.join(', ')}` : '';
    return `${tried}${skipped}`;
  }

  private get account(): string {
    return `${this.settings.user}@${this.settings.target.typed.replace(/^.*@/, '')}`;
  }

  private async choose(accepted: readonly string[] | undefined): Promise<AnyAuthMethod> {
    const none: AnyAuthMethod = { type: 'none', username: this.settings.user };
    if (accepted === undefined) return none;
    // A signature that does not let us in may have been one step of two (publickey, then a code). ssh2 loses what the
    // server said to it, so the server is asked once more what it wants now.
    if (this.last?.type === 'agent' && this.last.agent instanceof OneKeyAgent && this.last.agent.signed)
      return none;
    this.accepted = accepted;
    for (const [method, tries] of this.order) {
      if (!accepted.includes(method)) continue;
      const { value, done } = await tries.next();
      if (done !== true) return value;
    }
    throw this.exhausted();
  }

  private async *keys(): Tries {
    const context: IdentityContext = {
      settings: this.settings,
      prompts: this.prompts,
      unlocked: this.secrets.unlocked,
      skip: (why) => this.skipped.push(why),
    };
    for (const candidate of await candidateKeys(context)) {
      const key = 'unlock' in candidate ? await candidate.unlock() : candidate;
      if (!key) continue;
      this.tried.push(`key ${cleanText(key.name, 100)}`);
      yield { type: 'agent', username: this.settings.user, agent: new OneKeyAgent(key, this.fail) };
    }
  }

  private *interactive(): Tries {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      let asked = 0;
      if (attempt === 1) this.tried.push('keyboard-interactive');
      const method: AnyAuthMethod = {
        type: 'keyboard-interactive',
        username: this.settings.user,
        prompt: (title, instructions, _language, questions, finish) => {
          asked++;
          this.answer(title, instructions, questions).then(finish).catch(this.fail);
        },
      };
      yield method;
      if (asked === 0) return; // the server offers it and has nothing to ask
    }
  }

  private async answer(
    title: string,
    instructions: string,
    questions: readonly { prompt: string; echo?: boolean }[],
  ): Promise<string[]> {
    const prompts = questions.map(({ prompt, echo }) => ({
      text: cleanText(prompt, 300),
      echo: echo === true,
    }));
    const answers = await this.prompts.answers({
      host: this.account,
      title: cleanText(title, 200),
      instructions: cleanText(instructions, 2000),
      prompts,
    });
    if (!answers) throw this.cancelled();
    return prompts.map((_, index) => answers[index] ?? '');
  }

  private async *passwords(): Tries {
    const kept = this.secrets.passwords.get(this.account);
    this.tried.push('password');
    if (kept !== undefined) {
      yield { type: 'password', username: this.settings.user, password: kept };
      this.secrets.passwords.delete(this.account);
    }
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const password = await this.prompts.secret({ kind: 'password', subject: this.account, attempt });
      if (password === undefined) throw this.cancelled();
      this.typedPassword = password;
      yield { type: 'password', username: this.settings.user, password };
      this.typedPassword = undefined;
    }
  }

  private cancelled(): ConnectionError {
    return new ConnectionError('authentication', 'cancelled', `Logging in as ${this.account} was cancelled.`);
  }

  private exhausted(): ConnectionError {
    const accepted = this.accepted.map((method) => cleanText(method, 40)).join(', ');
    return new ConnectionError(
      'authentication',
      'user',
      `Logging in as ${this.account} failed: ${this.summary()}; the server accepts ${accepted || 'nothing'}.`,
      `Check the user name and the keys; "ssh -v ${this.settings.target.typed}" shows what ssh itself tries.`,
    );
  }
}
