import type { OomEvent, OomVictim } from '../event';
import type { LogRecord } from '../logRecord';
import { present } from '../present';
import { killerEvent, type KillerIds, type KillerLog, shortCopy } from './killerEvent';

const mib = 1024 * 1024;
const mostReasons = 6;

/** With a list of candidates and the victim's status a round has some sixty lines. */
const longestRound = 200;

interface Kill {
  readonly id: string;
  readonly record: LogRecord;
  readonly reason: string | undefined;
  victim: OomVictim | undefined;
  failed: boolean;
}

/**
 * nohang (src/nohang, in Python; also as nohang-desktop). It says first what is short (`Memory status that requires
 * corrective actions:`), then who will get a signal (`PID: 882, name: tail, badness: 830`, `VmRSS: …`, `CGroup_v2: …`), then
 * `Implementing a corrective action:` and `  Sending SIGTERM to the victim`. A SIGKILL to the same process afterwards is the
 * same event. A command that it runs in place of a signal is no kill of its own, and its list of candidates is none.
 */
export class Nohang implements KillerLog {
  readonly identifiers = ['nohang', 'nohang-desktop'];
  /** So many further lines may belong to a round of nohang's whose name does not stand before them. */
  private ownLines = 0;
  private reasons: string[] = [];
  private victim: OomVictim | undefined;
  private kill: Kill | undefined;

  constructor(
    private readonly ids: KillerIds,
    private readonly onEvent: (event: OomEvent) => void,
  ) {}

  take(record: LogRecord): boolean {
    const named = record.identifier !== undefined;
    if (!named && !this.isOwn(record)) return false;
    let read = false;
    for (const line of record.text.slice(0, 4000).split('\n', 100))
      read = this.readLine(line.slice(0, 400), record) || read;
    return named || read;
  }

  /** Whether the next line without a name may be one of its own, whatever it begins with. */
  get isOpen(): boolean {
    return this.ownLines > 0;
  }

  end(): void {
    // Every line is told at once.
  }

  private isOwn({ text, kernelTimeMs }: LogRecord): boolean {
    // It has no such clock: a line of the kernel's between its own.
    if (kernelTimeMs !== undefined) return false;
    if (text.includes('Memory status that requires corrective actions:')) this.ownLines = longestRound;
    if (this.ownLines === 0) return false;
    this.ownLines = isRoundsEnd(text) ? 0 : this.ownLines - 1;
    return true;
  }

  /** @returns whether the line says something that is known. */
  private readLine(whole: string, record: LogRecord): boolean {
    const line = whole.replace(ownTime, '').trim();
    const signal = action.exec(line)?.[1];
    if (signal !== undefined) this.addSignal(signal, record);
    else if (line.startsWith('Memory status that requires ')) this.reasons = [];
    else if (threshold.test(line)) this.addReason(line);
    else if (line.startsWith('Cannot send a signal: ')) this.fail();
    else if (/^The victim (?:died|became a zombie) in /.test(line)) this.kill = undefined;
    else return this.readVictim(line);
    return true;
  }

  private addReason(line: string): void {
    if (this.reasons.length < mostReasons) this.reasons.push(shortCopy(line, 200));
  }

  private readVictim(line: string): boolean {
    const chosen = /^PID: (\d{1,10}), [Nn]ame: (.{0,64}?), badness: (-?\d{1,6})\b/.exec(line);
    const cached = /^New victim is cached victim (\d{1,10}) \((.{0,64})\)$/.exec(line);
    const [, pid, name = '', score] = chosen ?? cached ?? [];
    if (pid !== undefined) {
      this.victim = present<OomVictim>({
        pid: Number(pid),
        name: shortCopy(name, 64),
        score: score === undefined ? undefined : Number(score),
      });
      return true;
    }
    const detail = detailOf(line);
    if (this.victim === undefined || detail === undefined) return false;
    this.victim = { ...this.victim, ...detail };
    return true;
  }

