import type { MemoryReading } from '../../core/actions/memoryReturned';
import type { HostMonitor, Moment } from '../../monitor/hostMonitor';
import { pause } from '../../monitor/pause';
import type { Disposable } from '../../monitor/emitter';

/** Samples this much older than the newest are forgotten, in ms of the host's uptime. */
const keptMs = 5 * 60_000;
const mostKept = 600;

/** After an action so many samples are waited for, but not longer than this, in ms: on a host in a jam they come rarely. */
const samplesAfter = 3;
const longestWaitMs = 15_000;

/** What the samples of one host say of its memory, for a few minutes back. */
export class MemoryReadings implements Disposable {
  /** In the order in which they came. */
  private readonly readings: MemoryReading[] = [];
  private readonly subscription: Disposable;

  constructor(private readonly monitor: Pick<HostMonitor, 'hurry' | 'latest' | 'onMoment'>) {
    this.subscription = monitor.onMoment((moment) => this.add(moment));
  }

  get all(): readonly MemoryReading[] {
    return this.readings;
  }

  /** The host's uptime now, in ms; undefined before its first sample. */
  get hostNowMs(): number | undefined {
    const { latest } = this.monitor;
    return latest && latest.sample.at + Math.max(0, Date.now() - latest.wallMs);
  }

  /** Waits for a few samples from after that moment on the host's clock, or until it takes too long or `signal` is aborted. */
  async after(endedAtMs: number, signal: AbortSignal): Promise<void> {
    const giveUpMs = performance.now() + longestWaitMs;
    const later = (): number => this.readings.filter(({ atMs }) => atMs > endedAtMs).length;
    while (later() < samplesAfter && performance.now() < giveUpMs && !signal.aborted) {
      this.monitor.hurry();
      await pause(500, signal);
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private add({ sample, available }: Moment): void {
    this.readings.push({
      bootId: sample.bootId,
      atMs: sample.at,
      availableBytes: available?.bytes,
      swapFreeBytes: sample.meminfo?.swapFreeBytes,
    });
    const isKept = ({ bootId, atMs }: MemoryReading): boolean =>
      bootId !== sample.bootId || atMs >= sample.at - keptMs;
    const old = Math.max(this.readings.findIndex(isKept), this.readings.length - mostKept);
    if (old > 0) this.readings.splice(0, old);
  }
}
