import { setTimeout as sleep } from 'node:timers/promises';
import { HostMonitor, type Moment } from '../../../src/monitor/hostMonitor';
import type { Transport } from '../../../src/transport/connection';
import { neverAsked } from '../../host/prompts';

/** A monitor of one host, with all that it told. */
export class Watch {
  readonly monitor: HostMonitor;
  readonly moments: Moment[] = [];
  /** How long the host was silent before it was live again, in ms. */
  readonly silences: number[] = [];
  reconnects = 0;

  constructor(transport: Transport) {
    this.monitor = new HostMonitor(transport, neverAsked, {
      intervalMs: () => 1000,
      kernelLog: true,
      sudo: () => false,
      log: (line) => console.info(line),
    });
    this.monitor.onMoment((moment) => this.moments.push(moment));
    let silentSinceMs: number | undefined;
    this.monitor.onState((state) => {
      if (state.kind === 'live' && silentSinceMs !== undefined) {
        this.silences.push(performance.now() - silentSinceMs);
        silentSinceMs = undefined;
      }
      if (state.kind === 'silent') silentSinceMs ??= state.sinceMs;
      if (state.kind === 'reconnecting' && state.nextAttemptAtMs !== undefined) this.reconnects += 1;
    });
    this.monitor.start();
  }

  get latest(): Moment {
    const { latest } = this.monitor;
    if (!latest) throw new Error('there is no sample yet');
    return latest;
  }

  /** Kills that were seen from one sample to the next. */
  get oomKills(): number {
    return this.moments.reduce((total, { rates }) => total + (rates?.oomKills ?? 0), 0);
  }

  /** Names of those whom the kernel log says were killed, of reports that are complete. */
  get victims(): string[] {
    return [...this.monitor.oom.events.values()]
      .filter(({ complete }) => complete)
      .flatMap(({ victims }) => victims.map(({ name }) => name));
  }

  /** Numbers of questions of which no answer came although the connection went on. Each connection counts from 2. */
  unansweredQuestions(): number[] {
    const missing: number[] = [];
    let expected = 2;
    let connections = 1;
    for (const { sample } of this.moments) {
      if (sample.seq === 2 && expected > 2 && connections <= this.reconnects) {
        connections += 1;
        expected = 2;
      }
      for (; expected < sample.seq; expected++) missing.push(expected);
      expected = sample.seq + 1;
    }
    return missing;
  }

  figures(): string {
    const delays = this.moments.map(({ sample }) => sample.answerDelayMs).sort((a, b) => a - b);
    const delay = (share: number): string => seconds(delays[Math.ceil(share * delays.length) - 1] ?? 0);
    const gaps = this.moments
      .slice(1)
      .map(({ sample }, index) => sample.at - (this.moments[index]?.sample.at ?? 0));
    return [
      `${this.oomKills} OOM kills, ${this.victims.length} in the kernel log, ${this.moments.length} samples`,
      `worst gap ${seconds(Math.max(...gaps))}`,
      `answers p50 ${delay(0.5)}, p90 ${delay(0.9)}, worst ${delay(1)}`,
      `silent for ${this.silences.map(seconds).join(', ') || 'never'}; ${this.reconnects} reconnects`,
    ].join('; ');
  }

  /** @throws Error with the figures so far where it does not become so. */
  async until(condition: (seen: this) => boolean, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!condition(this)) {
      if (Date.now() > deadline) {
        throw new Error(`not so within ${timeoutMs} ms: ${condition.toString()}; ${this.figures()}`);
      }
      await sleep(100);
    }
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
