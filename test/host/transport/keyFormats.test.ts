import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPrivateKey } from '../../../src/transport/privateKey';
import type { SshOptions } from '../../../src/transport/ssh';
import { trust } from '../lab/trust';
import { startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { attach, expectNoSecretTold, secret, works } from './told';

const passphrase = secret('right-geheimnis-é'); // a letter beyond ASCII: bytes and characters differ
const wrong = secret('wrong-passphrase-typed');

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());
afterAll(expectNoSecretTold);

/** One key of each type is made and let in by the server; the others are copies of it in other formats. */
const originals = new Map<string, string>();

/** A copy of the key of this type, plain in the format of OpenSSH, or as `ssh-keygen -p` makes it. */
function newKey(name: string, type: readonly string[], change: readonly string[] = []): string {
  const kind = type.join('');
  const original = originals.get(kind) ?? sshd.file(`original-${kind}`);
  if (!originals.has(kind)) {
    execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'throw-away', '-f', original, '-t', ...type]);
    sshd.authorize(`${original}.pub`);
    originals.set(kind, original);
  }
  const file = sshd.file(name);
  copyFileSync(original, file);
  copyFileSync(`${original}.pub`, `${file}.pub`);
  // Few rounds of hashing, so that many keys take little time.
  const args = ['-q', '-p', '-P', '', '-a', '1', '-f', file];
  if (change.length > 0) execFileSync('ssh-keygen', [...args, ...change], { stdio: 'ignore' });
  return file;
}

/** Options that know this key file only. */
function withOnly(file: string): SshOptions {
  const options = optionsFor(sshd, [`IdentityFile "${file}"`]);
  const text = readFileSync(options.configFile ?? '', 'utf8');
  writeFileSync(options.configFile ?? '', text.replace(`  IdentityFile ${sshd.userKey}\n`, ''));
  return options;
}

/** The server accepts the key with the right passphrase at the second attempt, not with a wrong one. */
async function unlocks(file: string): Promise<void> {
  const prompts = scripted({ secret: ({ attempt }) => Promise.resolve(attempt === 1 ? wrong : passphrase) });
  await works(attach(withOnly(file), prompts));
  expect(prompts.asked).toEqual([`passphrase ${file} 1`, `passphrase ${file} 2`]);
}

/** Without a passphrase, or with an empty one, it cannot be read. */
function isLocked(file: string): void {
  const text = readFileSync(file, 'latin1');
  for (const none of [undefined, '']) expect(readPrivateKey(text, none).kind).toBe('locked');
}

/** The person gives none. */
async function staysLocked(file: string): Promise<void> {
  const prompts = scripted({ secret: () => Promise.resolve('') });
  const error = await failure(attach(withOnly(file), prompts));
  expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
  expect(error.message).toContain(file);
}

const rsa = ['rsa', '-b', '2048'];
const types: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['ed25519', ['ed25519']],
  ['RSA', rsa],
  ['ECDSA 256', ['ecdsa', '-b', '256']],
  ['ECDSA 384', ['ecdsa', '-b', '384']],
  ['ECDSA 521', ['ecdsa', '-b', '521']],
];
const olderTypes = types.slice(1); // ssh-keygen writes ed25519 in OpenSSH's own format only

describe('every key format × right, wrong, absent passphrase', () => {
  it.each(types)('%s, format of OpenSSH, plain', async (name, type) => {
    await works(attach(withOnly(newKey(`plain ${name}`, type))));
  });

  const ciphers = ['aes256-ctr', 'aes256-gcm@openssh.com', 'aes128-cbc'];
  it.each(types.flatMap(([name, type]) => ciphers.map((cipher) => [name, cipher, type] as const)))(
    '%s, format of OpenSSH, %s',
    async (name, cipher, type) => {
      const file = newKey(`${name} ${cipher}`, type, ['-N', passphrase, '-Z', cipher]);
      if (cipher === 'aes256-ctr') rmSync(`${file}.pub`); // the file itself shows the public key
      await unlocks(file);
      isLocked(file);
    },
  );

  it.each(
    olderTypes.flatMap(([name, type]) => ['PEM', 'PKCS8'].map((format) => [name, format, type] as const)),
  )('%s, format %s', async (name, format, type) => {
    await works(attach(withOnly(newKey(`plain ${name} ${format}`, type, ['-N', '', '-m', format]))));
    const file = newKey(`${name} ${format}`, type, ['-N', passphrase, '-m', format]);
    if (name !== 'RSA') rmSync(`${file}.pub`); // now only decrypting shows the public key
    await unlocks(file);
    isLocked(file);
  });

  it.each([
    ['format of OpenSSH', []],
    ['PEM', ['-m', 'PEM']],
  ])('a person who gives no passphrase is told which key stays locked, %s', async (name, format) => {
    await staysLocked(newKey(`forgotten ${name}`, ['ecdsa', '-b', '256'], ['-N', passphrase, ...format]));
  });

  it.each(['plain', 'encrypted'])('ed25519, PKCS#8, %s: openssl writes it', async (kind) => {
    const file = sshd.file(`pkcs8-ed25519-${kind}`);
    const cipher = kind === 'plain' ? [] : ['-aes256', '-pass', `pass:${passphrase}`];
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file, ...cipher], {
      stdio: 'ignore',
    });
    const reading = readPrivateKey(readFileSync(file, 'utf8'), passphrase);
    if (reading.kind !== 'key') throw new Error(reading.kind);
    appendFileSync(sshd.file('authorized_keys'), `ssh-ed25519 ${reading.key.publicKey.toString('base64')}\n`);
    if (kind === 'plain') await works(attach(withOnly(file)));
    else await unlocks(file);
  });

  it.each(['plain', 'encrypted'])('RSA, PuTTY version 2, %s', async (kind) => {
    await (kind === 'plain'
      ? works(attach(withOnly(puttyKey('v2-plain', rsa, 2, ''))))
      : unlocks(puttyKey('v2-locked', rsa, 2, passphrase)));
  });
});

