import { netNetstat } from '../proc/netNetstat';
import { netSnmp, type NetSnmp } from '../proc/netSnmp';
import { timeOfDay } from './clock';
import { cellsOf, evenColumns, figuresOf, headOf, numberText, type Figures } from './columns';
import { Deltas, sum, wrapsAt32Bits } from './deltas';
import type { CheckupInputs } from './inputs';
import { pairOf } from './readings';
import type { Section } from './section';
import { Verdicts } from './verdict';

/** sar's columns and the kernel's counters (sysstat, rd_stats.c, read_net_tcp and read_net_etcp). */
const counters = {
  'active/s': 'activeOpens',
  'passive/s': 'passiveOpens',
  'iseg/s': 'inSegs',
  'oseg/s': 'outSegs',
  'atmptf/s': 'attemptFails',
  'estres/s': 'estabResets',
  'retrans/s': 'retransSegs',
  'isegerr/s': 'inErrs',
  'orsts/s': 'outRsts',
} as const satisfies Record<string, keyof NetSnmp>;

type SarTcpColumn = keyof typeof counters;

const trafficColumns = evenColumns<SarTcpColumn>(['active/s', 'passive/s', 'iseg/s', 'oseg/s'], 9, 2);
const errorColumns = evenColumns<SarTcpColumn>(
  ['atmptf/s', 'estres/s', 'retrans/s', 'isegerr/s', 'orsts/s'],
  9,
  2,
);

/** All a second. */
export interface SarTcpFigures extends Figures<SarTcpColumn> {
  /** From `/proc/net/netstat`; in none of sar's tables. */
  readonly listenOverflowsPerSecond: number | undefined;
}

/**
 * `sar -n TCP,ETCP SPAN 1` (sysstat, pr_stats.c, print_net_tcp_stats and print_net_etcp_stats), in the network namespace
 * that the connection is in.
 */
export function sarTcpSection(inputs: CheckupInputs): Section<SarTcpFigures> {
  const tcp = pairOf(netSnmp, inputs);
  const more = pairOf(netNetstat, inputs);
  const deltas = new Deltas(tcp.spanMs ?? 0);
  const moreDeltas = new Deltas(more.spanMs ?? 0);
  const value = (column: SarTcpColumn): number | undefined => {
    const field = counters[column];
    return deltas.perSecond(field, tcp.start?.facts[field], tcp.end?.facts[field], wrapsAt32Bits);
  };
  const figures: SarTcpFigures = {
    ...figuresOf([...trafficColumns, ...errorColumns], value),
    listenOverflowsPerSecond: moreDeltas.perSecond(
      'ListenOverflows',
      more.start?.facts.listenOverflows,
      more.end?.facts.listenOverflows,
      wrapsAt32Bits,
    ),
  };
  const known = tcp.spanMs !== undefined;
  const begun = timeOfDay(inputs.endedAtMs - (tcp.spanMs ?? 0)).padEnd(11);
  const stamp = timeOfDay(inputs.endedAtMs).padEnd(11);
  return {
    id: 'sar-tcp',
    command: 'sar -n TCP,ETCP 1',
    figures: known ? figures : undefined,
    lines: [
      `${begun}${headOf(trafficColumns)}`,
      `${stamp}${cellsOf(trafficColumns, figures)}`,
      '',
      `${begun}${headOf(errorColumns)}`,
      `${stamp}${cellsOf(errorColumns, figures)}`,
    ],
    missing: [...tcp.missing, ...more.missing, ...deltas.notes, ...moreDeltas.notes],
    verdicts: verdictsOf(figures, known),
  };
}

function verdictsOf(figures: SarTcpFigures, known: boolean): ReturnType<Verdicts['list']> {
  const verdicts = new Verdicts();
  const retransmitted = figures['retrans/s'];
  const sent = figures['oseg/s'];
  // Less than one a second is no share of anything.
  if (retransmitted !== undefined && retransmitted >= 1 && sent !== undefined) {
    const percent = (100 * retransmitted) / Math.max(sent, retransmitted);
    verdicts.judge(
      'retransmittedPercent',
      percent,
      `retrans/s: ${numberText(percent, 1)} % of the segments are sent again`,
    );
  }
  const failed = sum(figures['atmptf/s'], figures['estres/s']);
  verdicts.judge('failedPerSecond', failed, `${numberText(failed, 0)} connections/s fail or are reset`);
  const wrong = figures['isegerr/s'];
  verdicts.judge(
    'segmentErrorsPerSecond',
    wrong,
    `isegerr/s: ${numberText(wrong, 2)} wrong segments/s come in`,
  );
  const overflows = figures.listenOverflowsPerSecond;
  verdicts.judge(
    'listenOverflowsPerSecond',
    overflows,
    `${numberText(overflows, 2)} new connections/s are refused because a program does not accept them`,
  );
  const text = `${numberText(figures['active/s'], 1)} connections/s out and ${numberText(figures['passive/s'], 1)} in, ${numberText(retransmitted, 2)} segments/s sent again`;
  return verdicts.list(known ? text : undefined);
}
