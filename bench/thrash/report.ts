import type { Moment } from '../../src/monitor/hostMonitor';
import type { Watch } from '../../test/vm/lab/watch';
import { quantile } from '../quantile';
import type { Probe } from './probes';
import { spansAbove, type Span, type TimelineEntry } from './timeline';

/** PSI memory full (avg10) above which the machine counts as thrashing. */
const thrashPercent = 40;

/** All that one run brought. */
export interface Measured {
  readonly watch: Watch;
  readonly timeline: readonly TimelineEntry[];
  readonly fresh: readonly Probe[];
  readonly loop: readonly Probe[];
}

/** A column of figures in ms, while the machine thrashed and before. */
interface Series {
  readonly name: string;
  readonly thrash: readonly number[];
  readonly peace: readonly number[];
  readonly notes: string;
}

interface Gap {
  readonly before: Moment;
  readonly after: Moment;
  readonly ms: number;
}

/** @returns Markdown: what the machine did, a table of the delays, how they compare, and the largest gap. */
export function report({ watch, timeline, fresh, loop }: Measured): string {
  const spans = spansAbove(timeline, thrashPercent);
  const [first] = spans;
  const last = spans.at(-1);
  if (!first || !last) return `PSI memory full never came over ${thrashPercent} %: nothing was measured.`;
  const window = { from: first.from, to: last.to };
  const moments = [...watch.moments].sort((a, b) => a.sample.at - b.sample.at);
  const gaps = gapsBetween(moments);
  const inWindow = moments.filter(({ sample }) => window.from <= sample.at && sample.at <= window.to);
  const peaceUntil = timeline[0]?.at ?? window.from;

  const ours = seriesOf('samples: delivery delay', inWindow, moments, peaceUntil);
  const others = [
    probeSeries('a fresh `ssh HOST free`', fresh, moments, window, peaceUntil),
    probeSeries('a resident loop that starts `cat`', loop, moments, window, peaceUntil),
  ] as const;
  const overlapping = gaps.filter(
    ({ before, after }) => after.sample.at > window.from && before.sample.at < window.to,
  );
  const own = inWindow.filter(({ sample }) => sample.clock === 'own').length;
  const gapSeries: Series = {
    name: 'samples: from one to the next, on the host’s clock',
    thrash: overlapping.map(({ ms }) => ms),
    peace: gaps.filter(({ after }) => after.sample.at < peaceUntil).map(({ ms }) => ms),
    notes: `${inWindow.length} samples of ${seconds(window.to - window.from)} s, ${own} of them by the host’s own clock`,
  };
  const ageSeries: Series = {
    name: 'the newest sample: its age, at each second',
    thrash: agesOfNewest(moments, window),
    peace: agesOfNewest(moments, { from: moments[0]?.sample.at ?? peaceUntil, to: peaceUntil }),
    notes: 'what somebody sees who looks at the panel',
  };
  const silent = watch.silences.map(seconds).join(', ');
  return [
    machineText(timeline, spans, window, inWindow),
    '',
    ...table([gapSeries, ours, ageSeries, ...others]),
    '',
    `Silent for ${silent || 'never'} (s, over the whole run); ${watch.reconnects} reconnects.`,
    '',
    ...comparison(ours, others[0]),
    '',
    gapText(overlapping, timeline),
  ].join('\n');
}

function gapsBetween(moments: readonly Moment[]): Gap[] {
  return moments.slice(1).flatMap((after, index) => {
    const before = moments[index];
    return before ? [{ before, after, ms: after.sample.at - before.sample.at }] : [];
  });
}

function seriesOf(
  name: string,
  inWindow: readonly Moment[],
  moments: readonly Moment[],
  peaceUntil: number,
): Series {
  const delays = (some: readonly Moment[]): number[] => some.flatMap(({ ageMs }) => ageMs ?? []);
  return {
    name,
    thrash: delays(inWindow),
    peace: delays(moments.filter(({ sample }) => sample.at < peaceUntil)),
    notes: '',
  };
}

/** How old the newest of the samples was that had come by then, for each second of a span of the host's uptime. */
export function agesOfNewest(
  moments: readonly Pick<Moment, 'sample' | 'ageMs'>[],
  { from, to }: Span,
): number[] {
  const ages: number[] = [];
  for (let at = from; at <= to; at += 1000) {
    const come = moments.filter(({ sample, ageMs }) => sample.at + (ageMs ?? 0) <= at);
    if (come.length > 0) ages.push(at - Math.max(...come.map(({ sample }) => sample.at)));
  }
  return ages;
}

/** Whatever was under way while the machine thrashed, by the time of day that the samples tell. */
function probeSeries(
  name: string,
  probes: readonly Probe[],
  moments: readonly Moment[],
  window: Span,
  peaceUntil: number,
): Series {
  const wallOfBootMs = quantile(
    moments.map(({ wallMs, sample }) => wallMs - sample.at),
    0.5,
  );
  const asked = probes.map((probe) => ({ ...probe, at: probe.askedAtMs - wallOfBootMs }));
  const under = asked.filter(({ at, delayMs }) => at + delayMs > window.from && at < window.to);
  const count = (outcome: Probe['outcome']): number =>
    under.filter((probe) => probe.outcome === outcome).length;
  const failures = under.reduce((total, probe) => total + probe.failures, 0);
  const notes = [
    [count('timed out'), 'timed out'],
    [count('unfinished'), 'unfinished'],
    [failures, 'failed and tried again'],
  ] as const;
  return {
    name,
    thrash: under.map(({ delayMs }) => delayMs),
    peace: asked.filter(({ at, delayMs }) => at + delayMs < peaceUntil).map(({ delayMs }) => delayMs),
    notes: notes.flatMap(([times, what]) => (times > 0 ? [`${times} ${what}`] : [])).join(', '),
  };
}

