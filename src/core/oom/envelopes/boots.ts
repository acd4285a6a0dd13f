import type { LogRecord } from '../logRecord';

/** So many of the last times of a boot are remembered, to know a ring buffer that is read again. */
const remembered = 16_384;

/** The boots of hosts beyond these are not counted. */
const mostHosts = 64;

/** Records of several processors come out of order by less than this. */
const disorderMicroseconds = 1_000_000;

/**
 * Counts the boots of a log by the kernel's clock, which begins anew with each. A clock that goes back to a time that was
 * seen already is a ring buffer that was read again, as rsyslog does when it starts, and no boot.
 */
export class Boots {
  private readonly hosts = new Map<string, BootsOfHost>();
  private marked = 0;
  private id: string | undefined;

  /** Of the journal's last line `-- Boot … --`. */
  get bootId(): string | undefined {
    return this.id;
  }

  /** The log says itself that another boot begins. */
  mark(bootId: string | undefined): void {
    this.id = bootId;
    // Before the first record, it begins nothing new.
    if (this.hosts.size > 0) this.marked++;
    this.hosts.clear();
  }

  /** @returns how many boots began before that of this record; undefined for the first. Each record is to be asked for once. */
  of({ host, kernelTimeMicroseconds, wallMs, localTime }: LogRecord): number | undefined {
    const name = host ?? '';
    let found = this.hosts.get(name);
    if (found === undefined) {
      found = new BootsOfHost();
      if (this.hosts.size < mostHosts) this.hosts.set(name, found);
    }
    if (kernelTimeMicroseconds !== undefined)
      found.note(kernelTimeMicroseconds, () => daySeconds(wallMs, localTime));
    const count = this.marked + found.count;
    return count === 0 ? undefined : count;
  }
}

/** @returns the seconds since midnight, of whatever zone; undefined where they are not known. */
function daySeconds(wallMs: number | undefined, localTime: string | undefined): number | undefined {
  if (wallMs !== undefined) return Math.floor(wallMs / 1000) % secondsOfDay;
  const clock = /(\d\d):(\d\d):(\d\d)/.exec(localTime?.slice(0, 64) ?? '');
  return clock === null ? undefined : Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
}

const secondsOfDay = 86_400;

class BootsOfHost {
  count = 0;
  /** Ascending. */
  private times: number[] = [];
  private last = 0;
  /** What the clock on the wall showed when the kernel's was last at 0. */
  private startedAt: number | undefined;
  /** The count before a clock that shows 0, which tells nothing by itself: a buffer that is read again has that too. */
  private undecided: number | undefined;

  /** @param daySeconds what the clock on the wall shows; asked rarely. */
  note(microseconds: number, daySeconds: () => number | undefined): void {
    const { last } = this;
    this.last = microseconds;
    if (microseconds === 0) {
      this.noteStart(last, daySeconds());
      return;
    }
    if (this.undecided !== undefined) {
      if (this.has(microseconds)) this.count = this.undecided;
      else this.times = [];
      this.undecided = undefined;
    } else if (microseconds < last - disorderMicroseconds) {
      if (!this.has(microseconds)) {
        this.count++;
        this.times = [];
      }
    }
    if (microseconds <= (this.times.at(-1) ?? -1)) return;
    this.times.push(microseconds);
    if (this.times.length > 2 * remembered) this.times = this.times.slice(-remembered);
  }

  /** The kernel's clock is at 0. @param last where it was before. */
  private noteStart(last: number, daySeconds: number | undefined): void {
    const before = this.startedAt;
    this.startedAt = daySeconds;
    if (last <= disorderMicroseconds) return;
    if (before !== undefined && daySeconds !== undefined && before !== daySeconds) this.times = [];
    else this.undecided = this.count;
    this.count++;
  }

  private has(microseconds: number): boolean {
    let from = 0;
    let to = this.times.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.times[middle] ?? 0) < microseconds) from = middle + 1;
      else to = middle;
    }
    return this.times[from] === microseconds;
  }
}
