import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { readPrivateKey } from '../../../src/transport/privateKey';

const pem = ({ privateKey }: { privateKey: KeyObject }): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

it.each([
  ['dsa', () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })],
  ['rsa-pss', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
  ['ec', () => generateKeyPairSync('ec', { namedCurve: 'secp224r1' })],
  ['x25519', () => generateKeyPairSync('x25519')],
])('a PKCS#8 key of type %s that SSH has no use for is unusable, not an error', (type, make) => {
  expect(readPrivateKey(pem(make()))).toEqual({
    kind: 'unusable',
    why: `keys of type ${type} are not supported`,
  });
});
