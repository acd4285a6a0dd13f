import { errorText } from '../core/errorText';
import { plainAlgorithm } from './certificate';
import { cleanText } from './cleanText';
import { ConnectionError } from './connection';
import { keyTry, type ConnectTrace } from './connectTrace';
import { fingerprintOf } from './hostKey';
import { candidateKeys } from './identities';
import { maxAttempts } from './keyPassphrase';
import { keyboardInteractive } from './keyboardInteractive';
import type { LoginContext, WayOut } from './loginContext';
import { listed, nothingLeft } from './loginFailure';
import { algorithmFor, type LoginRequests, type Refusal } from './loginRequests';
import type { Candidate, OfferedKey } from './offeredKey';
import { secretId, type SecretName } from './secretKeeper';
import { FieldReader } from './sshFields';
import type { AnyAuthMethod } from './ssh2';

/** The next method to try. */
export interface Authentication {
  /**
   * Tries all keys itself and gives the next other method. `refusal`: what the server said to the method before; undefined
   * before the first.
   * @throws {ConnectionError} phase authentication: nothing is left to try, or the person cancelled
   */
  next(refusal: Omit<Refusal, 'kind'> | undefined): Promise<AnyAuthMethod>;
  /** To be called when the server has let us in. */
  succeeded(): void;
  /** What was tried and skipped, in words for people. */
  summary(): string;
}

/** What the login gives to {@link authentication}. */
export interface AuthenticationOptions extends Omit<LoginContext, 'skip' | 'typed'> {
  readonly requests: () => LoginRequests;
  /** The key that the server has proved to hold. */
  readonly hostKey: () => Buffer | undefined;
  /** The server is waited for from now on. */
  readonly waiting: () => void;
  readonly trace: ConnectTrace;
  /** Told of a failure within a method, e.g. that the person cancelled. */
  readonly fail: (error: unknown) => void;
}

/**
 * Tries to log in as OpenSSH does: none (which tells what the server accepts), keys, keyboard-interactive, password; after each
 * step of several that the server asks for, from the beginning. Every method has a bounded number of tries.
 */
export function authentication(options: AuthenticationOptions): Authentication {
  return new Attempts(options);
}

/** A server that asks for more proofs than this leads on for ever. */
const maxSteps = 8;
/** An agent may hold thousands of keys; sshd ends a login at six by default (MaxAuthTries). */
const maxKeys = 100;

type Attempt = AnyAuthMethod | { readonly type: 'key'; readonly candidate: Candidate };
type Tries = AsyncGenerator<Attempt, void, void> | Generator<Attempt, void, void>;
type Order = readonly (readonly [method: string, tries: Tries])[];

class Attempts implements Authentication {
  private readonly tried: string[] = [];
  private readonly skipped: string[] = [];
  private readonly waysOut: WayOut[] = [];
  private readonly context: LoginContext;
  private order: Order;
  private steps = 0;
  private accepted: readonly string[] = [];
  private candidates: Promise<readonly Candidate[]> | undefined;
  /** Keys that were right in a step before: a server does not take one twice. */
  private readonly proven = new Set<string>();
  private sentPassword: { readonly password: string; readonly typed: boolean } | undefined;
  private readonly toKeep: { readonly name: SecretName; readonly secret: string }[] = [];

  constructor(private readonly options: AuthenticationOptions) {
    this.context = {
      ...options,
      skip: (why, wayOut) => {
        this.skipped.push(why);
        options.trace({ kind: 'skipped', what: why });
        if (wayOut) this.waysOut.push(wayOut);
      },
      typed: (name, secret) => this.toKeep.push({ name, secret }),
    };
    this.order = this.newOrder();
  }

  async next(refusal: Omit<Refusal, 'kind'> | undefined): Promise<AnyAuthMethod> {
    if (!refusal) return { type: 'none', username: this.user };
    this.heard(refusal);
    for (;;) {
      const attempt = await this.choose();
      if (attempt.type !== 'key') return attempt;
      const reply = await this.tryKey(attempt.candidate);
      if (reply) this.heard(reply);
    }
  }

  succeeded(): void {
    this.passwordWasRight();
    for (const { name, secret } of this.toKeep) this.context.memory.keeper?.offer(name, secret);
  }

  summary(): string {
    const tried = this.tried.length > 0 ? `tried ${listed(this.tried)}` : 'there was nothing to try';
    const skipped = this.skipped.length > 0 ? `; could not use ${listed(this.skipped)}` : '';
    return `${tried}${skipped}`;
  }

  private get user(): string {
    return this.options.settings.user;
  }

  private get account(): string {
    return `${this.user}@${this.options.settings.target.typed.replace(/^.*@/, '')}`;
  }

  /** The password of this account at the server that has proved to hold its key: no other server is given it. */
  private get passwordName(): SecretName {
    const hostKey = this.options.hostKey();
    if (!hostKey) throw new Error('a login before the host key was judged');
    return { kind: 'password', account: this.account, hostKey: fingerprintOf(hostKey) };
  }

  private newOrder(): Order {
    const { settings } = this.options;
    const methods: Order = [
      ...(settings.publicKeyAllowed ? [['publickey', this.keys()] as const] : []),
      ...(settings.keyboardInteractiveAllowed ? [['keyboard-interactive', this.interactive()] as const] : []),
      ...(settings.passwordAllowed ? [['password', this.passwords()] as const] : []),
    ];
    const preferred = settings.preferredAuthentications;
    return preferred ? preferred.flatMap((name) => methods.filter(([method]) => method === name)) : methods;
  }

