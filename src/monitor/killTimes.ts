import type { FoundEvent } from '../core/oomEvents/eventBook';
import { LogClock } from '../core/oomEvents/logClock';

/** A kill, as far as its time is told by it. */
export type DatedKill = Pick<FoundEvent, 'event' | 'bootId' | 'witnessed'>;

export interface KillTimesHost {
  /** Our time of day, in ms since the epoch, of a moment on the host's clock; undefined while that is not known. */
  readonly wallMsOf: (bootId: string, uptimeMs: number) => number | undefined;
  /** Whether the host has memory and time to spare: else lines of its log come late. */
  readonly mayRead: () => boolean;
}

/** When kills of one host happened: by its uptime, by our time of day, and against the time since which it is watched. */
export class KillTimes {
  private readonly logClock = new LogClock();
  /** Boots whose log was followed. */
  private readonly boots = new Set<string>();
  /** Uptime of the first boot when it was first watched: what is older was there before. */
  private attached: { readonly bootId: string; readonly uptimeMs: number } | undefined;
  private latest: { readonly bootId: string; readonly uptimeMs: number } | undefined;

  constructor(private readonly host: KillTimesHost) {}

  /** Takes in that the host was seen then. @returns whether that is later than all that was seen of this boot before. */
  noteSeen(bootId: string, uptimeMs: number): boolean {
    this.attached ??= { bootId, uptimeMs };
    const isLatest = this.latest?.bootId !== bootId || uptimeMs > this.latest.uptimeMs;
    if (isLatest) this.latest = { bootId, uptimeMs };
    return isLatest;
  }

  /** Takes in that the log of a boot is followed. @returns whether it was not before. */
  noteFollowed(bootId: string): boolean {
    const isNew = !this.boots.has(bootId);
    this.boots.add(bootId);
    return isNew;
  }

  /** Whether the log of this boot is followed, or that of none yet. */
  isOfFollowed(bootId: string): boolean {
    return this.boots.size === 0 || this.boots.has(bootId);
  }

  /** Takes in a line of the log that came as it was written. */
  noteFreshLine(bootId: string, kernelTimeMs: number): void {
    const bootAtMs = this.host.wallMsOf(bootId, 0);
    if (bootAtMs !== undefined && this.host.mayRead())
      this.logClock.observe(bootId, kernelTimeMs, Date.now() - bootAtMs);
  }

  /** The host's uptime at a kill, as far as it is known. */
  uptimeMsOf({ event, bootId, witnessed }: DatedKill): number | undefined {
    if (witnessed) return witnessed.toMs;
    if (bootId === undefined || event.kernelTimeMs === undefined) return undefined;
    return this.logClock.toUptimeMs(bootId, event.kernelTimeMs);
  }

  /** Our time of day at a kill, in ms since the epoch, as far as the host's clock tells it. */
  wallMsOf(kill: DatedKill): number | undefined {
    const uptimeMs = this.uptimeMsOf(kill);
    const { bootId } = kill;
    return bootId === undefined || uptimeMs === undefined ? undefined : this.host.wallMsOf(bootId, uptimeMs);
  }

  /** Whether it happened since this window watches the host. */
  isSinceAttached(kill: DatedKill): boolean {
    const { attached, boots } = this;
    if (!attached || kill.bootId === undefined) return false;
    if (kill.bootId !== attached.bootId) return boots.has(kill.bootId);
    return (this.uptimeMsOf(kill) ?? -Infinity) >= attached.uptimeMs;
  }
}
