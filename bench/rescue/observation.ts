/** What `observe` (observe.c) saw on the machine, about each half second and whenever a container came or went. */
export interface Observation {
  /** Host's uptime in ms. */
  readonly at: number;
  /** PSI memory full, avg10. */
  readonly fullPercent: number;
  /** PSI memory full, since the boot. */
  readonly fullTotalMs: number;
  /** MemAvailable. */
  readonly availableBytes: number;
  /** Active(file) + Inactive(file). */
  readonly fileBytes: number;
  /** Since the boot. */
  readonly oomKills: number;
  /** Those that have a process. */
  readonly containers: number;
  /** Those of them that stand still. */
  readonly frozen: number;
  /** The longest time since the observation before in which it was not run although it was due. */
  readonly lateMs: number;
}

const line =
  /observed (?<at>[\d.]+) full=(?<full>[\d.]+) total=(?<total>\d+) available=(?<available>\d+) file=(?<file>\d+) oomKills=(?<kills>\d+) containers=(?<containers>\d+) frozen=(?<frozen>\d+) late=(?<late>[\d.]+)\r?$/;

/** Finds its lines among all that is on the machine's console. */
export function parseObservations(consoleText: string): Observation[] {
  return consoleText.split('\n').flatMap((text) => {
    const groups = line.exec(text)?.groups;
    if (!groups) return [];
    return [
      {
        at: Math.round(Number(groups.at) * 1000),
        fullPercent: Number(groups.full),
        fullTotalMs: Number(groups.total),
        availableBytes: Number(groups.available) * 1024,
        fileBytes: Number(groups.file) * 1024,
        oomKills: Number(groups.kills),
        containers: Number(groups.containers),
        frozen: Number(groups.frozen),
        lateMs: Math.round(Number(groups.late) * 1000),
      },
    ];
  });
}
