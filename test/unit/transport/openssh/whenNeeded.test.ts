import { expect, it } from 'vitest';
import { ConnectionError, type Phase, type Remedy } from '../../../../src/transport/connection';
import { whyOpenSsh } from '../../../../src/transport/openssh/whenNeeded';
import type { ConfigValues } from '../../../../src/transport/sshSettings';

const nothing: ConfigValues = new Map();
const smartCard: ConfigValues = new Map([['pkcs11provider', ['/usr/lib/opensc-pkcs11.so']]]);
const defaults: ConfigValues = new Map([
  ['pkcs11provider', ['none']],
  ['securitykeyprovider', ['internal']],
]);
const denied = 'Logging in as ann@web1 failed: tried password; the server accepts';

const cases: [phase: Phase, remedy: Remedy, message: string, values: ConfigValues, needed: boolean][] = [
  ['handshake', 'user', 'web1 and this extension have no key exchange algorithm in common.', nothing, true],
  ['handshake', 'retry', 'web1 closed the connection.', nothing, false],
  ['authentication', 'user', `${denied} publickey, gssapi-with-mic.`, nothing, true],
  ['authentication', 'user', `${denied} publickey, password.`, nothing, false],
  ['authentication', 'user', `${denied} publickey.`, smartCard, true],
  ['authentication', 'user', `${denied} publickey.`, defaults, false],
  ['authentication', 'retry', 'web1 closed the connection.', smartCard, false],
  ['authentication', 'cancelled', 'The passphrase was not given.', smartCard, false],
  ['host-key', 'user', 'The key is not known, host certificates are not supported yet, and …', nothing, true],
  ['host-key', 'user', 'The host key of web1 has changed.', nothing, false],
  ['tcp', 'retry', 'web1 refused the connection.', smartCard, false],
];

it.each(cases)('%s %s: %s', (phase, remedy, message, values, needed) => {
  const why = whyOpenSsh(new ConnectionError(phase, remedy, message), values);
  expect(why !== undefined).toBe(needed);
});