/** A key in PuTTY's format, let in by the server. */
function puttyKey(name: string, type: readonly string[], version: 2 | 3, phrase: string): string {
  const source = newKey(`${name}-source`, type);
  const file = sshd.file(`${name}.ppk`);
  const phraseFile = sshd.file(`${name}.phrase`);
  writeFileSync(phraseFile, phrase);
  const args = [source, '-O', 'private', '-o', file, '--ppk-param', `version=${version}`];
  execFileSync('puttygen', [...args, '--new-passphrase', phraseFile], { stdio: 'ignore' });
  return file;
}

describe('a key file that cannot be used is named, with why and what to do', () => {
  /** What is said of a key file that is the only one. */
  async function saidOf(file: string): Promise<{ message: string; advice: string; fix: unknown }> {
    const { message, advice, fix, remedy } = await failure(attach(withOnly(file)));
    expect(remedy).toBe('user');
    expect(message).toContain(file);
    return { message, advice, fix };
  }

  it('a cipher that only OpenSSH has (chacha20-poly1305): use the system’s ssh', async () => {
    const file = newKey('chacha', ['ed25519'], ['-N', passphrase, '-Z', 'chacha20-poly1305@openssh.com']);
    const { message, advice, fix } = await saidOf(file);
    expect(message).toContain('chacha20-poly1305 is not supported');
    expect(advice).toContain('ssh-keygen -p -Z aes256-ctr');
    expect(fix).toEqual({ kind: 'use-openssh' });
    // The advice is right.
    execFileSync('ssh-keygen', ['-p', '-Z', 'aes256-ctr', '-P', passphrase, '-N', passphrase, '-f', file]);
    await unlocks(file);
  });

  it.each([
    ['RSA, version 3', rsa, 3],
    ['ed25519, version 2', ['ed25519'], 2],
    ['ed25519, version 3', ['ed25519'], 3],
  ] as const)('a key of PuTTY: %s', async (name, type, version) => {
    const file = puttyKey(name.replace(/\W/g, ''), type, version, '');
    const { message, advice } = await saidOf(file);
    expect(message).toContain('PuTTY');
    expect(advice).toContain('puttygen KEY.ppk -O private-openssh -o KEY');
    // The advice is right.
    const converted = `${file}.openssh`;
    execFileSync('puttygen', [file, '-O', 'private-openssh', '-o', converted], { stdio: 'ignore' });
    await works(attach(withOnly(converted)));
  });

  it('a FIDO key file, made as ssh-keygen writes it, for there is no device here', async () => {
    const file = sshd.file('id_ed25519_sk');
    writeFileSync(file, fidoKeyFile(), { mode: 0o600 });
    expect(execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' })).toContain('sk-ssh-ed25519');
    const { message, advice, fix } = await saidOf(file);
    expect(message).toContain('FIDO device');
    expect(advice).toContain('ssh-add');
    expect(fix).toEqual({ kind: 'use-openssh' });
  });

  it('DSA', async () => {
    const file = sshd.file('dsa');
    const parameters = ['-pkeyopt', 'dsa_paramgen_bits:1024'];
    execFileSync(
      'openssl',
      ['genpkey', '-genparam', '-algorithm', 'DSA', ...parameters, '-out', `${file}.p`],
      {
        stdio: 'ignore',
      },
    );
    execFileSync('openssl', ['genpkey', '-paramfile', `${file}.p`, '-out', file], { stdio: 'ignore' });
    const { message, advice } = await saidOf(file);
    expect(message).toContain('it is a DSA key');
    expect(advice).toContain('ssh-keygen -t ed25519');
  });

  it.each(['PEM', 'PKCS8', 'RFC4716'])(
    'a public key where a private one should be, as %s',
    async (format) => {
      const file = sshd.file(`public-${format}`);
      const source = newKey(`public-source-${format}`, rsa);
      const text = execFileSync('ssh-keygen', ['-e', '-m', format, '-f', source], { encoding: 'utf8' });
      writeFileSync(file, text, { mode: 0o600 });
      expect((await saidOf(file)).message).toContain('it is a public key');
    },
  );

  it.each([
    ['format of OpenSSH', []],
    ['PEM', ['-m', 'PEM']],
    ['PKCS#8', ['-m', 'PKCS8']],
  ])('a truncated key, %s', async (name, format) => {
    const file = newKey(`whole ${name}`.replace('#', ''), rsa, ['-N', '', ...format]);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, text.length / 2));
    expect((await saidOf(file)).message).toContain('it is cut off');
    const lines = text.split('\n');
    lines.splice(5, 3);
    expect(readPrivateKey(lines.join('\n'))).toEqual({ kind: 'unusable', why: 'it is malformed' });
  });

  it('a key readable by everybody is refused, as ssh does', async () => {
    const file = newKey('open-to-all', ['ed25519']);
    chmodSync(file, 0o644);
    rmSync(`${file}.pub`);
    const { message, advice, fix } = await saidOf(file);
    expect(message).toContain('others may read it: its mode is 0644');
    expect(advice).toContain(`chmod 600 ${file}`);
    expect(fix).toEqual({ kind: 'copy', text: `chmod 600 ${file}` });
    expect(() => execFileSync('ssh-keygen', ['-y', '-f', file], { stdio: 'ignore' })).toThrow();
    chmodSync(file, 0o600);
    await works(attach(withOnly(file)));
  });

  it.each([
    ['garbage', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919) & 0xff))],
    ['an empty file', Buffer.alloc(0)],
    ['a header and nothing else', Buffer.from('-----BEGIN OPENSSH PRIVATE KEY-----\n')],
    ['2 MiB', Buffer.alloc(2 * 1024 * 1024, 'A')],
  ])('%s', async (name, bytes) => {
    const file = sshd.file(name.replace(/ /g, '-'));
    writeFileSync(file, bytes, { mode: 0o600 });
    expect((await saidOf(file)).message).toMatch(/it is (no private key|cut off|too large for a key)/);
  });

  it('a named pipe, which nobody ever writes to, and a folder', async () => {
    const pipe = sshd.file('pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect((await saidOf(pipe)).message).toContain('it is no file');
    expect((await saidOf(sshd.folder)).message).toContain('it is no file');
  });
});

