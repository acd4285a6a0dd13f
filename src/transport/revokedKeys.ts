import { ConnectionError } from './connection';
import { publicKeyOf } from './hostKey';
import { readBoundedFile, whyUnread } from './boundedFile';

/** The first bytes of a binary list of revoked keys, see PROTOCOL.krl of OpenSSH. */
const krlMagic = 'SSHKRL\n\0';

/**
 * The line (from 1) at which a file of RevokedHostKeys names the key, one public key a line as in `id_x.pub`; undefined:
 * it does not. As ssh does, no key is trusted where the file or a line of it cannot be read.
 * @throws {ConnectionError} phase host-key
 */
export async function revokedAtLine(key: Buffer, file: string): Promise<number | undefined> {
  for (const [index, line] of (await textOf(file)).split('\n').entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const [type = '', base64 = ''] = text.split(/[ \t]+/);
    const revoked = publicKeyOf(type, base64);
    if (!revoked) {
      const happened = `${file}:${index + 1} holds no public key, so no host key can be trusted.`;
      throw unusable(happened, { kind: 'open-file', path: file, line: index + 1 });
    }
    if (revoked.equals(key)) return index + 1;
  }
  return undefined;
}

async function textOf(file: string): Promise<string> {
  let text: string;
  try {
    text = await readBoundedFile(file, 'latin1');
  } catch (error) {
    const happened = `The file ${file} cannot be read (${whyUnread(error)}), so no host key can be trusted.`;
    throw unusable(happened, undefined, error);
  }
  if (text.startsWith(krlMagic)) {
    const happened = `The revoked keys in ${file} are a binary list (KRL), which this extension cannot read.`;
    throw unusable(happened, { kind: 'use-openssh' });
  }
  return text;
}

function unusable(happened: string, fix: ConnectionError['fix'], cause?: unknown): ConnectionError {
  const advice =
    fix?.kind === 'use-openssh'
      ? "The system's own ssh program can."
      : 'Correct the file that RevokedHostKeys of the SSH configuration names.';
  return new ConnectionError('host-key', 'user', happened, advice, { cause, fix });
}
