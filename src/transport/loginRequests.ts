import { cleanText } from './cleanText';
import { keyTypeOf } from './hostKey';
import type { SshClient } from './ssh2';
import { stringField } from './sshFields';

/** What a server says to one step of a login (RFC 4252 section 5.1). Success is told by the client's `ready` instead. */
export type Reply =
  /** It would take a signature by this key (SSH_MSG_USERAUTH_PK_OK). */
  { readonly kind: 'wanted' } | Refusal;

export interface Refusal {
  readonly kind: 'refused';
  /** The methods that can go on. */
  readonly accepted: readonly string[];
  /** The step was right, and another one is asked for. */
  readonly partial: boolean;
}

/** The parts of ssh2's client that it keeps to itself. They are those of version 1.17.0, and a test holds them. */
interface Internals {
  readonly _protocol: {
    readonly _kex: { readonly sessionID: Buffer };
    /** Defined while keys are exchanged anew: what is to be sent waits. */
    readonly _kexinit?: unknown;
    _queue?: Buffer[];
    readonly _cipher: { encrypt(packet: Buffer): void };
    readonly _packetRW: {
      readonly write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
    };
    /** What the next answers belong to. */
    readonly _authsQueue: string[];
    readonly _handlers: Handlers;
  };
}

interface Handlers {
  USERAUTH_FAILURE: (protocol: unknown, accepted: string[], partial: boolean) => void;
  USERAUTH_PK_OK: (protocol: unknown, algorithm: string, key: Buffer) => void;
  USERAUTH_INFO_REQUEST: (protocol: unknown, name: string, instructions: string, prompts: unknown[]) => void;
  EXT_INFO: (protocol: unknown, extensions: readonly { name: string; algs?: readonly string[] }[]) => void;
}

/** More questions of keyboard-interactive than this make no login, and a server could go on with them for ever. */
const maxRounds = 20;

const userAuthRequest = 50; // SSH_MSG_USERAUTH_REQUEST
const service = 'ssh-connection';

/**
 * Public keys offered past ssh2's own code, which takes no certificates and no FIDO keys and loses what a server says to a
 * signature. Everything else of the login stays ssh2's.
 */
export class LoginRequests {
  /** What the server says that it can check (RFC 8308, server-sig-algs); undefined where it does not say. */
  signatureAlgorithms: readonly string[] | undefined;
  private readonly internals: Internals['_protocol'];
  private pending: { key: Buffer; algorithm: string; answer: (reply: Reply) => void } | undefined;
  private rounds = 0;

  /**
   * To be made right after `client.connect()`. `beyond` is told what a server does that none should, after "The server …";
   * `tell`, what it says by keyboard-interactive without a prompt, which ssh2 answers by itself.
   */
  constructor(
    client: SshClient,
    private readonly user: string,
    private readonly beyond: (what: string) => void,
    private readonly tell: (text: string) => void,
  ) {
    this.internals = (client as unknown as Internals)._protocol;
    this.listen(this.internals._handlers);
  }

  /** Asks whether the server would take this key. Stays open where the server lets us in or the connection ends. */
  offer(key: Buffer, algorithm: string): Promise<Reply> {
    return this.send(key, algorithm, this.request(key, algorithm, false));
  }

  /** What has to be signed for {@link prove} (RFC 4252 section 7). */
  signedData(key: Buffer, algorithm: string): Buffer {
    return Buffer.concat([stringField(this.internals._kex.sessionID), this.request(key, algorithm, true)]);
  }

  /** Sends a signature. Stays open where the server lets us in or the connection ends. */
  prove(key: Buffer, algorithm: string, signature: Buffer): Promise<Reply> {
    return this.send(
      key,
      algorithm,
      Buffer.concat([this.request(key, algorithm, true), stringField(signature)]),
    );
  }

  private request(key: Buffer, algorithm: string, signed: boolean): Buffer {
    return Buffer.concat([
      Buffer.of(userAuthRequest),
      ...[this.user, service, 'publickey'].map(stringField),
      Buffer.of(signed ? 1 : 0),
      stringField(algorithm),
      stringField(key),
    ]);
  }

  private send(key: Buffer, algorithm: string, payload: Buffer): Promise<Reply> {
    const { internals } = this;
    const { write } = internals._packetRW;
    const packet = write.alloc(payload.length);
    payload.copy(packet, write.allocStart);
    const finished = write.finalize(packet);
    return new Promise((answer) => {
      this.pending = { key, algorithm, answer };
      internals._authsQueue.push('publickey');
      if (internals._kexinit === undefined) internals._cipher.encrypt(finished);
      else (internals._queue ??= []).push(finished);
    });
  }

  private listen(handlers: Handlers): void {
    const { USERAUTH_FAILURE, USERAUTH_INFO_REQUEST, EXT_INFO } = handlers;

    handlers.USERAUTH_FAILURE = (protocol, accepted, partial) => {
      this.rounds = 0;
      const { pending } = this;
      this.pending = undefined;
      if (pending) pending.answer({ kind: 'refused', accepted, partial });
      else USERAUTH_FAILURE(protocol, accepted, partial);
    };
    handlers.USERAUTH_PK_OK = (_protocol, algorithm, key) => {
      const { pending } = this;
      this.pending = undefined;
      if (pending?.algorithm === algorithm && pending.key.equals(key)) pending.answer({ kind: 'wanted' });
      else this.beyond('accepts a key that was not offered');
    };
    handlers.USERAUTH_INFO_REQUEST = (protocol, name, instructions, prompts) => {
      this.rounds++;
      if (this.rounds > maxRounds) {
        this.beyond(`asks more than ${maxRounds} times`);
        return;
      }
      if (prompts.length === 0) {
        const said = cleanText(`${name.slice(0, 200)} ${instructions}`, 500);
        if (said !== '') this.tell(said);
      }
      USERAUTH_INFO_REQUEST(protocol, name, instructions, prompts);
    };
    handlers.EXT_INFO = (protocol, extensions) => {
      this.signatureAlgorithms ??= extensions.find(({ name }) => name === 'server-sig-algs')?.algs;
      EXT_INFO(protocol, extensions);
    };
  }
}

/**
 * The algorithm to sign with, by the type of the key. A plain RSA key can be used with several hashes (RFC 8332): SHA-512 first,
 * SHA-1 only with a server that says nothing of the others.
 */
export function algorithmFor(key: Buffer, announced: readonly string[] | undefined): string | undefined {
  const type = keyTypeOf(key);
  if (type !== 'ssh-rsa' && type !== 'ssh-rsa-cert-v01@openssh.com') return type;
  const known = announced ?? ['ssh-rsa'];
  const plain = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'].find((name) => known.includes(name));
  if (plain === undefined || type === 'ssh-rsa') return plain;
  return `${plain}-cert-v01@openssh.com`;
}
