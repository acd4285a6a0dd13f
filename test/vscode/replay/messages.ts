/** What the replay server tells the process that has forked it. */
export type FromServer =
  | {
      readonly type: 'listening';
      readonly port: number;
      /** As in known_hosts. */
      readonly hostKey: string;
      /** The private key that it lets in. */
      readonly userKey: string;
    }
  /** How many questions each host, in the order of the logins, has answered so far; the answer to any message. */
  | { readonly type: 'count'; readonly answers: readonly number[] };
