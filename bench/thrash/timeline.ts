/** What the program that makes the machine thrash saw, about once a second. It is locked in memory. */
export interface TimelineEntry {
  /** Host's uptime in ms. */
  readonly at: number;
  /** PSI memory full, avg10. */
  readonly fullPercent: number;
  /** Pages of files that the kernel may take away (Active(file) + Inactive(file)). */
  readonly fileMb: number;
  readonly majorFaultsPerSecond: number;
  readonly readMbPerSecond: number;
  /** Since the boot. */
  readonly oomKills: number;
  /** The longest time since the entry before in which it was not run although it was due. */
  readonly lateMs: number;
}

const line =
  /^(?<at>[\d.]+) full=(?<full>[\d.]+) taken=\d+ free=\d+ file=(?<file>[\d.]+) majorFaults=(?<faults>\d+) read=(?<read>[\d.]+) oomKills=(?<kills>\d+) late=(?<late>[\d.]+)\r?$/;

/** Finds its lines (see thrash.c) among all that is on the machine's console. */
export function parseTimeline(consoleText: string): TimelineEntry[] {
  return consoleText.split('\n').flatMap((text) => {
    const groups = line.exec(text)?.groups;
    if (!groups) return [];
    return [
      {
        at: Math.round(Number(groups.at) * 1000),
        fullPercent: Number(groups.full),
        fileMb: Number(groups.file),
        majorFaultsPerSecond: Number(groups.faults),
        readMbPerSecond: Number(groups.read),
        oomKills: Number(groups.kills),
        lateMs: Math.round(Number(groups.late) * 1000),
      },
    ];
  });
}

/** In ms of the host's uptime. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The times in which PSI memory full was above `percent`: each from the first entry to the last one of a run of such. */
export function spansAbove(timeline: readonly TimelineEntry[], percent: number): Span[] {
  const spans: { from: number; to: number }[] = [];
  let open: { from: number; to: number } | undefined;
  for (const { at, fullPercent } of timeline) {
    if (fullPercent <= percent) open = undefined;
    else if (open) open.to = at;
    else spans.push((open = { from: at, to: at }));
  }
  return spans;
}
