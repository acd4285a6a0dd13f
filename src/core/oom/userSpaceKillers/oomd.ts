import type { OomEvent, OomVictim } from '../event';
import type { LogRecord } from '../logRecord';
import { killerEvent, type KillerIds, type KillerLog, shortCopy } from './killerEvent';

const mostVictims = 1000;

/**
 * oomd of Facebook (src/oomd/plugins/BaseKillPlugin.cpp). It kills a cgroup and writes one line into the kernel's log,
 * `oomd kill: 10.00 60.00 600.00 system.slice/web.service 1999 ruleset:[…] detectorgroup:[…] killer:kill_by_pressure v2`
 * (its memory pressure of 10, 60 and 300 s, in older versions a total, the cgroup, its memory in bytes). Its own log says the same without the words
 * in front, and before it which processes: `Killed 2: 882(web) 883(web)`.
 */
export class Oomd implements KillerLog {
  readonly identifiers = ['oomd', 'fb-oomd', 'oomd_bin'];
  /** Named in its own log, and not yet told with a kill. */
  private named: OomVictim[] = [];
  private latest: { readonly body: string; readonly event: OomEvent } | undefined;

  constructor(
    private readonly ids: KillerIds,
    private readonly onEvent: (event: OomEvent) => void,
  ) {}

  take(record: LogRecord): boolean {
    const text = record.text.slice(0, 8192).trimEnd();
    if (text.startsWith(kernelWords)) return this.addKill(text.slice(kernelWords.length), record);
    if (record.identifier === undefined || record.identifier === 'kernel') return false;
    const message = text.replace(sourcePlace, '');
    if (message.startsWith('Killed ')) this.named.push(...victimsOf(message));
    else if (kill.test(message)) this.addKill(message, record);
    return true;
  }

  end(): void {
    // Every line is told at once.
  }

  private addKill(body: string, record: LogRecord): boolean {
    const [, path, reason] = kill.exec(body) ?? [];
    if (path === undefined || reason === undefined) return false;
    const victims = this.named.splice(0).slice(0, mostVictims);
    // A dry run kills nobody.
    if (reason.includes('killer:(dry)')) return true;
    const { latest } = this;
    if (latest?.body === body) {
      const known = new Set(latest.event.victims.map(({ pid }) => pid));
      const others = victims.filter(({ pid }) => !known.has(pid));
      if (others.length === 0) return true;
      this.tell(body, { ...latest.event, victims: [...latest.event.victims, ...others] });
      return true;
    }
    const task = shortCopy(path, 4096);
    this.tell(
      body,
      killerEvent(this.ids.idOf('oomd', record, task), record, {
        kind: 'oomd',
        scope: 'unknown',
        outcome: 'killed',
        victims,
        cgroup: { task },
        reason: shortCopy(reason, 1000),
      }),
    );
    return true;
  }

  private tell(body: string, event: OomEvent): void {
    this.latest = { body: shortCopy(body, 8192), event };
    this.onEvent(event);
  }
}

const kernelWords = 'oomd kill: ';

/** `[../src/oomd/Log.cpp:114] `, with `(inl) ` before it where it logs without a thread. */
const sourcePlace = /^(?:\(inl\) )?\[[^\]]{1,200}:\d{1,6}\] /;

const kill =
  /^\d{1,4}\.\d\d \d{1,4}\.\d\d \d{1,4}\.\d\d (?:\d{1,20} (?=\S+ {1,2}\d))?(\S.{0,4095}?) {1,2}\d{1,20} ((?:ruleset|detectorgroup|detector):.*)$/s;

/** `Killed 2: 882(web) 883(a b)[E3]`: those with an error number were not killed. */
function victimsOf(message: string): OomVictim[] {
  const list = /^Killed \d{1,9}:( .*)$/s.exec(message)?.[1];
  if (list === undefined) return [];
  return Array.from(list.matchAll(/ (\d{1,10})\((.{0,64}?)\)(\[E\d{1,4}\])?(?= \d{1,10}[ (]|$)/gs))
    .filter(([, , , error]) => error === undefined)
    .map(([, pid, name = '']) => ({ pid: Number(pid), name: shortCopy(name, 64) }));
}
