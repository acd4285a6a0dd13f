import type { OomEvent, OomVictim } from '../event';
import type { LogRecord } from '../logRecord';
import { present } from '../present';
import { killerEvent, type KillerIds, type KillerLog, shortCopy, timeMsOf } from './killerEvent';

/** A second signal to the same process this much later is another kill: the pid may be another process's by then. */
const sameKillMs = 60_000;

const mib = 1024 * 1024;

interface Kill {
  readonly id: string;
  readonly record: LogRecord;
  readonly reason: string | undefined;
  victim: OomVictim;
  latestMs: number | undefined;
  failed: boolean;
  /** Not yet told: the next line may say that it was a dry run. */
  held: boolean;
}

/**
 * earlyoom (kill.c, main.c), in the journal or its own standard error:
 * `sending SIGTERM to process 1355 uid 0 "jupyter-noteboo": badness 888, VmRSS 323 MiB`; since 1.8 with `oom_score` and
 * `cmdline`, which is not kept; 1.2 and 1.3 `Killing process 'bash' with signal 15, pid: …`; before, `Killing process 882 bash`.
 * SIGTERM, the SIGKILL that follows, and further tries at the same process are one event.
 */
export class Earlyoom implements KillerLog {
  readonly identifiers = ['earlyoom'];
  private kill: Kill | undefined;
  private available: string | undefined;
  private low: string | undefined;
  /** A line that no other program prints was seen without the program's name. */
  private isOwnLog = false;

  constructor(
    private readonly ids: KillerIds,
    private readonly onEvent: (event: OomEvent) => void,
  ) {}

  take(record: LogRecord): boolean {
    const text = record.text.slice(0, 1000).trimEnd();
    if (record.identifier === undefined && !this.isOwn(text)) return false;
    if (text.startsWith('dryrun, not actually')) {
      if (this.kill?.held === true) this.kill = undefined;
      return true;
    }
    const victim = readVictim(text);
    if (victim !== undefined) {
      this.end();
      this.addVictim(victim, record);
      return true;
    }
    this.readAftermath(text);
    this.readReason(text);
    return true;
  }

  end(): void {
    if (this.kill?.held === true) this.tell(this.kill);
  }

  private isOwn(text: string): boolean {
    if (/^(?:earlyoom v?\d|mem avail: {0,9}\d{1,9} of {1,9}\d{1,9} MiB)/.test(text)) this.isOwnLog = true;
    return this.isOwnLog ? beginnings.some((beginning) => text.startsWith(beginning)) : isTelling(text);
  }

  private addVictim(victim: OomVictim, record: LogRecord): void {
    const timeMs = timeMsOf(record);
    const { kill } = this;
    if (kill?.victim.pid === victim.pid && !isLong(kill.latestMs, timeMs)) {
      kill.latestMs = timeMs;
      kill.failed = false;
      kill.held = true;
      if (victim.signal !== 'SIGTERM') kill.victim = { ...kill.victim, signal: 'SIGKILL' };
      return;
    }
    const reason = [this.available, this.low].filter((part) => part !== undefined).join('; ');
    this.kill = {
      id: this.ids.idOf('earlyoom', record, victim.pid),
      record,
      reason: reason === '' ? undefined : reason,
      victim,
      latestMs: timeMs,
      failed: false,
      held: true,
    };
    this.low = undefined;
  }

  /** What became of the signal. */
  private readAftermath(text: string): void {
    const { kill } = this;
    if (kill === undefined) return;
    if (text.startsWith('escalating to SIGKILL after ')) {
      kill.victim = { ...kill.victim, signal: 'SIGKILL' };
      this.tell(kill);
    } else if (/^(?:kill(?:\(\))? failed|Could not kill process): (?!Timer expired|Success)/.test(text)) {
      kill.failed = true;
      this.tell(kill);
    } else {
      if (kill.held) this.tell(kill);
      if (/^process (?:\d{1,10} )?exited/.test(text)) this.kill = undefined;
    }
  }

  private readReason(text: string): void {
    if (text.startsWith('mem avail:')) this.available = shortCopy(text, 200);
    else if (/^low memory!/i.test(text)) this.low = shortCopy(text, 200);
  }

  private tell(kill: Kill): void {
    kill.held = false;
    this.onEvent(
      killerEvent(kill.id, kill.record, {
        kind: 'earlyoom',
        scope: 'global',
        outcome: kill.failed ? 'unknown' : 'killed',
        victims: kill.failed ? [] : [kill.victim],
        reason: kill.reason,
      }),
    );
  }
}

