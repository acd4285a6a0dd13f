import { originOf, type ReportTimes } from './reportTimes';

/** So many names are remembered. */
const maxNames = 10_000;

/** Gives every event of a log its id, see `OomEvent.id`. */
export class ReportIds {
  /** How often a name was given that another event may bear as well. */
  private readonly given = new Map<string, number>();

  /**
   * @param pid of the first victim.
   * @returns the id of an event that was not named before. One that the log holds twice (same time, same victim) gets
   * the same id again.
   */
  idOf(times: ReportTimes, pid: number | undefined): string {
    const time = times.kernelTimeMs ?? times.wallMs ?? times.localTime;
    const name = `${time ?? '?'}-${pid ?? '?'}`;
    if (time !== undefined && pid !== undefined) return name;
    const key = `${originOf(times)} ${name}`;
    const count = (this.given.get(key) ?? 0) + 1;
    this.given.delete(key);
    this.given.set(key, count);
    const [oldest] = this.given.keys();
    if (this.given.size > maxNames && oldest !== undefined) this.given.delete(oldest);
    return count === 1 ? name : `${name}-${count}`;
  }
}
