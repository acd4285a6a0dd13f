import { cleanText, stripControls } from '../cleanText';
import { ConnectionError, type Fix, type Phase, type Remedy } from '../connection';

/** A failure as the ssh program told it. */
interface Told {
  readonly phase: Phase;
  readonly remedy: Remedy;
  readonly happened: string;
  readonly advice: string;
  readonly fix?: Fix;
}

/** Made from what matched and all that was said; `host` is how messages name the host. */
type Reading = readonly [
  words: RegExp,
  tell: (match: RegExpExecArray, host: string, said: string, all: string) => Told,
];

const retry = (phase: Phase, happened: string, advice = ''): Told => ({
  phase,
  remedy: 'retry',
  happened,
  advice,
});
const user = (phase: Phase, happened: string, advice = '', fix?: Fix): Told => ({
  phase,
  remedy: 'user',
  happened,
  advice,
  ...(fix && { fix }),
});

/**
 * What ssh writes when it cannot connect, the first that matches counts: the cause before what follows from it. Messages
 * of OpenSSH 7.4 to 10 (sshconnect.c, sshconnect2.c, kex.c, packet.c, readconf.c). A host on the way speaks for itself, and
 * its name is in its words.
 */
const readings: readonly Reading[] = [
  [
    /(?:Bad configuration option|Bad owner or permissions|bad configuration options|Missing argument|keyword \S+ extra arguments)[^\n]*/,
    ([words], host) =>
      user(
        'config',
        `ssh cannot use its configuration for ${host}: ${words}.`,
        'Correct the SSH configuration.',
      ),
  ],
  [
    /Could not resolve hostname ([^\s:]+)[^\n]*/,
    ([, name = '']) =>
      retry('resolve', `The name ${name} was not found.`, 'Check the name, the network and a VPN.'),
  ],
  [
    /connect to (?:host|address) (\S+) port (\d+): ([^\n]+)/,
    ([, name = '', port = '', why = '']) => tcpFailure(`${name} port ${port}`, why),
  ],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|HOST IDENTIFICATION HAS CHANGED|Host key for \S+ has changed/,
    (_match, host, said) => changedKey(host, said),
  ],
  [
    /REVOKED HOST KEY|marked as revoked|Host key \S+ \S+ revoked/,
    (_match, host) =>
      user('host-key', `The host key of ${host} is revoked.`, 'Do not connect. Ask whoever runs the host.'),
  ],
  [
    /No (\S+) host key is known for (\S+) and you have requested strict checking/,
    ([, type = '', name = '']) =>
      user(
        'host-key',
        `The ${type} host key of ${name} is not known, and StrictHostKeyChecking is on.`,
        'Add the key to known_hosts after you have compared it with the one on the host.',
      ),
  ],
  [
    /Host key verification failed/,
    (_match, host) =>
      user(
        'host-key',
        `ssh did not accept the host key of ${host}.`,
        `Connect once with ssh in a terminal, which says why.`,
      ),
  ],
  [
    /Unable to negotiate with ([^\n]{1,400}?): no matching ([^\n]{1,100}?) found(?:\. Their offer: ([^\n]+))?/,
    ([, name = '', what = '', offer = 'nothing'], host) =>
      user(
        'handshake',
        `ssh and ${host} (${name}) have no ${what} in common; the server offers ${offer}.`,
        'Update ssh or the SSH server, or see Ciphers, MACs, KexAlgorithms and HostKeyAlgorithms in the SSH configuration.',
      ),
  ],
  [
    /Too many authentication failures/,
    (_match, host) =>
      user(
        'authentication',
        `${host} ended the login after too many tries.`,
        'Name the right key with IdentityFile and set IdentitiesOnly yes in the SSH configuration.',
      ),
  ],
  [
    /(\S{1,300}@\S{1,300}): Permission denied \(([^)\n]{0,500})\)/,
    ([, account = '', methods = ''], _host, said) => {
      const [, mode, file] = /^Permissions (0\d{3}) for '([^'\n]{1,300})' are too open/m.exec(said) ?? [];
      const open = file === undefined ? '' : `; ssh does not use ${file}, its mode is ${mode}`;
      return user(
        'authentication',
        `Logging in as ${account} failed${open}; the server accepts ${methods.replaceAll(',', ', ') || 'nothing'}.`,
        file === undefined
          ? 'Check the user name and the keys; "ssh -v" to this host in a terminal shows what is tried.'
          : `Take the rights of others to ${cleanText(file, 300)} away (chmod 600).`,
      );
    },
  ],
  [
    /open failed: ([^\n]+)|stdio forwarding failed/,
    ([words, why], host, _said, all) => {
      // The last host on the way that was asked to lead on, which only -v tells.
      const [, to = 'the next host'] =
        [...all.matchAll(/channel_connect_stdio_fwd:? (\S{1,300})/g)].at(-1) ?? [];
      return retry(
        'channel',
        `A host on the way to ${host} could not connect to ${to}: ${why ?? words}.`,
        'The far host may be down, or the host on the way may forbid it (AllowTcpForwarding).',
      );
    },
  ],
  [
    /Connection timed out during banner exchange|Connection to \S+ port \S+ timed out|Operation timed out|timed out/,
    (_match, host) =>
      retry(
        'handshake',
        `${host} did not answer in time.`,
        'The host may be thrashing, or this port is not SSH.',
      ),
  ],
];

