import { netCountersOf } from './netCounters';
import { ParseError, type Source } from './source';

const path = 'proc/net/snmp';

/** The kernel's titles (RFC 1213, RFC 4022). */
const fields = {
  ActiveOpens: 'activeOpens',
  PassiveOpens: 'passiveOpens',
  AttemptFails: 'attemptFails',
  EstabResets: 'estabResets',
  CurrEstab: 'currEstab',
  InSegs: 'inSegs',
  OutSegs: 'outSegs',
  RetransSegs: 'retransSegs',
  InErrs: 'inErrs',
  OutRsts: 'outRsts',
} as const;

/**
 * TCP, of IPv4 and IPv6 together, since boot, in the network namespace of who reads it. A column that is missing or was
 * refused is undefined.
 */
export interface NetSnmp {
  /** Connections begun from here (`connect`). */
  readonly activeOpens?: number;
  /** Connections begun by others (`accept`). */
  readonly passiveOpens?: number;
  /** Connections that failed before they were established. */
  readonly attemptFails?: number;
  /** Established connections that were reset. */
  readonly estabResets?: number;
  /** A level: established connections, and those whose other end has closed. */
  readonly currEstab?: number;
  /** Segments received, wrong ones included. */
  readonly inSegs?: number;
  /** Segments sent, without those sent again. */
  readonly outSegs?: number;
  readonly retransSegs?: number;
  readonly inErrs?: number;
  /** Segments sent with the flag RST. */
  readonly outRsts?: number;
}

/**
 * `/proc/net/snmp` (net/ipv4/proc.c): of its pairs of lines those of TCP, `Tcp: RtoAlgorithm RtoMin RtoMax MaxConn
 * ActiveOpens …` and `Tcp: 1 200 120000 -1 2046 …`.
 */
export const netSnmp: Source<NetSnmp> = {
  path,
  keep: ['Tcp:'],
  parse(text, refuse) {
    const tcp = netCountersOf(text, refuse, 'Tcp', fields);
    if (tcp === undefined) throw new ParseError(path, 0, text, 'the two lines Tcp are missing');
    return tcp;
  },
};
