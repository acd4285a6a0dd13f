import { ConnectionError } from './connection';
import { checkConfiguredUser, checkHost, checkUser, type Target } from './hostName';
import { localUser } from './localUser';
import { expandHome, expandPath, expandTokens, type TokenValues } from './sshTokens';

/** What the SSH configuration says of one host, with defaults filled in and tokens expanded. */
export interface SshSettings {
  readonly target: Target;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths in the order in which they are tried; they need not exist. */
  readonly identityFiles: readonly string[];
  /** Certificates of the keys, absolute paths; a key file's own `-cert.pub` beside it is not among them. */
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket or pipe of the agent; undefined: no agent. */
  readonly identityAgent: string | undefined;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: 'yes' | 'no' | 'ask' | 'accept-new';
  readonly hashKnownHosts: boolean;
  /** The file of RevokedHostKeys; undefined: none. */
  readonly revokedHostKeys: string | undefined;
  /** KnownHostsCommand as configured; undefined: none. */
  readonly knownHostsCommand: string | undefined;
  readonly hostKeyAlias: string | undefined;
  /** `[user@]host[:port]` of each host on the way, the nearest first. */
  readonly proxyJump: readonly string[];
  /** As configured, tokens not expanded. */
  readonly proxyCommand: string | undefined;
  /** Whether the ProxyCommand hands over a socket instead of carrying the bytes. */
  readonly proxyUseFdpass: boolean;
  readonly connectTimeoutMs: number | undefined;
  readonly addressFamily: 'any' | 'inet' | 'inet6';
  readonly bindAddress: string | undefined;
  readonly bindInterface: string | undefined;
  readonly tcpKeepAlive: boolean;
  /** Whether ssh would log in or exchange keys by GSSAPI (Kerberos). */
  readonly gssapi: boolean;
  /** The library of a PKCS#11 token; undefined: none. */
  readonly pkcs11Provider: string | undefined;
  /** The library of FIDO tokens where it is not ssh's own; undefined: ssh's own. */
  readonly securityKeyProvider: string | undefined;
  readonly publicKeyAllowed: boolean;
  readonly passwordAllowed: boolean;
  readonly keyboardInteractiveAllowed: boolean;
  /** The methods to log in with, the first one first; undefined: the order of OpenSSH. */
  readonly preferredAuthentications: readonly string[] | undefined;
  /** Names of OpenSSH, possibly with a leading `+`, `-` or `^`; undefined: defaults. */
  readonly ciphers: string | undefined;
  readonly macs: string | undefined;
  readonly keyExchanges: string | undefined;
  readonly hostKeyAlgorithms: string | undefined;
}

/** Values by keyword in lower case, the first match first: what `ssh -G` prints, or what our own reader finds. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

const defaultIdentityFiles = ['rsa', 'ecdsa', 'ecdsa_sk', 'ed25519', 'ed25519_sk', 'xmss', 'dsa'].map(
  (type) => `~/.ssh/id_${type}`,
);

/** Whether `file` is a name that ssh tries without being told to, so that its absence is nothing to speak of. */
export function isDefaultIdentityFile(file: string): boolean {
  return defaultIdentityFiles.some((name) => expandHome(name) === file);
}

/**
 * @throws {ConnectionError} phase config, remedy user: a value makes no sense or must not be used
 */
