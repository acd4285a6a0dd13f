import { keyTypeOf } from './hostKey';
import { BaseAgent, createAgent, utils, type Agent, type ParsedKey } from './ssh2';

/** Signs `data`; `hash` is `sha256` or `sha512` where the algorithm leaves a choice (RSA). May ask a person first. */
export type Signer = (data: Buffer, hash: string | undefined) => Promise<Buffer>;

/** A public key to offer to a server, with what signs for it. */
export interface OfferedKey {
  readonly publicKey: Buffer;
  /** For messages, e.g. a path or `agent: comment`. */
  readonly name: string;
  readonly sign: Signer;
}

/**
 * Shows ssh2 one key as an agent would. So any key can be offered before it is decrypted, and a passphrase is asked for
 * only when the server has accepted the key; ssh2's own way for key files wants the decrypted key first.
 */
export class OneKeyAgent extends BaseAgent<Buffer> {
  /** True once a signature was handed out: what the server answers then is an answer to the signature. */
  signed = false;

  /** `fail`: told where the connection does not take the signature. */
  constructor(
    private readonly key: OfferedKey,
    private readonly fail: (error: unknown) => void,
  ) {
    super();
  }

  override getIdentities(done: (error: Error | undefined, keys?: Buffer[]) => void): void {
    done(undefined, [publicKeyText(this.key.publicKey)]);
  }

  override sign(_key: Buffer, data: Buffer, options: unknown, done?: unknown): void {
    const finish = (typeof options === 'function' ? options : done) as (
      error: Error | undefined,
      signed?: Buffer,
    ) => void;
    const hash = (options as { hash?: string } | undefined)?.hash;
    Promise.resolve(Buffer.from(data))
      .then((bytes) => this.key.sign(bytes, hash))
      .then(
        (signature) => {
          this.signed = true;
          finish(undefined, signature);
        },
        (error: unknown) => finish(error instanceof Error ? error : new Error(String(error))),
      )
      .catch(this.fail);
  }
}

/** Whether ssh2 can offer a key of this type. Certificates and FIDO keys it cannot. */
export function canOffer(publicKey: Buffer): boolean {
  return !(utils.parseKey(publicKeyText(publicKey)) instanceof Error);
}

/** `type base64`, the one form of a public key that ssh2 reads for all types. */
function publicKeyText(publicKey: Buffer): Buffer {
  return Buffer.from(`${keyTypeOf(publicKey) ?? ''} ${publicKey.toString('base64')}`);
}

/** An agent that does not answer is given up after this long. */
const agentMs = 5000;

/**
 * The keys that an agent holds, as far as ssh2 can use them.
 * @throws where the agent cannot be reached or does not answer
 */
export async function agentKeys(socket: string): Promise<OfferedKey[]> {
  const agent: Agent = createAgent(socket);
  const keys = await new Promise<readonly unknown[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${agentMs / 1000} s`)), agentMs);
    agent.getIdentities((error, found) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(found ?? []);
    });
  });
  return keys.flatMap((found): OfferedKey[] => {
    const key = utils.parseKey(found as string);
    if (key instanceof Error || Array.isArray(key)) return [];
    const publicKey = key.getPublicSSH();
    return [
      { publicKey, name: `agent: ${key.comment}`, sign: (data, hash) => signBy(agent, key, data, hash) },
    ];
  });
}

function signBy(agent: Agent, key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> {
  const options = hash === 'sha256' || hash === 'sha512' ? { hash } : {};
  return new Promise((resolve, reject) => {
    agent.sign(key, data, options as never, (error, signature) => {
      if (signature instanceof Buffer) resolve(signature);
      else reject(error ?? new Error('the agent gave no signature'));
    });
  });
}
