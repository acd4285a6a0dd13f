import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { readPrivateKey } from '../../../src/transport/privateKey';

const pem = ({ privateKey }: { privateKey: KeyObject }): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

it.each([
  ['rsa-pss', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
  ['ec', () => generateKeyPairSync('ec', { namedCurve: 'secp224r1' })],
  ['x25519', () => generateKeyPairSync('x25519')],
])('a PKCS#8 key of type %s that SSH has no use for is unusable, not an error', (type, make) => {
  expect(readPrivateKey(pem(make()))).toEqual({
    kind: 'unusable',
    why: `keys of type ${type} are not supported`,
  });
});

it('a key encrypted with what this crypto no longer has (PBE-MD5-DES) says so, and is not asked for again', () => {
  const key = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MFcwGwYJKoZIhvcNAQUDMA4ECLw3WQb0VgiuAgIIAAQ4ycPol/PjVXfMj7X/Zn9B
9E+7rT0DRA2GGuIK1RowZ+Mo/dJOeiGBL0yNQ/0q470NEg7SDHeRr8c=
-----END ENCRYPTED PRIVATE KEY-----
`;
  expect(readPrivateKey(key)).toEqual({ kind: 'locked' });
  expect(readPrivateKey(key, 'pw')).toMatchObject({
    kind: 'unusable',
    why: 'its encryption is not supported',
  });
});
