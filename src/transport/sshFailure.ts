import { errorText } from '../core/errorText';
import { cleanText } from './cleanText';
import { ConnectionError, type Phase, type Remedy } from './connection';
import type { SshSettings } from './sshSettings';

/** How messages name a host: what was typed, and where that leads. */
export function nameOf({ target, hostName, port }: SshSettings): string {
  const address = `${hostName.includes(':') ? `[${hostName}]` : hostName}${port === 22 ? '' : `:${port}`}`;
  return target.typed === address ? address : `${target.typed} (${address})`;
}

/** An error of the socket before the connection stands, in words. */
export function tcpError(settings: SshSettings, error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? errorText(error);
  const [phase, happened, advice] = tcpWords(code, settings);
  return new ConnectionError(phase, 'retry', happened, advice, { cause: error });
}

function tcpWords(code: string, settings: SshSettings): [Phase, string, string] {
  const name = nameOf(settings);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return ['resolve', `The name of ${name} was not found.`, 'Check the name, the network and a VPN.'];
    case 'ECONNREFUSED':
      return ['tcp', `${name} refused the connection.`, 'Check the port, and that sshd runs on the host.'];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return ['tcp', `${name} cannot be reached.`, 'Check the network and a VPN, and that the host is up.'];
    case 'ETIMEDOUT':
      return [
        'tcp',
        `${name} did not answer the connection in time.`,
        'The host may be down, or a firewall drops it.',
      ];
    case 'EADDRNOTAVAIL':
    case 'EINVAL': // an address of the other family
      return ['tcp', `${name} cannot be connected to from that address.`, 'Check BindAddress, and a VPN.'];
    case 'ECONNRESET':
      return [
        'tcp',
        `${name} reset the connection.`,
        'The host may be overloaded, or a firewall may stand between.',
      ];
    default:
      return ['tcp', `${name} cannot be connected to: ${cleanText(code, 100)}.`, ''];
  }
}

/**
 * An error of ssh2 while the connection is made, in words. `tried`: what the login has tried; `asking`: a person was being
 * asked something.
 */
export function sshError(
  settings: SshSettings,
  phase: Phase,
  error: unknown,
  { tried, asking }: { readonly tried: string; readonly asking: boolean },
): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const said = cleanText(errorText(error), 300);
  const name = nameOf(settings);
  const make = (at: Phase, remedy: Remedy, happened: string, advice: string): ConnectionError =>
    new ConnectionError(at, remedy, happened, advice, { cause: error });

  const missing = /no matching (.+)/i.exec(said)?.[1];
  if (missing !== undefined) {
    return make(
      'handshake',
      'user',
      `${name} and this extension have no ${missing} in common.`,
      'Update the SSH server, or see Ciphers, MACs, KexAlgorithms and HostKeyAlgorithms in the SSH configuration.',
    );
  }
  if (/header line too long|max greeting lines|invalid header/i.test(said)) {
    return make(
      'handshake',
      'retry',
      `${name} sent something before its SSH version that no SSH server sends.`,
      'This port may not be SSH.',
    );
  }
  if (/connection lost before handshake|identification|greeting|ECONNRESET|EPIPE/i.test(said)) {
    return closedEarly(settings, phase, asking, error);
  }
  // The network, not the server: nobody has to do anything about the login.
  if ((error as { level?: unknown }).level === 'client-socket') {
    return asking
      ? closedEarly(settings, phase, asking, error)
      : make(phase, 'retry', `The connection to ${name} broke: ${said}.`, 'Check the network and a VPN.');
  }
  if (phase === 'authentication') {
    const tooMany = /too many authentication failures/i.test(said);
    return make(
      phase,
      'user',
      `${name} ended the login: ${said} (${tried}).`,
      tooMany
        ? 'Name the right key with IdentityFile and set IdentitiesOnly yes in the SSH configuration.'
        : '',
    );
  }
  return make(phase, 'retry', `The SSH connection to ${name} failed: ${said}.`, '');
}

/**
 * The server closed the connection before it was ready. Where a person was being asked (`asking`), trying again by itself
 * would only ask the same again while nobody looks.
 */
