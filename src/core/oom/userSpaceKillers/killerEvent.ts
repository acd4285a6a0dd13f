import type { OomCgroups, OomEvent, OomKind, OomMissing, OomOutcome, OomScope, OomVictim } from '../event';
import type { LogRecord } from '../logRecord';
import { present } from '../present';

/** What a user-space killer's own log tells of one kill. */
export interface KillFacts {
  readonly kind: OomKind;
  readonly scope: OomScope;
  readonly outcome: OomOutcome;
  readonly victims: readonly OomVictim[];
  readonly cgroup?: OomCgroups | undefined;
  readonly container?: string | undefined;
  readonly reason?: string | undefined;
  /** What the program prints and this log does not hold. */
  readonly missing?: readonly OomMissing[];
}

/** A reader of one program's log. */
export interface KillerLog {
  /** Who writes such a log, as `LogRecord.identifier` has it. */
  readonly identifiers: readonly string[];
  /** @returns whether the record is a part of that log. */
  take(record: LogRecord): boolean;
  /** The log is complete: what is held back is told. */
  end(): void;
}

/** Names the events of user-space killers. */
export class KillerIds {
  private withoutTime = 0;

  /**
   * `<kind>-<when>-<whom>`: the same for a second print of the same record; without a time every record is another event.
   * @param whom pid, cgroup or container; `?` where it is not told.
   */
  idOf(kind: OomKind, { kernelTimeMs, wallMs, localTime }: LogRecord, whom: string | number): string {
    const when = kernelTimeMs ?? wallMs ?? localTime ?? `#${++this.withoutTime}`;
    return `${kind}-${when}-${whom}`;
  }
}

/** The event that began with `record`. */
export function killerEvent(id: string, record: LogRecord, facts: KillFacts): OomEvent {
  const { kernelTimeMs, kernelTimeMicroseconds, wallMs, localTime, bootId, boot, host } = record;
  const missing: OomMissing[] = [
    ...(facts.scope === 'unknown' ? (['scope'] as const) : []),
    ...(facts.missing ?? []),
  ];
  return present<OomEvent>({
    kind: facts.kind,
    id,
    kernelTimeMs,
    kernelTimeMicroseconds,
    wallMs,
    localTime,
    bootId,
    boot,
    host,
    scope: facts.scope,
    cgroup: facts.cgroup,
    container: facts.container,
    victims: facts.victims,
    outcome: facts.outcome,
    reason: facts.reason,
    complete: missing.length === 0,
    missing,
  });
}

/** When the record was written, in ms on whichever clock it tells; undefined: it tells none that can be compared. */
export function timeMsOf({ kernelTimeMs, wallMs }: LogRecord): number | undefined {
  return wallMs ?? kernelTimeMs;
}

/** At most `most` characters of the text, as a string that does not keep the whole of it in memory. */
export function shortCopy(text: string, most: number): string {
  return ` ${text.slice(0, most)}`.slice(1);
}
