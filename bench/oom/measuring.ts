import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from '../machine';
import { markdownTable } from '../markdownTable';
import { type Form, reportsOf, unrelatedSyslog, writeLog } from './generatedLog';
import { measuredRun, rssOfTree } from './measuredRun';

export interface Measuring {
  /** The folder with the logs of the tests. */
  readonly corpus: string;
  /** The bundle of the headless program. */
  readonly headless: string;
  readonly seed: number;
  /** Megabytes of unrelated syslog that are streamed through. */
  readonly streamedMegabytes: number;
}

interface Row {
  readonly what: string;
  readonly megabytes: number;
  readonly events: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

const sizes = [
  { megabytes: 1, events: 10 },
  { megabytes: 10, events: 100 },
  { megabytes: 100, events: 1000 },
];

/** Measures `headless oom` on generated logs. @returns Markdown. @throws {Error} where it does not find each event. */
export async function measuring(options: Measuring): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'oom-bench-'));
  try {
    const rows: Row[] = [];
    for (const form of ['dmesg', 'syslog'] as const) rows.push(...(await measureForm(form, folder, options)));
    return [
      `${describeMachine()}, Node ${process.versions.node}, seed ${options.seed}`,
      '',
      ...markdownTable<Row>(
        {
          log: ({ what }) => what,
          MB: ({ megabytes }) => megabytes.toFixed(1),
          events: ({ events }) => String(events),
          'time, s': ({ seconds }) => seconds.toFixed(2),
          'processor time, s': ({ processorSeconds }) => processorSeconds.toFixed(2),
          'peak RSS, MB': ({ peakMegabytes }) => peakMegabytes.toFixed(0),
        },
        rows,
      ),
      '',
      await streamed(options),
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureForm(
  form: Form,
  folder: string,
  { corpus, headless, seed }: Measuring,
): Promise<Row[]> {
  const reports = reportsOf(corpus);
  const rows: Row[] = [];
  for (const { megabytes, events } of sizes) {
    const file = join(folder, `${form}-${megabytes}.log`);
    writeLog(file, { form, bytes: megabytes * 1e6, events, seed }, reports);
    const ways: [string, string, string[]][] = [['node', process.execPath, [headless, 'oom', file]]];
    if (megabytes === 100) ways.push(['npm run', 'npm', ['run', '-s', 'headless', '--', 'oom', file]]);
    for (const [way, command, args] of ways) {
      const { output, seconds, processorSeconds, peakRssBytes } = await measuredRun(command, args);
      expectEvents(output, events);
      const size = statSync(file).size / 1e6;
      const what = `${form}, ${way}`;
      rows.push({
        what,
        megabytes: size,
        events,
        seconds,
        processorSeconds,
        peakMegabytes: peakRssBytes / 1e6,
      });
    }
    rmSync(file);
  }
  return rows;
}

function expectEvents(output: string, events: number): void {
  const printed = JSON.parse(output) as {
    readonly events: readonly { readonly victims: readonly unknown[] }[];
  };
  const kills = printed.events.filter(({ victims }) => victims.length === 1).length;
  if (printed.events.length !== events || kills !== events)
    throw new Error(
      `${events} events are in the log, ${printed.events.length} were found, ${kills} with a victim`,
    );
}

/** A log much larger than what may be held. */
async function streamed({ headless, seed, streamedMegabytes }: Measuring): Promise<string> {
  const block = Buffer.from(unrelatedSyslog(4e6, seed));
  const blocks = Math.ceil((streamedMegabytes * 1e6) / block.length);
  const held: number[] = [];
  const feed = async (child: ChildProcess): Promise<void> => {
    const { stdin, pid } = child;
    if (!stdin || pid === undefined) return;
    for (let index = 0; index < blocks; index++) {
      if (!stdin.write(block)) await once(stdin, 'drain');
      if ((index + 1) % Math.ceil(blocks / 10) === 0) held.push(rssOfTree(pid) / 1e6);
    }
    stdin.end();
  };
  const { output, seconds, peakRssBytes } = await measuredRun(process.execPath, [headless, 'oom', '-'], feed);
  expectEvents(output, 0);
  const shown = held.map((megabytes) => megabytes.toFixed(0)).join(', ');
  return (
    `${((blocks * block.length) / 1e6).toFixed(0)} MB of unrelated syslog through standard input: ${seconds.toFixed(1)} s, ` +
    `no event; RSS after each tenth, MB: ${shown}; at most ${(peakRssBytes / 1e6).toFixed(0)}.`
  );
}