  private addSignal(signal: string, record: LogRecord): void {
    const { victim, kill } = this;
    if (kill !== undefined && kill.victim?.pid === victim?.pid && victim !== undefined) {
      kill.victim = { ...kill.victim, ...victim, signal: shortCopy(signal, 10) };
      kill.failed = false;
      this.tell(kill);
      return;
    }
    const reason = this.reasons.join('; ');
    this.kill = {
      id: this.ids.idOf('nohang', record, victim?.pid ?? '?'),
      record,
      reason: reason === '' ? undefined : reason,
      victim: victim && { ...victim, signal: shortCopy(signal, 10) },
      failed: false,
    };
    this.tell(this.kill);
  }

  private fail(): void {
    if (this.kill === undefined) return;
    this.kill.failed = true;
    this.tell(this.kill);
    this.kill = undefined;
  }

  private tell({ id, record, reason, victim, failed }: Kill): void {
    const killed = victim !== undefined && !failed;
    this.onEvent(
      killerEvent(id, record, {
        kind: 'nohang',
        scope: 'global',
        outcome: failed ? 'unknown' : 'killed',
        victims: killed ? [victim] : [],
        reason,
        missing: victim === undefined ? ['victim'] : [],
      }),
    );
  }
}

/** In its own file a time stands before each message. */
const ownTime = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: /;

/** `MemAvailable [383 MiB, 5.0 %] <= soft_threshold_min_mem [384 MiB, 5.0 %]`, `PSI avg value (92.3) >= soft_threshold_max_psi (90)`. */
const threshold = /^(?:MemAvailable|SwapFree|MemUsedZram|PSI avg) .{0,100}[<>]=? .{0,40}threshold/;

const action = /^Send(?:ing)? (SIGTERM|SIGKILL) to the victim/;

function isRoundsEnd(text: string): boolean {
  return (
    text.includes('<<<<<<<<<<') || text.includes('implement_corrective_action() <') || text.includes('<====<')
  );
}

/** A line of the victim's status, as in /proc/PID/status. */
function detailOf(line: string): Partial<OomVictim> | undefined {
  const badness =
    /^badness: {1,9}(-?\d{1,6}), oom_score: {1,9}-?\d{1,6}, oom_score_adj: {1,9}(-?\d{1,4})$/.exec(line);
  if (badness !== null) return { score: Number(badness[1]), oomScoreAdj: Number(badness[2]) };
  const [, key, value = ''] = /^(E?UID|VmSize|VmRSS|CGroup_v[12]): {1,9}(.+)$/.exec(line) ?? [];
  switch (key) {
    case 'UID':
    case 'EUID': {
      const uid = /^\d{1,10}/.exec(value)?.[0];
      return uid === undefined ? {} : { uid: Number(uid) };
    }
    case 'VmSize':
      return bytesOf(value, 'totalVmBytes');
    case 'VmRSS':
      return { ...bytesOf(value, 'rssBytes'), ...partsOf(value) };
    case 'CGroup_v1':
    case 'CGroup_v2':
      // The root of the other version's tree says nothing.
      return value.startsWith('/') && value !== '/' ? { cgroup: shortCopy(value, 400) } : {};
    case undefined:
    default:
      return undefined;
  }
}

function bytesOf(value: string, field: 'totalVmBytes' | 'rssBytes'): Partial<OomVictim> {
  const size = /^(\d{1,10}) MiB/.exec(value)?.[1];
  return size === undefined ? {} : { [field]: Number(size) * mib };
}

/** `10432 MiB  (Anon: 10427 MiB, File: 6 MiB, Shmem: 0 MiB)`, since Linux 4.5. */
function partsOf(value: string): Partial<OomVictim> {
  const parts = /\(Anon: (\d{1,10}) MiB, File: (\d{1,10}) MiB, Shmem: (\d{1,10}) MiB\)/.exec(value);
  if (parts === null) return {};
  const [, anon, file, shmem] = parts;
  return {
    anonRssBytes: Number(anon) * mib,
    fileRssBytes: Number(file) * mib,
    shmemRssBytes: Number(shmem) * mib,
  };
}
