import { netDev, type Interface } from '../proc/netDev';
import { linkDuplex, linkSpeed } from '../proc/netLink';
import { timeOfDay } from './clock';
import { cleanName } from './cleanText';
import { cellsOf, evenColumns, headOf, numberText, type Figures } from './columns';
import { Deltas, sum, wrapsAt32Bits } from './deltas';
import type { CheckupInputs } from './inputs';
import { pairOf, parsedOf, textOf } from './readings';
import type { Section } from './section';
import { Verdicts } from './verdict';

const names = [
  'rxpck/s',
  'txpck/s',
  'rxkB/s',
  'txkB/s',
  'rxcmp/s',
  'txcmp/s',
  'rxmcst/s',
  '%ifutil',
] as const;

const columns = evenColumns<(typeof names)[number]>(names, 9, 2);

/** The busiest are shown of more interfaces than this: a host of containers has hundreds. */
const mostLines = 64;

/** kB are 1024 bytes. `%ifutil` is undefined where the speed of the link is not known; sar prints 0 there. */
export interface SarDevRow extends Figures<(typeof names)[number]> {
  readonly IFACE: string;
  /** Packets dropped and errors, both ways; sar shows them under `-n EDEV`. */
  readonly lostPerSecond: number | undefined;
}

/**
 * `sar -n DEV SPAN 1` (sysstat, pr_stats.c, print_net_dev_stats, and compute_ifutil of rd_stats.c), in the network namespace
 * that the connection is in.
 */
export function sarDevSection(inputs: CheckupInputs): Section<readonly SarDevRow[]> {
  const devices = pairOf(netDev, inputs);
  const deltas = new Deltas(devices.spanMs ?? 0);
  const before = new Map(devices.start?.facts.map((device) => [device.name, device]));
  const known = devices.spanMs !== undefined;
  const missing = [...devices.missing];
  const rows: SarDevRow[] = [];
  for (const device of known ? (devices.end?.facts ?? []) : []) {
    const last = before.get(device.name);
    if (last === undefined) missing.push(`${cleanName(device.name)} came in between`);
    else rows.push(rowOf(inputs, deltas, last, device));
  }
  const after = new Set(devices.end?.facts.map(({ name }) => name));
  for (const name of before.keys()) {
    if (known && !after.has(name)) missing.push(`${cleanName(name)} went in between`);
  }
  if (rows.some((row) => row['%ifutil'] === undefined)) {
    missing.push(
      '%ifutil: the driver does not tell the speed of every link (sys/class/net/NAME/speed); sar prints 0.00',
    );
  }
  const shown = busiest(rows);
  if (shown.length < rows.length)
    missing.push(`${rows.length - shown.length} interfaces with less traffic are not shown`);
  const stamp = timeOfDay(inputs.endedAtMs).padEnd(11);
  return {
    id: 'sar-dev',
    command: 'sar -n DEV 1',
    figures: known ? rows : undefined,
    lines: [
      `${timeOfDay(inputs.endedAtMs - (devices.spanMs ?? 0)).padEnd(11)} ${'IFACE'.padStart(9)}${headOf(columns)}`,
      ...shown.map((row) => `${stamp} ${row.IFACE.padStart(9)}${cellsOf(columns, row)}`),
    ],
    missing: [...missing.slice(0, 12), ...deltas.notes],
    verdicts: verdictsOf(rows, known),
  };
}

function rowOf(inputs: CheckupInputs, deltas: Deltas, last: Interface, now: Interface): SarDevRow {
  const rate = (field: Exclude<keyof Interface, 'name'>): number | undefined =>
    deltas.perSecond(`${cleanName(now.name)} ${field}`, last[field], now[field], wrapsAt32Bits);
  const kib = (bytes: number | undefined): number | undefined =>
    bytes === undefined ? undefined : bytes / 1024;
  const rxBytes = rate('rxBytes');
  const txBytes = rate('txBytes');
  return {
    IFACE: cleanName(now.name),
    'rxpck/s': rate('rxPackets'),
    'txpck/s': rate('txPackets'),
    'rxkB/s': kib(rxBytes),
    'txkB/s': kib(txBytes),
    'rxcmp/s': rate('rxCompressed'),
    'txcmp/s': rate('txCompressed'),
    'rxmcst/s': rate('rxMulticast'),
    '%ifutil': utilisationOf(inputs, now.name, rxBytes, txBytes),
    lostPerSecond: sum(rate('rxErrors'), rate('rxDropped'), rate('txErrors'), rate('txDropped')),
  };
}

/** Of a link that is full duplex the busier way counts, of any other one both together. */
function utilisationOf(
  { end }: CheckupInputs,
  name: string,
  rxBytes: number | undefined,
  txBytes: number | undefined,
): number | undefined {
  const path = `sys/class/net/${name}`;
  // A link without a speed is the usual thing, no problem to tell.
  const speed = parsedOf(linkSpeed, `${path}/speed`, textOf(end, `${path}/speed`), [])?.megabitsPerSecond;
  const duplex = parsedOf(linkDuplex, `${path}/duplex`, textOf(end, `${path}/duplex`), []);
  if (speed === undefined || rxBytes === undefined || txBytes === undefined) return undefined;
  const bytes = duplex === 'full' ? Math.max(rxBytes, txBytes) : rxBytes + txBytes;
  return (bytes * 8 * 100) / (speed * 1e6);
}

function busiest(rows: readonly SarDevRow[]): readonly SarDevRow[] {
  if (rows.length <= mostLines) return rows;
  const traffic = (row: SarDevRow): number => (row['rxkB/s'] ?? 0) + (row['txkB/s'] ?? 0);
  const kept = new Set([...rows].sort((a, b) => traffic(b) - traffic(a)).slice(0, mostLines));
  return rows.filter((row) => kept.has(row));
}

function verdictsOf(rows: readonly SarDevRow[], known: boolean): ReturnType<Verdicts['list']> {
  const verdicts = new Verdicts();
  for (const row of rows) {
    verdicts.line(
      row.IFACE,
      ['interfacePercent', row['%ifutil'], `${numberText(row['%ifutil'], 0)} % of the link is used`],
      [
        'interfaceLossPerSecond',
        row.lostPerSecond,
        `${numberText(row.lostPerSecond, 1)} packets/s are dropped or wrong`,
      ],
    );
  }
  const most = (column: 'rxkB/s' | 'txkB/s'): string =>
    numberText(Math.max(0, ...rows.filter(({ IFACE }) => IFACE !== 'lo').map((row) => row[column] ?? 0)), 0);
  const text = `at most ${most('rxkB/s')} kB/s in and ${most('txkB/s')} kB/s out on one interface besides lo`;
  return verdicts.list(known ? text : undefined);
}
