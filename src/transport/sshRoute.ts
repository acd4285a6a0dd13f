import { isIP } from 'node:net';
import { ConnectionError, type HopPlace } from './connection';
import type { SshSettings } from './sshSettings';

/** A host on the way to the target, or the target itself. */
export interface Hop {
  readonly settings: SshSettings;
  readonly place: HopPlace;
}

/** A chain of hosts that lead to each other is cut here. */
const maxHops = 8;

/**
 * The hosts on the way and the host itself, the nearest first. Only the nearest hop's own ProxyJump and ProxyCommand
 * count: the others are reached over the one before them, as with `ssh -J`.
 * `resolve` tells what the SSH configuration says of `[user@]host[:port]`.
 * @throws {ConnectionError} phase config
 */
export async function routeTo(
  target: string,
  resolve: (name: string) => Promise<SshSettings>,
): Promise<readonly Hop[]> {
  const route = [await resolve(target)];
  for (let depth = 0; ; depth++) {
    const [first, ...rest] = route[0]?.proxyJump ?? [];
    if (first === undefined) break;
    if (depth >= maxHops || route.length + rest.length >= maxHops) throw tooLong(target);
    const between: SshSettings[] = [];
    for (const name of [first, ...rest]) between.push(await resolve(name));
    route.unshift(...between);
  }
  const hops = route.map((settings, index): Hop => {
    const via = route[index - 1]?.target.typed;
    return { settings, place: { number: index + 1, of: route.length, via } };
  });
  for (const hop of hops) checkPossible(hop);
  return hops;
}

function tooLong(target: string): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `The ProxyJump of ${target} leads over more than ${maxHops} hosts.`,
    'Look for hosts that name each other in the SSH configuration.',
  );
}

/** Refuses what the configuration asks for and ssh2 or Node cannot do; to leave it out could lead to another host. */
function checkPossible({ settings, place }: Hop): void {
  const name = settings.target.typed;
  if (settings.knownHostsCommand !== undefined) throw notPossible(name, 'KnownHostsCommand');
  if (place.number > 1) return;
  if (settings.proxyCommand !== undefined) {
    if (settings.proxyUseFdpass) throw notPossible(name, 'ProxyUseFdpass');
    if (settings.proxyCommand.trim() === '-') throw notPossible(name, 'ProxyCommand -');
    return;
  }
  if (settings.bindInterface !== undefined) throw notPossible(name, 'BindInterface');
  if (settings.bindAddress !== undefined && isIP(settings.bindAddress) === 0) {
    throw notPossible(name, 'BindAddress with a name instead of an address');
  }
}

function notPossible(name: string, what: string): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `The SSH configuration of ${name} uses ${what}, which this extension cannot do by itself.`,
    "The system's own ssh program can.",
    { fix: { kind: 'use-openssh' } },
  );
}

/** The same error with the hop at which it happened, where there is more than one. */
export function atHop(error: ConnectionError, { number, of, via }: HopPlace): ConnectionError {
  if (of === 1 || error.remedy === 'cancelled') return error;
  const where = `At hop ${number} of ${of}${via === undefined ? '' : `, reached over ${via}`}`;
  const { phase, remedy, advice, fix } = error;
  return new ConnectionError(phase, remedy, `${where}: ${error.message}`, advice, { cause: error, fix });
}