/** What ssh has written, cleaned, without what only helps to find errors in ssh (-v). */
export function meantForPeople(said: string): string {
  return stripControls(said)
    .split('\n')
    .filter((line) => line.trim() !== '' && !ofNoUse.test(line))
    .map((line) => line.slice(0, longestLine))
    .join('\n');
}

/** What ssh says of itself is shorter; the expressions below are read over and over within a line. */
const longestLine = 1000;

const ofNoUse =
  /^(?:debug[123]: |OpenSSH_\S+ ?[^\n]*SSL|Pseudo-terminal|Warning: Permanently added|Authenticated to |Transferred: |Bytes per second: )/;

/**
 * Why ssh did not connect, from its own words on standard error and in its log, with those that -v adds.
 * @param proxied whether a ProxyCommand or ProxyJump is between
 */
export function connectFailure(host: string, all: string, proxied: boolean): ConnectionError {
  const said = meantForPeople(all.slice(-32 * 1024));
  for (const [pattern, tell] of readings) {
    const match = pattern.exec(said);
    if (match) return errorOf(tell(match, host, said, all), said);
  }
  if (/kex_exchange_identification|Connection (?:closed|reset) by|banner exchange|Broken pipe/.test(said)) {
    return errorOf(proxied ? proxyFailure(host, said) : closedEarly(host), said);
  }
  return errorOf(retry('connection', `ssh could not connect to ${host}: ${lastLine(said)}.`), said);
}

/** The connection ended after it had been ready. `words`: what ssh said about it; may be empty. */
export function connectionLost(host: string, words: string): ConnectionError {
  const why = words.trim() === '' ? 'the host or the network closed it' : lastLine(words);
  return new ConnectionError('connection', 'retry', `The connection to ${host} was lost: ${why}.`);
}

/** A channel was refused. `why`: the server's words, if it had any. */
export function channelRefused(host: string, why: string | undefined): ConnectionError {
  return new ConnectionError(
    'channel',
    'retry',
    `${host} refused to run a command${why ? `: ${why}` : ''}.`,
    'Too many sessions may be open (MaxSessions), or the account may not run commands.',
  );
}

/** A Unix socket was refused. SSH does not tell the reasons apart. */
export function socketRefused(host: string, path: string, why: string | undefined): ConnectionError {
  return new ConnectionError(
    'socket',
    'user',
    `${host} did not open the socket ${path}${why ? `: ${why}` : ''}.`,
    'The server may forbid it (AllowStreamLocalForwarding), nobody may listen there, or the account may not open it.',
  );
}

function tcpFailure(name: string, why: string): Told {
  if (/refused/i.test(why)) {
    return retry('tcp', `${name} refused the connection.`, 'Check the port, and that sshd runs on the host.');
  }
  if (/timed out/i.test(why)) {
    return retry(
      'tcp',
      `${name} did not answer the connection in time.`,
      'The host may be down, or a firewall drops it.',
    );
  }
  return retry(
    'tcp',
    `${name} cannot be reached: ${cleanText(why, 100)}.`,
    'Check the network and a VPN, and that the host is up.',
  );
}

function changedKey(host: string, said: string): Told {
  const offered = /fingerprint for the (\S+) key sent by the remote host is\s+(SHA256:[\w+/=]+)/.exec(said);
  const place = /Offending (?:\S+ )?key in ([^\n]+):(\d+)/.exec(said);
  const name = /Host key for (\S+) has changed/.exec(said)?.[1];
  const [, file, line] = place ?? [];
  const offers = offered ? `: it offers ${offered[1]} ${offered[2]}` : '';
  const known = file === undefined ? '' : `, another one is in ${file}:${line}`;
  // The name comes from the words of ssh, but is put into a command line: only what known_hosts has in names.
  const removing =
    file !== undefined && name !== undefined && isPlain(file) && isPlain(name)
      ? `ssh-keygen -f "${file}" -R "${name}"`
      : undefined;
  return user(
    'host-key',
    `The host key of ${name ?? host} has changed${offers}${known}.`,
    'Somebody may be listening in, or the host was set up anew. ' +
      (removing === undefined
        ? 'If you know that it was, remove the old key.'
        : `If you know that it was: ${removing}`),
    removing === undefined ? undefined : { kind: 'copy', text: removing },
  );
}

function isPlain(text: string): boolean {
  return /^[^"'`$\\;&|<>!\s-][^"'`$\\;&|<>!\n]*$/.test(text);
}

function closedEarly(host: string): Told {
  return retry(
    'handshake',
    `${host} closed the connection.`,
    'The host may be overloaded or limit new connections (MaxStartups), or this port is not SSH.',
  );
}

/** What is left when the words are taken away with which ssh says that its proxy has gone. */
function proxyFailure(host: string, said: string): Told {
  const others = said
    .split('\n')
    .filter((line) => !/kex_exchange_identification|UNKNOWN port|banner exchange|Broken pipe/.test(line))
    .join('\n');
  return retry(
    'tcp',
    `The ProxyCommand or ProxyJump on the way to ${host} failed: ${lastLine(others)}.`,
    'Try the same with ssh in a terminal.',
  );
}

function lastLine(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const line = cleanText(lines.at(-1) ?? '', 300).replace(/\.$/, '');
  return line === '' ? 'it does not say why' : line;
}

function errorOf({ phase, remedy, happened, advice, fix }: Told, said: string): ConnectionError {
  const cause = new Error(cleanText(said, 2000));
  return new ConnectionError(phase, remedy, cleanText(happened, 600), advice, { cause, fix });
}
