import { ConnectionError } from '../connection';
import type { ConfigValues } from '../sshSettings';

/**
 * Why a host is out of reach for the SSH of this extension and perhaps not for the system's own: words that go after
 * "because". Undefined: the system's ssh would fare no better, as far as is known.
 * @param values what the SSH configuration says of the host; undefined: it is not known
 */
export function whyOpenSsh(error: ConnectionError, values: ConfigValues | undefined): string | undefined {
  if (error.remedy === 'cancelled') return undefined;
  const { phase, remedy, message } = error;
  // ssh2 1.17.0 has neither sntrup761 nor ML-KEM, and no host certificates.
  if (phase === 'handshake' && /have no .{1,100} in common/.test(message)) {
    return 'it may have what the server asks for';
  }
  if (phase === 'host-key' && message.includes('host certificate')) return 'it reads host certificates';
  return phase === 'authentication' && remedy === 'user' ? whyForLogin(message, values) : undefined;
}

function whyForLogin(message: string, values: ConfigValues | undefined): string | undefined {
  if (/accepts [^;.]{0,500}\b(?:gssapi|hostbased)/.test(message)) return 'it can log in with Kerberos';
  if (isSet(values, 'pkcs11provider', ['none'])) return 'it uses keys of a PKCS#11 module (PKCS11Provider)';
  if (isSet(values, 'securitykeyprovider', ['none', 'internal'])) {
    return 'it uses keys of a FIDO device (SecurityKeyProvider)';
  }
  return undefined;
}

function isSet(values: ConfigValues | undefined, keyword: string, without: readonly string[]): boolean {
  const value = values?.get(keyword)?.[0];
  return value !== undefined && !without.includes(value.toLowerCase());
}
