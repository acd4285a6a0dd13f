import type { Duplex } from 'node:stream';

/** How a remote command ended. Both absent: the connection ended first. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
}

/** A command that runs on a host, as a duplex stream of bytes. */
export interface CommandChannel {
  /** Standard input and output of the command. Emits `close` once; an `error` is followed by `close`. */
  readonly stream: Duplex;
  /** The last 16 KiB of standard error, control characters removed; it is always drained. */
  stderr(): string;
  /** Resolves when the command has ended or the connection is gone. Never rejects. */
  readonly exit: Promise<Exit>;
  /** Closes standard input and the channel. The remote program must end at end-of-file by itself. */
  close(): void;
}

/** An authenticated way to one host. It stays open until `close()` or until the network or the host ends it. */
export interface Connection {
  /**
   * Runs `command` with the user's login shell on the host.
   * @throws {ConnectionError} where the channel is refused or the connection is gone.
   */
  exec(command: string): Promise<CommandChannel>;
  /**
   * Opens a stream to a Unix socket on the host, e.g. `/var/run/docker.sock`.
   * @throws {ConnectionError} (phase `socket`) where the server or the socket refuses; ssh does not say which.
   */
  openUnixSocket(path: string): Promise<Duplex>;
  close(): void;
  /** Resolves once, with the reason where it was not `close()`. Never rejects. */
  readonly closed: Promise<ConnectionError | undefined>;
}

/** A way to reach one host, before it is opened. Holds no connection itself and can be used again. */
export interface Transport {
  /**
   * Opens a connection; asks the person through `prompts` where needed.
   * @throws {ConnectionError}
   */
  connect(prompts: Prompts, signal: AbortSignal): Promise<Connection>;
}

/** Where in the life of a connection something went wrong. */
export type Phase =
  | 'config'
  | 'resolve'
  | 'tcp'
  | 'handshake'
  | 'host-key'
  | 'authentication'
  | 'channel'
  | 'socket'
  | 'connection';

/**
 * What a person should do about an error: `retry` – it may go away by itself (host down, network);
 * `user` – trying again changes nothing until somebody acts (wrong key, changed host key);
 * `cancelled` – the person said no.
 */
export type Remedy = 'retry' | 'user' | 'cancelled';

/** A failure in words for people: what happened at which host in which phase, and what to do. Never holds a secret. */
export class ConnectionError extends Error {
  constructor(
    readonly phase: Phase,
    readonly remedy: Remedy,
    /** One sentence that says what happened. */
    message: string,
    /** One sentence that says what to do; may be empty. */
    readonly advice = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ConnectionError';
  }
}

/** A host key that a person is asked about. */
export interface HostKeyQuestion {
  /** The name the user gave, e.g. an alias of the SSH configuration. */
  readonly alias: string;
  /** `host` or `[host]:port`, as known_hosts writes it. */
  readonly address: string;
  /** e.g. `ssh-ed25519`. */
  readonly keyType: string;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
}

/** Questions a connection may have to ask a person. A person may take as long as needed; undefined means cancelled. */
export interface Prompts {
  unknownHostKey(question: HostKeyQuestion): Promise<'save' | 'once' | undefined>;
  /** A passphrase for a key file, or a password. `attempt` counts from 1. */
  secret(question: {
    kind: 'passphrase' | 'password';
    subject: string;
    attempt: number;
  }): Promise<string | undefined>;
  /** Keyboard-interactive: one answer a prompt, in order. Texts come from the server and are already cleaned. */
  answers(question: {
    host: string;
    title: string;
    instructions: string;
    prompts: readonly { text: string; echo: boolean }[];
  }): Promise<readonly string[] | undefined>;
}
