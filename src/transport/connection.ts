import type { Duplex } from 'node:stream';
import type { ConnectTrace } from './connectTrace';

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
  /** Calls with what comes on standard error from now on. In a terminal nothing does: there it is part of the output. */
  onStderr(listener: (bytes: Buffer) => void): void;
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
   * The same in a terminal of the host (a pty of type `dumb`), as if somebody typed what is written: it echoes and edits
   * lines until a program there sets it otherwise, and standard error comes with the output. The end of the channel
   * hangs it up. Absent where a command always reaches a shell, so that nobody needs it.
   * @throws {ConnectionError} where the channel or the terminal is refused or the connection is gone.
   */
  execInTerminal?(command: string): Promise<CommandChannel>;
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
   * @param trace told of each step as it happens.
   * @throws {ConnectionError}
   */
  connect(prompts: Prompts, signal: AbortSignal, trace?: ConnectTrace): Promise<Connection>;
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

/** What can be offered as a button beside an error. */
export type Fix =
  /** The host needs what only the system's own ssh program can do. */
  | { readonly kind: 'use-openssh' }
  /** A line for the person's own terminal, e.g. `ssh-keygen -R host`. Never run by us. */
  | { readonly kind: 'copy'; readonly text: string }
  /** The file that has to be changed; `line` counts from 1. */
  | { readonly kind: 'open-file'; readonly path: string; readonly line?: number };

/** A failure in words for people: what happened at which host in which phase, and what to do. Never holds a secret. */
export class ConnectionError extends Error {
  constructor(
    readonly phase: Phase,
    readonly remedy: Remedy,
    /** One sentence that says what happened. */
    message: string,
    /** One sentence that says what to do; may be empty. */
    readonly advice = '',
    options?: ErrorOptions & { readonly fix?: Fix | undefined },
  ) {
    super(message, options);
    this.name = 'ConnectionError';
    this.fix = options?.fix;
  }

  readonly fix: Fix | undefined;
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
  /** Where the host stands in a chain of hosts; absent: there is no other. */
  readonly hop?: HopPlace | undefined;
  /** Where trust without saving is not possible: the system's ssh saves what it is told to trust. */
  readonly mustSave?: boolean;
}

/** The place of a host on the way to the one that is attached to, e.g. hop 2 of 3, reached over `bastion`. */
export interface HopPlace {
  /** Counts from 1; the last one is the host itself. */
  readonly number: number;
  readonly of: number;
  /** The host before it, by the name that messages give it; undefined: the first one, reached from this machine. */
  readonly via: string | undefined;
}

/**
 * Questions a connection may have to ask a person. A person may take as long as needed; undefined means cancelled. `over` is
 * aborted when nobody waits for the answer any more: then the question goes away, and one that was not shown never is.
 */
export interface Prompts {
  unknownHostKey(question: HostKeyQuestion, over?: AbortSignal): Promise<'save' | 'once' | undefined>;
  /** A passphrase for a key file, or a password. `attempt` counts from 1. */
  secret(
    question: { kind: 'passphrase' | 'password'; subject: string; attempt: number },
    over?: AbortSignal,
  ): Promise<string | undefined>;
  /** Keyboard-interactive: one answer a prompt, in order. Texts come from the server and are already cleaned. */
  answers(
    question: {
      host: string;
      title: string;
      instructions: string;
      prompts: readonly { text: string; echo: boolean }[];
    },
    over?: AbortSignal,
  ): Promise<readonly string[] | undefined>;
}
