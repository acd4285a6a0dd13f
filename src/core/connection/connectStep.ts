/** One of the hosts on the way; the last one is the host itself. */
export interface Hop {
  /** Counts from 1. */
  readonly number: number;
  readonly count: number;
  /** As it was typed, or as ProxyJump names it. */
  readonly name: string;
}

/** What a person is asked while a connection is made. */
export type Asked = 'host-key' | 'passphrase' | 'password' | 'answers';

/** A way to log in that is tried: a method of RFC 4252, and for publickey which key. */
export interface LoginTry {
  readonly method: string;
  readonly key?: {
    /** Path of the file, or `agent: comment`. */
    readonly name: string;
    /** e.g. `ssh-ed25519`. */
    readonly type: string;
    /** `SHA256:…` */
    readonly fingerprint: string;
  };
}

/** What client and server agreed on (RFC 4253 section 7.1); `sc` is from the server to us, `cs` to the server. */
export interface AgreedAlgorithms {
  readonly keyExchange: string;
  readonly hostKey: string;
  readonly cipher: { readonly cs: string; readonly sc: string };
  /** Empty where the cipher does it itself. */
  readonly mac: { readonly cs: string; readonly sc: string };
}

/**
 * What happens on the way to a host, told as it happens and in that order. Everything between two `hop` steps is about the
 * first of them. Never holds a secret; its texts may be a server's and are cleaned where they are shown.
 */
export type ConnectStep =
  | {
      readonly kind: 'configured';
      readonly name: string;
      /** What resolved the configuration: a command, or our own reader. */
      readonly by: string;
      /** The files that are read first, whether they exist or not; those they include are not told. */
      readonly files: readonly string[];
      /** `user@host port 22` */
      readonly leadsTo: string;
    }
  | {
      readonly kind: 'hop';
      readonly hop: Hop;
      /** `user@host port 22` */
      readonly leadsTo: string;
      /** How its TCP connection is made: by us, by the hop before it, or by a ProxyCommand (the name of its program). */
      readonly over: 'tcp' | 'hop' | { readonly program: string };
    }
  /** The name has this address; once for each. An address that was configured is not looked up. */
  | { readonly kind: 'address'; readonly address: string }
  /** One of several addresses did not answer. */
  | { readonly kind: 'address-failed'; readonly address: string; readonly why: string }
  /** The bytes flow. `address`: the one that answered, where it is known. */
  | { readonly kind: 'connected'; readonly address?: string | undefined }
  /** The first line of the server (RFC 4253 section 4.2). */
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'host-key-offered'; readonly type: string; readonly fingerprint: string }
  /** `where` is `file:line`, where the key was known. */
  | {
      readonly kind: 'host-key-accepted';
      readonly trust: 'known' | 'save' | 'once';
      readonly where?: string | undefined;
    }
  /** It was to be saved in this file; it is remembered in memory only. */
  | { readonly kind: 'host-key-not-saved'; readonly file: string; readonly why: string }
  | { readonly kind: 'keys-exchanged'; readonly algorithms: AgreedAlgorithms }
  | { readonly kind: 'trying'; readonly login: LoginTry }
  /** The server's answer to the try before: `partial` is one step of several (2FA). */
  | {
      readonly kind: 'tried';
      readonly outcome: 'accepted' | 'partial' | 'refused';
      /** What it would accept now. */
      readonly accepts: readonly string[];
    }
  /** A key, an agent or a method that could not be used, and why. */
  | { readonly kind: 'skipped'; readonly what: string }
  | { readonly kind: 'asking'; readonly asked: Asked; readonly subject: string }
  | { readonly kind: 'answered' }
  /** What a server says that asks nothing (keyboard-interactive without prompts), e.g. that a phone must confirm; cleaned. */
  | { readonly kind: 'server-says'; readonly text: string }
  /** A line that the ssh program said of what it does, where it is the one who connects. */
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'logged-in' }
  /** What is looked at after the login, by a check. */
  | { readonly kind: 'channel-opened' }
  | {
      readonly kind: 'shell-started';
      /** `bash` or `sh`, or what runs on the host. */
      readonly shell: string;
      /** The command that runs awk, or `none`. */
      readonly awk: string;
      /** Whether its shell waits with a time-out, so that samples go on while nobody can ask. */
      readonly ownClock: boolean;
      /** Whether only a terminal reached a shell. */
      readonly inTerminal: boolean;
      /** `uname -r`, where the host told it. */
      readonly osrelease?: string | undefined;
    }
  | { readonly kind: 'permissions'; readonly complete: boolean };

/** A step and when it happened, in ms of a monotonic clock. */
export interface TimedStep {
  readonly step: ConnectStep;
  readonly atMs: number;
}