describe('key files as they come', () => {
  it.each([
    ['format of OpenSSH', []],
    ['PEM', ['-m', 'PEM']],
    ['PKCS#8', ['-m', 'PKCS8']],
  ])('a key file with CRLF, %s', async (name, format) => {
    const file = newKey(`crlf ${name}`.replace('#', ''), rsa, ['-N', passphrase, ...format]);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\n/g, '\r\n'));
    await unlocks(file);
  });

  it('without a last line feed', async () => {
    const file = newKey('no-line-feed', ['ed25519']);
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    await works(attach(withOnly(file)));
  });

  it('a name with a blank and quotes in it', async () => {
    const file = newKey('plain-name', ['ed25519']);
    const odd = sshd.file("it's mine");
    copyFileSync(file, odd);
    chmodSync(odd, 0o644);
    const error = await failure(attach(withOnly(odd)));
    expect(error.fix).toEqual({ kind: 'copy', text: `chmod 600 '${odd.replace("'", "'\\''")}'` });
    chmodSync(odd, 0o600);
    await works(attach(withOnly(odd)));
  });
});

/** PROTOCOL.key and PROTOCOL.u2f of OpenSSH: public part, flags and key handle; the private key is in the device. */
function fidoKeyFile(): string {
  const uint32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const text = (value: string | Buffer): Buffer =>
    Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value as string)]);
  const type = 'sk-ssh-ed25519@openssh.com';
  const point = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
  const publicKey = Buffer.concat([text(type), text(point), text('ssh:')]);
  const handle = Buffer.alloc(64, 7);
  const inner = [uint32(1), uint32(1), publicKey, Buffer.of(1), text(handle), text(''), text('throw-away')];
  let secrets = Buffer.concat(inner);
  for (let pad = 1; secrets.length % 8 !== 0; pad++) secrets = Buffer.concat([secrets, Buffer.of(pad)]);
  const blob = [text('none'), text('none'), text(''), uint32(1), text(publicKey), text(secrets)];
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), ...blob]).toString('base64');
  const lines = body.match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}
