import type { LogRecord } from '../oom/logRecord';
import { cleanLine } from './cleanText';
import type { CheckupInputs } from './inputs';
import type { Section } from './section';
import { Verdicts } from './verdict';

/** `dmesg | tail` shows ten lines. */
const linesShown = 10;

/** What the kernel itself calls trouble weighs more than a figure that is beyond its limit. */
const ofKernel = 1e9;

/** Messages that mean something: what is in the line in small letters, and what it says. The first that fits counts. */
const telling: readonly (readonly [sign: 'look' | 'trouble', words: readonly string[], text: string])[] = [
  [
    'trouble',
    ['out of memory', 'oom-kill:', 'killed process', 'invoked oom-killer'],
    'the OOM killer has killed',
  ],
  ['trouble', ['page allocation failure'], 'the kernel itself found no memory'],
  ['trouble', ['blocked for more than'], 'a task hung for minutes'],
  ['trouble', ['soft lockup', 'hard lockup', 'rcu_sched self-detected', 'rcu: info:'], 'a processor hung'],
  ['trouble', ['i/o error', 'medium error', 'failed command:', 'rejecting i/o'], 'a disk fails'],
  [
    'trouble',
    ['ext4-fs error', 'xfs_force_shutdown', 'btrfs error', 'remounting filesystem read-only'],
    'a file system is damaged',
  ],
  ['trouble', ['hardware error', 'machine check'], 'hardware reports an error'],
  ['trouble', ['bug:', 'oops:', 'general protection fault', 'kernel panic'], 'the kernel has come to harm'],
  ['look', ['possible syn flooding', 'out of socket memory'], 'the network overflows'],
  ['look', ['link is down', 'netdev watchdog'], 'a network link has failed'],
  ['look', ['temperature above threshold', 'clock throttled'], 'a processor is slowed down by heat'],
  ['look', ['segfault at', 'traps:'], 'a program has crashed'],
];

/** The last lines of the kernel log (`dmesg | tail`), as they came; times in seconds since boot. */
export function kernelLogSection(inputs: CheckupInputs): Section<readonly LogRecord[]> {
  const { kernelLog, kernelLogProblem } = inputs;
  const shown = kernelLog?.slice(-linesShown) ?? [];
  const verdicts = new Verdicts();
  const said = new Set<string>();
  for (const { text } of shown) {
    const words = text.slice(0, 1000).toLowerCase();
    const [sign, , meaning] = telling.find(([, parts]) => parts.some((part) => words.includes(part))) ?? [];
    if (sign === undefined || meaning === undefined || said.has(meaning)) continue;
    said.add(meaning);
    verdicts.say(sign, meaning, sign === 'trouble' ? ofKernel : 1);
  }
  return {
    id: 'dmesg',
    command: 'dmesg | tail',
    figures: kernelLog && shown,
    lines: shown.map(lineText),
    missing:
      kernelLog === undefined
        ? [`the kernel log was not read: ${kernelLogProblem ?? 'no reason is known'}`]
        : [],
    verdicts: verdicts.list(
      kernelLog && (shown.length === 0 ? 'the kernel has said nothing' : 'nothing alarming in it'),
    ),
  };
}

function lineText({ kernelTimeMs, text }: LogRecord): string {
  const time = kernelTimeMs === undefined ? '' : `[${(kernelTimeMs / 1000).toFixed(3).padStart(9)}] `;
  return `${time}${cleanLine(text)}`;
}
