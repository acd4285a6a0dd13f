import { netCountersOf } from './netCounters';
import { ParseError, type Source } from './source';

const path = 'proc/net/netstat';

const fields = {
  ListenOverflows: 'listenOverflows',
  ListenDrops: 'listenDrops',
  TCPTimeouts: 'tcpTimeouts',
  TCPSynRetrans: 'tcpSynRetrans',
  TCPMemoryPressures: 'tcpMemoryPressures',
  TCPAbortOnMemory: 'tcpAbortOnMemory',
  PruneCalled: 'pruneCalled',
} as const;

/**
 * What the kernel counts of TCP beside the standard, since boot, in the network namespace of who reads it. A column that
 * this kernel lacks or that was refused is undefined.
 */
export interface NetNetstat {
  /** Connections refused because a program did not accept them fast enough. */
  readonly listenOverflows?: number;
  /** Those, and connections refused for any other reason. */
  readonly listenDrops?: number;
  readonly tcpTimeouts?: number;
  /** Since 3.14. */
  readonly tcpSynRetrans?: number;
  /** How often TCP came to the limit of its memory (`tcp_mem`). */
  readonly tcpMemoryPressures?: number;
  readonly tcpAbortOnMemory?: number;
  /** How often received data was put together because a socket's buffer was full. */
  readonly pruneCalled?: number;
}

/** `/proc/net/netstat` (net/ipv4/proc.c): of its pairs of lines those of `TcpExt:`. */
export const netNetstat: Source<NetNetstat> = {
  path,
  keep: ['TcpExt:'],
  parse(text, refuse) {
    const tcp = netCountersOf(text, refuse, 'TcpExt', fields);
    if (tcp === undefined) throw new ParseError(path, 0, text, 'the two lines TcpExt are missing');
    return tcp;
  },
};
