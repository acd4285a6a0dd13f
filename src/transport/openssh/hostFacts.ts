import type { Target } from '../hostName';
import type { ConfigValues } from '../sshSettings';

/** How long a TCP connection may take where the configuration does not say. */
const usualConnectTimeoutSeconds = 15;

/** What has to be known of a host before its ssh program is started. */
export interface HostFacts {
  /** How messages name it: what was typed, and where that leads. */
  readonly name: string;
  /** `user@host port 22` */
  readonly leadsTo: string;
  /** Whether a ProxyCommand or ProxyJump is between. */
  readonly proxied: boolean;
  /** The same for all hosts that the same server or bastion lets in. */
  readonly way: string;
  readonly connectTimeoutSeconds: number;
  /** Whether StrictHostKeyChecking is off, with which ssh takes changed keys too. */
  readonly acceptsAnyKey: boolean;
}

/** @param values what `ssh -G` says of it */
export function hostFacts({ typed, host }: Target, values: ConfigValues): HostFacts {
  const first = (keyword: string, byDefault: string): string => values.get(keyword)?.[0] ?? byDefault;
  const proxy = ['proxyjump', 'proxycommand']
    .map((keyword) => first(keyword, 'none'))
    .find((value) => value.toLowerCase() !== 'none');
  const hostName = first('hostname', host);
  const port = first('port', '22');
  const address = `${hostName.includes(':') ? `[${hostName}]` : hostName}${port === '22' ? '' : `:${port}`}`;
  return {
    name: typed === address ? address : `${typed} (${address})`,
    leadsTo: `${first('user', '')}@${hostName} port ${port}`,
    proxied: proxy !== undefined,
    way: proxy ?? address,
    connectTimeoutSeconds: Number(first('connecttimeout', '')) || usualConnectTimeoutSeconds,
    acceptsAnyKey: ['no', 'false', 'off'].includes(first('stricthostkeychecking', 'ask').toLowerCase()),
  };
}
