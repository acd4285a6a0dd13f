import { freeFigures, memoryBands } from '../../src/core/memory';
import type { Moment } from '../../src/monitor/hostMonitor';
import { attached, print, type HostOptions } from './attached';

/** Prints a JSON object for each of so many samples. @returns the exit code. */
export function watch(options: HostOptions, samples: number): Promise<number> {
  return attached(options, (monitor, { finish }) => {
    let received = 0;
    monitor.onMoment((moment) => {
      if (received === samples) return;
      received += 1;
      print(describe(options.host, moment));
      if (received === samples) finish(0);
    });
  });
}

/** One sample as it is printed: figures in bytes, rates a second, shares in percent. */
function describe(host: string, moment: Moment): object {
  const { sample, rates, available, facts } = moment;
  const { meminfo } = sample;
  return {
    host,
    time: new Date(moment.wallMs).toISOString(),
    bootId: sample.bootId,
    seq: sample.seq,
    uptimeMs: sample.at,
    clock: sample.clock,
    answerDelayMs: sample.answerDelayMs,
    ageMs: moment.ageMs,
    stallMs: moment.stallMs,
    wireBytes: moment.wireBytes,
    ...(meminfo && {
      memory: {
        ...freeFigures(meminfo, available),
        availableComputed: available?.computed,
      },
      bands: memoryBands(meminfo, sample.vmstat, facts.pageSizeBytes),
    }),
    rates,
    sample,
  };
}