function machineText(
  timeline: readonly TimelineEntry[],
  spans: readonly Span[],
  window: Span,
  inWindow: readonly Moment[],
): string {
  const during = timeline.filter(({ at }) => window.from <= at && at <= window.to);
  const middle = (value: (entry: TimelineEntry) => number): string =>
    quantile(during.map(value), 0.5).toFixed(0);
  const kills = (during.at(-1)?.oomKills ?? 0) - (during[0]?.oomKills ?? 0);
  const longest = Math.max(...spans.map(({ from, to }) => to - from));
  const total = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const full = inWindow.flatMap(({ sample }) => sample.memoryPressure?.full?.avg10Percent ?? []);
  const faults = inWindow.flatMap(({ rates }) => rates?.pgmajfaultPerSecond ?? []);
  return [
    `PSI memory full (avg10) was over ${thrashPercent} % for ${seconds(total)} s in all, ${seconds(longest)} s of them at a stretch,`,
    `from ${seconds(window.from)} to ${seconds(window.to)} s of uptime.`,
    `As the load saw it: full ${middle(({ fullPercent }) => fullPercent)} % (median), ${middle(({ fileMb }) => fileMb)} MB of file pages,`,
    `${middle(({ majorFaultsPerSecond }) => majorFaultsPerSecond)} major faults/s, ${middle(({ readMbPerSecond }) => readMbPerSecond)} MB/s read, ${kills} OOM kills.`,
    `In our samples: full ${quantile(full, 0.5).toFixed(0)} % (median), at most ${Math.max(0, ...full).toFixed(0)} %;`,
    `${quantile(faults, 0.5).toFixed(0)} major faults/s (median), at most ${Math.max(0, ...faults).toFixed(0)}.`,
  ].join('\n');
}

function table(all: readonly Series[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = ['s', 'count', 'p50', 'p90', 'worst', 'before: count', 'p50', 'worst', ''];
  return [
    row(columns),
    row(columns.map(() => '---')),
    ...all.map(({ name, thrash, peace, notes }) =>
      row([
        name,
        String(thrash.length),
        ...[0.5, 0.9, 1].map((share) => seconds(quantile(thrash, share))),
        String(peace.length),
        ...[0.5, 1].map((share) => seconds(quantile(peace, share))),
        notes,
      ]),
    ),
  ];
}

/** Required of the samples that came: at most a fifth at the median and at the 90th percentile, at most half at the worst. */
function comparison(ours: Series, login: Series): string[] {
  const wanted = [
    ['p50', 0.5, 1 / 5],
    ['p90', 0.9, 1 / 5],
    ['worst', 1, 1 / 2],
  ] as const;
  return [
    `Our delivery delay over that of \`ssh HOST free\`, of ${ours.thrash.length} samples and ${login.thrash.length} logins. Samples that never were do not count here: see the gaps, and the age of the newest.`,
    ...wanted.map(([name, share, most]) => {
      const ratio = quantile(ours.thrash, share) / quantile(login.thrash, share);
      return `- ${name}: ${ratio.toFixed(3)} (wanted: at most ${most}; ${ratio <= most ? 'met' : 'NOT met'})`;
    }),
  ];
}

function gapText(gaps: readonly Gap[], timeline: readonly TimelineEntry[]): string {
  const largest = gaps.reduce<Gap | undefined>(
    (most, gap) => (most && most.ms >= gap.ms ? most : gap),
    undefined,
  );
  if (!largest) return 'No two samples, so no gap.';
  const { before, after, ms } = largest;
  const during = timeline.filter(({ at }) => before.sample.at < at && at <= after.sample.at + 1000);
  const lateMs = Math.max(0, ...during.map((entry) => entry.lateMs));
  const faults =
    (after.sample.vmstat?.pgmajfault ?? Number.NaN) - (before.sample.vmstat?.pgmajfault ?? Number.NaN);
  return [
    `Largest gap: ${seconds(ms)} s.`,
    `Before: ${momentText(before)}. After: ${momentText(after)}.`,
    `Between: ${faults} major faults. The load, which is locked in memory, was run at most ${seconds(lateMs)} s late in it:`,
    lateMs > ms / 2
      ? 'the whole machine stood still.'
      : 'the machine ran on, and our program waited: for its code, or in the kernel for memory.',
  ].join('\n');
}

function momentText({ sample, ageMs, stallMs }: Moment): string {
  const full = sample.memoryPressure?.full?.avg10Percent;
  return [
    `uptime ${seconds(sample.at)} s`,
    `${sample.clock === 'own' ? 'own clock, with' : 'asked as'} question ${sample.seq}`,
    `PSI memory full ${full ?? '–'} %`,
    `heard ${seconds(ageMs ?? Number.NaN)} s late`,
    ...(stallMs === undefined ? [] : [`${seconds(stallMs)} s of stall told`]),
  ].join(', ');
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? '–' : (ms / 1000).toFixed(2);
}