export function settingsFrom(values: ConfigValues, target: Target): SshSettings {
  const first = (keyword: string): string | undefined => values.get(keyword)?.[0];
  const flag = (keyword: string, byDefault: boolean): boolean => isYes(first(keyword), byDefault);

  const hostName = first('hostname') ?? target.host;
  checkHost(hostName, target.typed);
  const user = target.user ?? first('user') ?? localUser().name;
  if (target.user === undefined) checkConfiguredUser(user, target.typed);
  else checkUser(user, target.typed);
  const port = target.port ?? Number(first('port') ?? 22);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new ConnectionError(
      'config',
      'user',
      `The SSH configuration gives ${target.typed} a port that is none.`,
      'Correct Port.',
    );
  }

  const proxyCommand = notNone(first('proxycommand'));
  const proxyJump = jumps(first('proxyjump'));
  const hostKeyAlias = first('hostkeyalias');
  const tokens: TokenValues = {
    original: target.host,
    hostName,
    port,
    user,
    jumps: proxyJump.length > 0,
    ...(hostKeyAlias !== undefined && { hostKeyAlias }),
  };
  const paths = (keyword: string, byDefault: readonly string[]): string[] =>
    (values.get(keyword) ?? byDefault)
      .filter((file) => file.toLowerCase() !== 'none')
      .map((file) => expandPath(file, tokens));

  return {
    target,
    hostName,
    port,
    user,
    identityFiles: [...new Set(paths('identityfile', defaultIdentityFiles))],
    certificateFiles: [...new Set(paths('certificatefile', []))],
    identitiesOnly: flag('identitiesonly', false),
    identityAgent: agentPath(first('identityagent'), tokens),
    userKnownHostsFiles: paths('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalKnownHostsFiles: paths('globalknownhostsfile', globalKnownHosts()),
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    hashKnownHosts: flag('hashknownhosts', false),
    revokedHostKeys: paths('revokedhostkeys', [])[0],
    knownHostsCommand: notNone(first('knownhostscommand')),
    hostKeyAlias: hostKeyAlias === undefined ? undefined : expandTokens(hostKeyAlias, tokens),
    proxyJump,
    proxyCommand,
    proxyUseFdpass: proxyCommand !== undefined && flag('proxyusefdpass', false),
    connectTimeoutMs: milliseconds(first('connecttimeout')),
    addressFamily: addressFamily(first('addressfamily')),
    bindAddress: notNone(first('bindaddress')),
    bindInterface: notNone(first('bindinterface')),
    tcpKeepAlive: flag('tcpkeepalive', true),
    gssapi: flag('gssapiauthentication', false) || flag('gssapikeyexchange', false),
    pkcs11Provider: notNone(first('pkcs11provider')),
    securityKeyProvider: ownProvider(first('securitykeyprovider')),
    publicKeyAllowed: flag('pubkeyauthentication', true),
    passwordAllowed: flag('passwordauthentication', true),
    keyboardInteractiveAllowed: flag('kbdinteractiveauthentication', true),
    preferredAuthentications: first('preferredauthentications')?.split(','),
    ciphers: first('ciphers'),
    macs: first('macs'),
    keyExchanges: first('kexalgorithms'),
    hostKeyAlgorithms: first('hostkeyalgorithms'),
  };
}

/** Anything but a plain no counts as yes: PubkeyAuthentication also knows `unbound` and `host-bound`. */
function isYes(value: string | undefined, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  return !['no', 'false'].includes(value.toLowerCase());
}

function strictness(value: string | undefined): SshSettings['strictHostKeyChecking'] {
  const word = value?.toLowerCase() ?? '';
  if (['yes', 'true'].includes(word)) return 'yes';
  if (['no', 'false', 'off'].includes(word)) return 'no';
  return word === 'accept-new' ? 'accept-new' : 'ask';
}

/** See ssh_config(5) IdentityAgent: a path, `$VARIABLE`, `SSH_AUTH_SOCK` or `none`. */
function agentPath(value: string | undefined, tokens: TokenValues): string | undefined {
  if (value?.toLowerCase() === 'none') return undefined;
  const variable =
    value === undefined || value === 'SSH_AUTH_SOCK' ? 'SSH_AUTH_SOCK' : /^\$(\w+)$/.exec(value)?.[1];
  if (variable === undefined) return expandPath(value ?? '', tokens);
  const socket = process.env[variable];
  if (socket !== undefined && socket !== '') return socket;
  return process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined;
}

function globalKnownHosts(): string[] {
  const folder =
    process.platform === 'win32' ? `${process.env.ProgramData ?? 'C:\\ProgramData'}\\ssh` : '/etc/ssh';
  return ['ssh_known_hosts', 'ssh_known_hosts2'].map((name) => `${folder}/${name}`);
}

function jumps(value: string | undefined): string[] {
  return (
    notNone(value)
      ?.split(',')
      .map((hop) => hop.trim().replace(/^ssh:\/\/([^/]*)\/?$/i, '$1')) ?? []
  );
}

function notNone(value: string | undefined): string | undefined {
  return value === undefined || value.toLowerCase() === 'none' ? undefined : value;
}

function addressFamily(value: string | undefined): SshSettings['addressFamily'] {
  const word = value?.toLowerCase();
  return word === 'inet' || word === 'inet6' ? word : 'any';
}

function ownProvider(value: string | undefined): string | undefined {
  return value?.toLowerCase() === 'internal' ? undefined : notNone(value);
}

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90`, `1m30s`: see sshd_config(5) "TIME FORMATS". Undefined: `none`, nothing or nonsense. */
function milliseconds(value: string | undefined): number | undefined {
  if (value === undefined || !/^(?:\d+[smhdw])*\d*$/i.test(value)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ''] of value.matchAll(/(\d+)([smhdw]?)/gi)) {
    seconds += Number(count) * (unitSeconds[unit.toLowerCase()] ?? 1);
  }
  return seconds > 0 ? seconds * 1000 : undefined;
}
