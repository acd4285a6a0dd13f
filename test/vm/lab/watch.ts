import { setTimeout as sleep } from 'node:timers/promises';
import type { Capture } from '../../../src/core/capture';
import { ratesBetween } from '../../../src/core/rates';
import type { Sample } from '../../../src/core/sample';
import { steadyPace } from '../../../src/core/schedule';
import { HostMonitor, type Moment, type MonitorOptions } from '../../../src/monitor/hostMonitor';
import { unlimited } from '../../../src/monitor/programAwk';
import type { Transport } from '../../../src/transport/connection';
import { neverAsked } from '../../host/prompts';

/** A monitor of one host, with all that it told. */
export class Watch {
  readonly monitor: HostMonitor;
  readonly moments: Moment[] = [];
  /** How long the host was silent before it was live again, in ms. */
  readonly silences: number[] = [];
  reconnects = 0;
  /** The host's uptime of each slice of the survey, ms. */
  readonly slices: number[] = [];
  /** How often a second connection took the place of one that did not answer. */
  takeovers = 0;

  /**
   * @param onCapture gets every answer as it came.
   * @param options other than those of a watch that only looks.
   */
  constructor(
    transport: Transport,
    onCapture: (capture: Capture) => void = () => undefined,
    options: Partial<MonitorOptions> = {},
  ) {
    this.monitor = new HostMonitor(transport, neverAsked, {
      pace: () => steadyPace(1000),
      looked: () => true,
      budget: () => unlimited,
      holdInMemory: () => true,
      kernelLog: true,
      survey: true,
      sudo: () => false,
      log: (line) => {
        console.info(line);
        if (line.startsWith('a second connection')) this.takeovers += 1;
      },
      onCapture,
      ...options,
    });
    this.monitor.onMoment((moment) => this.moments.push(moment));
    this.monitor.onSurvey(({ hostUptimeMs }) => this.slices.push(hostUptimeMs));
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

  /** Kills that were seen from one sample to the next, in the order of the host's time: some come late. */
  get oomKills(): number {
    const samples = this.samplesInOrder();
    return samples.slice(1).reduce((total, sample, index) => {
      const before = samples[index];
      return total + ((before && ratesBetween(before, sample, undefined)?.oomKills) ?? 0);
    }, 0);
  }

  /** Names of those whom the kernel log says were killed, of reports that are complete. */
  get victims(): string[] {
    return [...this.monitor.oom.events.values()]
      .filter(({ event }) => event.complete)
      .flatMap(({ event }) => event.victims.map(({ name }) => name));
  }

  /** Numbers of questions of which no answer came although the connection went on. Each connection counts from 2. */
  unansweredQuestions(): number[] {
    const missing: number[] = [];
    let expected = 2;
    let connections = 1;
    let replaced: number | undefined;
    for (const { sample } of this.moments) {
      if (sample.clock === 'own') continue;
      if (sample.seq === 2 && expected > 2 && connections <= this.reconnects + this.takeovers) {
        connections += 1;
        replaced = expected;
        expected = 2;
      }
      if (sample.seq === replaced && sample.seq !== expected) {
        replaced = undefined; // the last answer of a connection that was replaced
        continue;
      }
      for (; expected < sample.seq; expected++) missing.push(expected);
      expected = sample.seq + 1;
    }
    return missing;
  }

  /** Between samples that follow each other on the host's clock, in ms; the longest first. */
  gaps(): number[] {
    const times = this.samplesInOrder().map(({ at }) => at);
    return times
      .slice(1)
      .map((at, index) => at - (times[index] ?? 0))
      .sort((a, b) => b - a);
  }

  figures(): string {
    const delays = this.moments
      .map(({ sample }) => sample.answerDelayMs)
      .filter((ms) => ms !== undefined)
      .sort((a, b) => a - b);
    const delay = (share: number): string => seconds(delays[Math.ceil(share * delays.length) - 1] ?? 0);
    const gaps = this.gaps();
    const own = this.moments.filter(({ sample }) => sample.clock === 'own').length;
    return [
      `${this.oomKills} OOM kills, ${this.victims.length} in the kernel log, ${this.moments.length} samples`,
      `${own} of them by the host's own clock`,
      `worst gaps ${gaps.slice(0, 5).map(seconds).join(', ')}`,
      `answers p50 ${delay(0.5)}, p90 ${delay(0.9)}, worst ${delay(1)}`,
      `silent for ${this.silences.map(seconds).join(', ') || 'never'}; ${this.reconnects} reconnects`,
      `${this.takeovers} taken over by a second connection`,
      this.surveyFigures(),
    ].join('; ');
  }

  private surveyFigures(): string {
    const gaps = this.slices.slice(1).map((at, index) => at - (this.slices[index] ?? 0));
    const processes = this.monitor.survey?.processes;
    return `${this.slices.length} slices of the survey, at most ${seconds(Math.max(0, ...gaps))} apart; ${processes?.processes.length ?? 0} of ${processes?.total ?? 0} processes known`;
  }

  private samplesInOrder(): Sample[] {
    return [...this.moments].sort((a, b) => a.wallMs - b.wallMs).map(({ sample }) => sample);
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
