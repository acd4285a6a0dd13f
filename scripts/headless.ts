/**
 * The collection without VS Code, for scripts and measurements:
 *
 *     npm run -s headless -- watch HOST --samples N --interval MS [--ssh-config FILE]
 *
 * One JSON object per sample on standard output, messages on standard error; exit code 0 only if N samples came.
 * HOST is `local` or what one would type after `ssh`. Nothing is asked: an unknown host key or a key with a passphrase
 * is a failure that says so.
 */
import { parseArgs } from 'node:util';
import { freeFigures, memoryBands } from '../src/core/memory';
import { HostMonitor, type Moment } from '../src/monitor/hostMonitor';
import type { Prompts } from '../src/transport/connection';
import { ConnectionError } from '../src/transport/connection';
import { transportTo } from '../src/transport/transportTo';

const usage = 'usage: headless watch HOST [--samples N] [--interval MS] [--ssh-config FILE]';

function refuse(what: string): Promise<never> {
  return Promise.reject(
    new ConnectionError(
      'authentication',
      'user',
      `${what} is asked for, and nobody is there to answer.`,
      'Use an agent, or a key without a passphrase.',
    ),
  );
}

/** Nobody is there to be asked. */
const noPrompts: Prompts = {
  unknownHostKey: ({ address, keyType, fingerprint }) =>
    Promise.reject(
      new ConnectionError(
        'host-key',
        'user',
        `The host key of ${address} is not known (${keyType} ${fingerprint}).`,
        'Connect once with ssh, compare the fingerprint and accept it.',
      ),
    ),
  secret: ({ kind, subject }) => refuse(`The ${kind} of ${subject}`),
  answers: ({ host }) => refuse(`An answer for ${host}`),
};

interface WatchOptions {
  readonly host: string;
  readonly samples: number;
  readonly intervalMs: number;
  readonly configFile: string | undefined;
}

function readOptions(args: readonly string[]): WatchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      samples: { type: 'string', default: '10' },
      interval: { type: 'string', default: '1000' },
      'ssh-config': { type: 'string' },
    },
  });
  const [verb, host, ...rest] = positionals;
  if (verb !== 'watch' || host === undefined || rest.length > 0) throw new Error(usage);
  return {
    host,
    samples: whole(values.samples, '--samples', 1),
    intervalMs: whole(values.interval, '--interval', 10),
    configFile: values['ssh-config'],
  };
}

function whole(text: string, name: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min)
    throw new Error(`${name} takes a whole number from ${min}`);
  return value;
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
    answerDelayMs: sample.answerDelayMs,
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

/** @returns the exit code. */
async function watch({ host, samples, intervalMs, configFile }: WatchOptions): Promise<number> {
  const monitor = new HostMonitor(
    transportTo(host, { ...(configFile !== undefined && { configFile }) }),
    noPrompts,
    {
      intervalMs: () => intervalMs,
      kernelLog: false,
      sudo: () => false,
      log: () => undefined,
    },
  );
  let received = 0;
  let finished = false;
  return new Promise((resolve) => {
    const finish = (code: number): void => {
      if (finished) return;
      finished = true;
      monitor.stop();
      resolve(code);
    };
    monitor.onMoment((moment) => {
      if (finished) return;
      received += 1;
      process.stdout.write(`${JSON.stringify(describe(host, moment))}\n`);
      if (received === samples) finish(0);
    });
    monitor.onState((state) => {
      if (finished) return;
      if (state.kind === 'silent') process.stderr.write(`${host}: no answer yet\n`);
      if (!('error' in state) || (state.kind === 'reconnecting' && state.nextAttemptAtMs === undefined))
        return;
      const { message, advice } = state.error;
      process.stderr.write(`${host}: ${[message, advice].filter((part) => part !== '').join(' ')}\n`);
      // Before the first sample there is nothing to come back to: whoever scripts this wants to know at once.
      if (state.kind !== 'reconnecting' || received === 0) finish(1);
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => finish(1));
    process.stdout.on('error', () => finish(1)); // the reader of our output has gone
    monitor.start();
  });
}

async function main(): Promise<number> {
  try {
    return await watch(readOptions(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