  private heard({ accepted, partial }: Omit<Refusal, 'kind'>): void {
    this.accepted = accepted;
    if (partial) this.passwordWasRight();
    this.sentPassword = undefined;
    if (!partial) return;
    this.steps++;
    if (this.steps > maxSteps) {
      throw this.failure(`wants more than ${maxSteps} proofs`, 'Ask whoever runs that server.');
    }
    this.order = this.newOrder();
  }

  private async choose(): Promise<Attempt> {
    for (const [method, tries] of this.order) {
      if (!this.accepted.includes(method)) continue;
      const { value, done } = await tries.next();
      if (done !== true) return value;
    }
    const { target } = this.options.settings;
    throw nothingLeft(this.account, target.typed, this.summary(), this.accepted, this.waysOut[0]);
  }

  private async *keys(): Tries {
    this.candidates ??= candidateKeys(this.context).then((found) => {
      if (found.length > maxKeys) this.context.skip(`${found.length - maxKeys} more keys`);
      return found.slice(0, maxKeys);
    });
    for (const candidate of await this.candidates) yield { type: 'key', candidate };
  }

  /** Undefined: the key could not be used, and the server was not asked or waits for another one. */
  private async tryKey(candidate: Candidate): Promise<Refusal | undefined> {
    const key = 'unlock' in candidate ? await candidate.unlock() : candidate;
    if (!key || this.proven.has(key.publicKey.toString('base64'))) return undefined;
    const { requests, trace, waiting } = this.options;
    const algorithm = algorithmFor(key.publicKey, requests().signatureAlgorithms);
    if (algorithm === undefined) {
      this.context.skip(`${cleanText(key.name, 100)} (the server takes no signatures of such keys)`);
      return undefined;
    }
    this.tried.push(`key ${cleanText(key.name, 200)}`);
    trace({ kind: 'trying', login: keyTry(key.name, key.publicKey) });
    waiting();
    let reply = await requests().offer(key.publicKey, algorithm);
    if (reply.kind === 'wanted') {
      const signature = await this.signature(key, algorithm);
      if (!signature) return undefined;
      waiting();
      reply = await requests().prove(key.publicKey, algorithm, signature);
    }
    if (reply.kind === 'wanted') throw this.failure('does not answer to a signature', '');
    const { accepted, partial } = reply;
    trace({ kind: 'tried', outcome: partial ? 'partial' : 'refused', accepts: accepted });
    if (partial) this.proven.add(key.publicKey.toString('base64'));
    return reply;
  }

  /** Undefined: the key or its agent did not sign, which ends one try and not the login. A person who cancels ends it. */
  private async signature(key: OfferedKey, algorithm: string): Promise<Buffer | undefined> {
    const data = this.options.requests().signedData(key.publicKey, algorithm);
    const plain = plainAlgorithm(algorithm);
    try {
      const signature = await key.sign(data, plain);
      if (!signature) return undefined;
      const used = new FieldReader(signature).text();
      if (used === plain) return signature;
      throw new Error(`it signs with ${cleanText(used, 40)} instead of ${plain}`);
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      this.context.skip(`${cleanText(key.name, 200)} (${cleanText(errorText(error), 200)})`);
      return undefined;
    }
  }

  private *interactive(): Tries {
    const { prompts, fail } = this.options;
    const host = this.account;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt === 1) this.tried.push('keyboard-interactive');
      const method = keyboardInteractive({ user: this.user, host, prompts, fail });
      yield method;
      if (!method.wasAsked()) return; // the server offers it and has nothing to ask
    }
  }

  private async *passwords(): Tries {
    const { memory, prompts, paused } = this.context;
    const { account, passwordName: name } = this;
    const id = secretId(name);
    this.tried.push('password');

    const remembered = memory.passwords.get(id);
    if (remembered !== undefined) {
      yield this.password(remembered, false);
      memory.passwords.delete(id);
    }
    const kept = await paused(async () => memory.keeper?.get(name));
    if (kept !== undefined) {
      if (kept !== remembered) yield this.password(kept, false);
      await memory.keeper?.forget(name);
    }
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const password = await prompts.secret({ kind: 'password', subject: account, attempt });
      if (password === undefined) throw this.cancelled();
      yield this.password(password, true);
    }
  }

  private password(password: string, typed: boolean): AnyAuthMethod {
    this.sentPassword = { password, typed };
    return { type: 'password', username: this.user, password };
  }

  private passwordWasRight(): void {
    const sent = this.sentPassword;
    if (!sent) return;
    const name = this.passwordName;
    this.context.memory.passwords.set(secretId(name), sent.password);
    if (sent.typed) this.context.typed(name, sent.password);
  }

  private cancelled(): ConnectionError {
    return new ConnectionError('authentication', 'cancelled', `Logging in as ${this.account} was cancelled.`);
  }

  private failure(what: string, advice: string): ConnectionError {
    const happened = `Logging in as ${this.account} failed: the server ${what} (${this.summary()}).`;
    return new ConnectionError('authentication', 'user', happened, advice);
  }
}