export function closedEarly(
  settings: SshSettings,
  phase: Phase,
  asking: boolean,
  cause?: unknown,
): ConnectionError {
  if (asking) {
    const happened = `${nameOf(settings)} closed the connection while you were asked.`;
    return new ConnectionError(phase, 'user', happened, 'Attach again.', { cause });
  }
  const advice: Readonly<Partial<Record<Phase, string>>> = {
    handshake: 'The host may be overloaded or limit new connections (MaxStartups), or this port is not SSH.',
    authentication:
      'It does not wait for long (LoginGraceTime), or it has refused too many tries; connect again.',
  };
  return new ConnectionError(
    phase,
    'retry',
    `${nameOf(settings)} closed the connection.`,
    advice[phase] ?? '',
    { cause },
  );
}

/** The same error where a person was asked what nobody remembers: trying again by itself would only ask the same again. */
export function afterAsking(error: ConnectionError): ConnectionError {
  const { phase, remedy, message, advice, fix } = error;
  if (remedy !== 'retry') return error;
  return new ConnectionError(phase, 'user', message, `${advice} Attach again.`.trimStart(), {
    cause: error,
    fix,
  });
}

/** The server said nothing for too long while the connection was made. */
export function tooSilent(settings: SshSettings, phase: Phase, ms: number): ConnectionError {
  const during = phase === 'authentication' ? 'the login' : 'the SSH handshake';
  return new ConnectionError(
    phase,
    'retry',
    `${nameOf(settings)} did not answer during ${during} for ${ms / 1000} s.`,
    'The host may be thrashing, or this port is not SSH.',
  );
}

/** The server does what none would do that means well; `what` ends a sentence that begins with its name. */
export function beyondBounds(settings: SshSettings, phase: Phase, what: string): ConnectionError {
  return new ConnectionError(
    phase,
    'user',
    `${nameOf(settings)} ${what}; the connection was cut.`,
    'No SSH server that means well does so: check the name and the port, and what runs there.',
  );
}

/** The connection ended after it had been ready. */
export function lost(settings: SshSettings, error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const why = error === undefined ? 'the host or the network closed it' : errorWords(error);
  return new ConnectionError(
    'connection',
    'retry',
    `The connection to ${nameOf(settings)} was lost: ${why}.`,
    '',
    {
      cause: error,
    },
  );
}

/** A channel was refused. */
export function channelError(settings: SshSettings, error: unknown): ConnectionError {
  return new ConnectionError(
    'channel',
    'retry',
    `${nameOf(settings)} refused to run a command: ${errorWords(error)}.`,
    'Too many sessions may be open (MaxSessions), or the account may not run commands.',
    { cause: error },
  );
}

/** A host did not open a TCP connection for us. */
export function forwardError(
  bastion: SshSettings,
  host: string,
  port: number,
  error: unknown,
): ConnectionError {
  // RFC 4254 section 5.1: 1 is SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, which trying again does not change.
  if ((error as { reason?: unknown } | undefined)?.reason === 1) {
    return new ConnectionError(
      'channel',
      'user',
      `${nameOf(bastion)} does not let connections through to ${host} port ${port}.`,
      'Ask whoever runs that server to allow it (AllowTcpForwarding, PermitOpen, DisableForwarding).',
      { cause: error },
    );
  }
  return new ConnectionError(
    'channel',
    'retry',
    `${nameOf(bastion)} could not connect to ${host} port ${port}: ${errorWords(error)}.`,
    'The far host may be down, or the server may forbid it (AllowTcpForwarding).',
    { cause: error },
  );
}

/** A Unix socket was refused. SSH does not tell the reasons apart. */
export function socketError(settings: SshSettings, path: string, error: unknown): ConnectionError {
  return new ConnectionError(
    'socket',
    'user',
    `${nameOf(settings)} did not open the socket ${path}: ${errorWords(error)}.`,
    'The server may forbid it (AllowStreamLocalForwarding), nobody may listen there, or the account may not open it.',
    { cause: error },
  );
}

function errorWords(error: unknown): string {
  const text = errorText(error);
  return cleanText(text.replace(/^\(SSH\) /, ''), 200);
}