const beginnings = [
  'earlyoom ',
  'mem avail:',
  'low memory!',
  'Low Memory!',
  'Low memory!',
  'sending SIG',
  'Killing process ',
  'killing process ',
  'escalating to SIGKILL after ',
  'process ',
  'kill failed: ',
  'kill() failed: ',
  'Could not kill process: ',
  'dryrun, not actually',
];

/** The newer forms are recognised by themselves; `Killing process 882 bash` may be anybody's. */
function isTelling(text: string): boolean {
  return (
    (text.startsWith('sending SIG') && sending.test(text)) ||
    (text.startsWith('illing process', 1) &&
      (withPid.test(text) || withSignal.test(text) || withRunningTime.test(text)))
  );
}

/**
 * A longer name than the kernel's 15 bytes stood there when it was read from elsewhere; still it is bounded. A line that was cut
 * behind the name names its victim all the same.
 */
const sending =
  /^sending (SIG(?:TERM|KILL)) to process (\d{1,10}) (?:uid (-?\d{1,10}) )?"(.{0,64}?)": (?:badness|oom_score) (?:(-?\d{1,10}), )?(?:oom_score_adj (-?\d{1,4}), )?(?:badness -?\d{1,15} KiB, )?(?:VmRSS (\d{1,10}) MiB)?/s;
const withPid =
  /^[Kk]illing process:? '?(.{0,64}?)'?(?: with signal (\d{1,2}))?, pid: (\d{1,10}), badness: (-?\d{1,10}), VmRSS: (\d{1,10}) MiB/s;
const withSignal =
  /^[Kk]illing process (\d{1,10}) "(.{0,64}?)" with signal (\d{1,2}): badness (-?\d{1,10}), VmRSS (\d{1,10}) MiB/s;
/** Of a version that spares what has run long. */
const withRunningTime = /^Killing process \d{1,10} \(.{1,64}?\) with badness -?\d{1,10} time_running=/s;
const plain =
  /^Killing process (\d{1,10}) \(?(.{1,64}?)\)?(?: with badness (-?\d{1,10}) time_running=.{0,40})?$/s;

function readVictim(text: string): OomVictim | undefined {
  if (text.startsWith('sending SIG')) {
    const [, signal, pid = '', uid, name = '', score, oomScoreAdj, rssMib] = sending.exec(text) ?? [];
    return signal === undefined
      ? undefined
      : victimOf({ pid, name, uid, signal, score, oomScoreAdj, rssMib });
  }
  if (!text.startsWith('illing process', 1)) return undefined;
  const [, quoted, number, quotedPid, quotedScore, quotedMib] = withPid.exec(text) ?? [];
  if (quoted !== undefined && quotedPid !== undefined) {
    return victimOf({
      pid: quotedPid,
      name: quoted,
      signal: signalName(number),
      score: quotedScore,
      rssMib: quotedMib,
    });
  }
  const [, pid, name = '', signal, score, rssMib] = withSignal.exec(text) ?? [];
  if (pid !== undefined) return victimOf({ pid, name, signal: signalName(signal), score, rssMib });
  const [, plainPid, plainName = '', plainScore] = plain.exec(text) ?? [];
  return plainPid === undefined ? undefined : victimOf({ pid: plainPid, name: plainName, score: plainScore });
}

interface Texts {
  readonly pid: string;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly signal?: string | undefined;
  readonly score?: string | undefined;
  readonly oomScoreAdj?: string | undefined;
  readonly rssMib?: string | undefined;
}

function victimOf({ pid, name, uid, signal, score, oomScoreAdj, rssMib }: Texts): OomVictim {
  return present<OomVictim>({
    pid: Number(pid),
    name: shortCopy(name, 64),
    uid: uid === undefined || uid.startsWith('-') ? undefined : Number(uid),
    rssBytes: rssMib === undefined ? undefined : Number(rssMib) * mib,
    oomScoreAdj: oomScoreAdj === undefined ? undefined : Number(oomScoreAdj),
    score: score === undefined ? undefined : Number(score),
    signal: signal === undefined ? undefined : shortCopy(signal, 10),
  });
}

function signalName(number: string | undefined): string | undefined {
  if (number === undefined) return undefined;
  return number === '15' ? 'SIGTERM' : number === '9' ? 'SIGKILL' : `signal ${number}`;
}

function isLong(fromMs: number | undefined, toMs: number | undefined): boolean {
  return fromMs !== undefined && toMs !== undefined && Math.abs(toMs - fromMs) > sameKillMs;
}
