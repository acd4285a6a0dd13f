/**
 * Gives the signature as it goes over the wire. `algorithm` is never that of a certificate. May ask a person first.
 * Undefined: the key stays locked, which was told.
 */
export type Signer = (data: Buffer, algorithm: string) => Promise<Buffer | undefined>;

/** A public key or certificate to offer to a server, with what signs for it. */
export interface OfferedKey {
  readonly publicKey: Buffer;
  /** For messages, e.g. a path or `agent: comment`. */
  readonly name: string;
  readonly sign: Signer;
}

/** A key to offer, at once or only after it was decrypted because its file does not show the public key. */
export type Candidate =
  OfferedKey | { readonly name: string; readonly unlock: () => Promise<OfferedKey | undefined> };
