import { keysOfAgent } from './agentKeys';
import { certificateName, readCertificate, type Certificate } from './certificate';
import { readKeyFile, readPublicKeyFile } from './keyFile';
import { skipFile, unlockKey } from './keyPassphrase';
import type { LoginContext } from './loginContext';
import type { Candidate, OfferedKey, Signer } from './offeredKey';
import { readPrivateKey, type SigningKey } from './privateKey';
import { isDefaultIdentityFile } from './sshSettings';

/** One IdentityFile. */
interface KeyIdentity {
  /** What the file or the one beside it shows; undefined: only decrypting tells. */
  readonly publicKey?: Buffer;
  /** Absent: only an agent can sign for it. */
  readonly candidate?: Candidate;
}

/** A certificate that stands in a file. Any key with the same public key signs for it. */
interface CertificateIdentity {
  readonly publicKey: Buffer;
  readonly file: string;
  readonly certificate: Certificate;
}

/**
 * The keys to offer, in the order of OpenSSH (pubkey_prepare in its sshconnect2.c): certificates that CertificateFile names,
 * keys of the agent that an IdentityFile names, the others of the agent (unless IdentitiesOnly), then key files. Files that
 * cannot be used are told to `context.skip`.
 */
export async function candidateKeys(context: LoginContext): Promise<Candidate[]> {
  const { settings } = context;
  const files = (await Promise.all(settings.identityFiles.map((file) => readIdentity(file, context)))).flat();
  const agent = await keysOfAgent(context);

  const isNamed = (key: OfferedKey): boolean => files.some((file) => file.publicKey?.equals(key.publicKey));
  const named = agent.filter(isNamed);
  const others = settings.identitiesOnly ? [] : agent.filter((key) => !isNamed(key));
  const rest = files.filter((file) => !named.some((key) => file.publicKey?.equals(key.publicKey)));

  const signers = [...agent, ...rest.flatMap((file) => ('candidate' in file ? (file.candidate ?? []) : []))];
  const certified = (identity: CertificateIdentity): OfferedKey[] => certify(identity, signers, context);
  const certificates = await Promise.all(
    settings.certificateFiles.map((file) => readCertificateFile(file, context)),
  );
  return withoutTwins([
    ...certificates.flatMap((found) => (found ? certified(found) : [])),
    ...named,
    ...others,
    ...rest.flatMap((file) => ('certificate' in file ? certified(file) : (file.candidate ?? []))),
  ]);
}

/** The key of a file and, where CertificateFile names none, the certificate beside it. */
async function readIdentity(
  file: string,
  context: LoginContext,
): Promise<(KeyIdentity | CertificateIdentity)[]> {
  const beside = `${file}-cert.pub`;
  const publicKey = await readPublicKeyFile(beside);
  const certificate = publicKey && readCertificate(publicKey);
  const key = await readKey(file, certificate?.publicKey, context);
  const counts = context.settings.certificateFiles.length === 0 && certificate?.isForUsers;
  return publicKey && certificate && counts ? [key, { publicKey, file: beside, certificate }] : [key];
}

/** `certified`: the public key as the certificate beside the file shows it. */
async function readKey(
  file: string,
  certified: Buffer | undefined,
  context: LoginContext,
): Promise<KeyIdentity> {
  const read = await readKeyFile(file);
  // IdentityFile may name a .pub whose private key is in the agent.
  if (read.kind === 'public') return { publicKey: read.publicKey };
  const beside = (await readPublicKeyFile(`${file}.pub`)) ?? certified;
  const onlyPublic = beside ? { publicKey: beside } : {};
  if (read.kind === 'absent') {
    if (!beside && !isDefaultIdentityFile(file)) context.skip(`${file} (ENOENT)`);
    return onlyPublic;
  }
  if (read.kind === 'unusable') {
    skipFile(file, read, context);
    return onlyPublic;
  }

  const unlocked = context.memory.unlocked.get(read.text);
  if (unlocked) return { publicKey: unlocked.publicKey, candidate: offered(file, unlocked) };
  const reading = readPrivateKey(read.text);
  switch (reading.kind) {
    case 'unusable':
      skipFile(file, reading, context);
      return onlyPublic;
    case 'key':
      return { publicKey: reading.key.publicKey, candidate: offered(file, reading.key) };
    case 'locked':
      return lockedIdentity(file, read.text, reading.publicKey ?? beside, context);
  }
}

/** A key that is decrypted when the server wants it; where nothing shows its public key, before it can be offered. */
function lockedIdentity(
  file: string,
  text: string,
  publicKey: Buffer | undefined,
  context: LoginContext,
): KeyIdentity {
  const unlock = (): Promise<SigningKey | undefined> => unlockKey(file, text, publicKey, context);
  if (!publicKey) {
    const later = async (): Promise<OfferedKey | undefined> => {
      const key = await unlock();
      return key && offered(file, key);
    };
    return { candidate: { name: file, unlock: later } };
  }
  const sign: Signer = async (data, algorithm) => (await unlock())?.sign(data, algorithm);
  return { publicKey, candidate: { name: file, publicKey, sign } };
}

function offered(name: string, key: SigningKey): OfferedKey {
  return { name, publicKey: key.publicKey, sign: (data, algorithm) => key.sign(data, algorithm) };
}

async function readCertificateFile(
  file: string,
  context: LoginContext,
): Promise<CertificateIdentity | undefined> {
  const read = await readKeyFile(file);
  const publicKey = read.kind === 'public' ? read.publicKey : undefined;
  const certificate = publicKey && readCertificate(publicKey);
  if (publicKey && certificate?.isForUsers) return { publicKey, file, certificate };
  const why = certificate ? 'it is the certificate of a host' : 'it is no certificate that we know';
  context.skip(`${file} (${read.kind === 'absent' ? 'ENOENT' : why})`);
  return undefined;
}

/** Nothing where nobody can sign for the certificate. */
function certify(
  { publicKey, file, certificate }: CertificateIdentity,
  signers: readonly Candidate[],
  context: LoginContext,
): OfferedKey[] {
  const signer = signers.find(
    (key): key is OfferedKey =>
      'sign' in key && (key.publicKey.equals(certificate.publicKey) || key.publicKey.equals(publicKey)),
  );
  if (signer) return [{ name: certificateName(file, certificate), publicKey, sign: signer.sign }];
  context.skip(`${file} (its private key is neither in the agent nor in a file of IdentityFile)`);
  return [];
}

/** The same key may be in two places; a server counts each time that it is offered. */
function withoutTwins(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((candidate) => {
    if (!('publicKey' in candidate)) return true;
    const blob = candidate.publicKey.toString('base64');
    if (seen.has(blob)) return false;
    seen.add(blob);
    return true;
  });
}
