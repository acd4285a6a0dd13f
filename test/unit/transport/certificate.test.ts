import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { certificateName, plainAlgorithm, readCertificate } from '../../../src/transport/certificate';
import { publicKeyOf } from '../../../src/transport/keyFile';

let folder: string;
const file = (name: string): string => path.join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'certificate-'));
  for (const type of ['ed25519', 'ecdsa']) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file(type)]);
  }
  const options = ['-I', 'its name', '-n', 'one,two', '-V', '20200101000000Z:20210101000000Z', '-z', '7'];
  execFileSync('ssh-keygen', ['-q', '-s', file('ed25519'), ...options, file('ecdsa.pub')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const blobOf = (name: string): Buffer => publicKeyOf(readFileSync(file(name), 'utf8')) ?? Buffer.alloc(0);

it('reads what ssh-keygen writes', () => {
  const certificate = readCertificate(blobOf('ecdsa-cert.pub'));
  expect(certificate).toEqual({
    publicKey: blobOf('ecdsa.pub'),
    isForUsers: true,
    keyId: 'its name',
    validAfterSeconds: BigInt(Date.UTC(2020, 0) / 1000),
    validBeforeSeconds: BigInt(Date.UTC(2021, 0) / 1000),
  });
  if (!certificate) return;
  expect(certificateName('x', certificate, Date.UTC(2020, 5))).toBe('x (certificate its name)');
  expect(certificateName('x', certificate, Date.UTC(2022, 5))).toBe(
    'x (certificate its name, expired on 2021-01-01T00:00:00Z)',
  );
  expect(certificateName('x', certificate, 0)).toContain('not valid before 2020-01-01T00:00:00Z');
  const farOff = { ...certificate, validAfterSeconds: 2n ** 64n - 1n, validBeforeSeconds: 2n ** 64n - 1n };
  expect(certificateName('x', farOff, 0)).toContain('not valid before a far day');
});

it('a plain key is no certificate, and neither is one that is cut off anywhere or has a length that cannot be', () => {
  expect(readCertificate(blobOf('ecdsa.pub'))).toBeUndefined();
  const whole = blobOf('ecdsa-cert.pub');
  for (let length = 0; length < whole.length; length++) {
    expect(readCertificate(whole.subarray(0, length))).toBeUndefined();
  }
  expect(readCertificate(Buffer.concat([whole, Buffer.of(0)]))).toBeUndefined();
  const absurd = Buffer.from(whole);
  absurd.writeUInt32BE(0xffffffff, whole.readUInt32BE() + 4);
  expect(readCertificate(absurd)).toBeUndefined();
});

it.each([
  ['rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-512'],
  ['sk-ssh-ed25519-cert-v01@openssh.com', 'sk-ssh-ed25519@openssh.com'],
  ['sk-ssh-ed25519@openssh.com', 'sk-ssh-ed25519@openssh.com'],
  ['ssh-ed25519', 'ssh-ed25519'],
])('%s signs with %s', (algorithm, plain) => {
  expect(plainAlgorithm(algorithm)).toBe(plain);
});
