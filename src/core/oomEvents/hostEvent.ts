import type { OomEvent } from '../oom/event';
import type { Aftermath } from './aftermath';

/**
 * Where an event was learnt from: `kernel-log` – the ring buffer, followed live; `journal`, `log-file` – what was looked up
 * of earlier; `counters` – no log tells of it, only oom_kill of /proc/vmstat or of a cgroup has risen.
 */
export type EventSource = 'kernel-log' | 'journal' | 'log-file' | 'counters';

/** A process that was there before a kill that no log tells of, and was not after it. It may have ended by itself. */
export interface GoneProcess {
  readonly pid: number;
  readonly name: string;
  readonly rssBytes?: number;
  readonly cgroup?: string;
}

/** What counters tell of kills without a line in a log. */
export interface WitnessedKills {
  /** Tasks that were killed and of which no log tells. */
  readonly count: number;
  /** oom_kill of /proc/vmstat before and after. */
  readonly fromCount: number;
  readonly toCount: number;
  /** The host's uptime in ms between which they happened. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Cgroups whose own oom_kill rose, innermost only, most kills first; at most 20. */
  readonly cgroups: readonly { readonly path: string; readonly kills: number }[];
  /** Largest first, at most 10; of those cgroups where they are known. */
  readonly gone: readonly GoneProcess[];
}

/** One kill of a host, however many sources tell of it. Plain data, as it is kept on disk. */
export interface HostOomEvent {
  /** The same in every window and after every restart, see `eventKey.ts`; safe as the name of a file. */
  readonly key: string;
  /** For `counters`: kind kernel, no victims, outcome killed. */
  readonly event: OomEvent;
  /** Undefined: of an earlier boot that the log does not name. */
  readonly bootId: string | undefined;
  /** ms since the epoch by our clock, else by the log's; undefined: not known. */
  readonly atMs: number | undefined;
  /** Each once, in the order in which they told. */
  readonly sources: readonly EventSource[];
  /** Of `counters` alone. */
  readonly witnessed?: WitnessedKills;
  readonly aftermath?: Aftermath;
  /** The minutes before, where the host was watched then. */
  readonly before?: MinutesBefore;
}

/** What the charts showed before a kill, one value a step; `null`: no sample. */
export interface MinutesBefore {
  /** ms since the epoch of the first value. */
  readonly fromMs: number;
  readonly stepMs: number;
  readonly availableBytes: readonly (number | null)[];
  readonly pageCacheBytes: readonly (number | null)[];
  readonly memoryFullPercent: readonly (number | null)[];
}
