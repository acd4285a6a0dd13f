/**
 * The collection without VS Code, for scripts and measurements:
 *
 *     npm run -s headless -- watch HOST --samples N --interval MS     one JSON object per sample
 *     npm run -s headless -- survey HOST --seconds S [--command-lines]  processes, cgroups and slow sources
 *     npm run -s headless -- ledger HOST                              where the memory is
 *     npm run -s headless -- checkup HOST --seconds S [--json]        the 60-second checkup
 *     npm run -s headless -- oom FILE|-                               the OOM kills that a log tells, as JSON
 *
 * Each of a HOST takes `--ssh-config FILE`. Objects go to standard output, messages to standard error; the exit code is 0 only where all
 * of it came. HOST is `local` or what one would type after `ssh`. Nothing is asked: an unknown host key or a key with a
 * passphrase is a failure that says so.
 */
import { parseArgs } from 'node:util';
import { errorText } from '../src/core/errorText';
import { checkup } from './headless/checkup';
import { oom } from './headless/oom';
import { ledger, survey } from './headless/survey';
import { watch } from './headless/watch';

const usage =
  'usage: headless watch HOST [--samples N] [--interval MS] | survey HOST [--seconds S] [--command-lines] | ledger HOST | checkup HOST [--seconds S] [--json]; each with [--ssh-config FILE]; oom FILE|-';

function whole(text: string, name: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min)
    throw new Error(`${name} takes a whole number from ${min}`);
  return value;
}

/** @returns the exit code. @throws {Error} in words, where it was called wrongly. */
function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      samples: { type: 'string', default: '10' },
      interval: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '10' },
      'command-lines': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'ssh-config': { type: 'string' },
    },
  });
  const [verb, host, ...rest] = positionals;
  if (host === undefined || rest.length > 0) throw new Error(usage);
  const options = {
    host,
    intervalMs: whole(values.interval, '--interval', 10),
    configFile: values['ssh-config'],
  };
  const seconds = whole(values.seconds, '--seconds', 1);
  switch (verb) {
    case 'watch':
      return watch(options, whole(values.samples, '--samples', 1));
    case 'survey':
      return survey(options, seconds, values['command-lines']);
    case 'ledger':
      return ledger(options);
    case 'checkup':
      return checkup(options, seconds * 1000, values.json);
    case 'oom':
      return oom(host);
    case undefined:
    default:
      throw new Error(usage);
  }
}

async function main(): Promise<number> {
  try {
    return await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    return 2;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
