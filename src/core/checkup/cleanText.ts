import { printable } from '../proc/printable';

/** A name of a device, interface or process: longer ones there are not, but for a hostile host. */
const longestName = 64;

/** A line of the kernel log. */
const longestLine = 240;

/** A name from the host as one word or more of a line: short, without control characters. */
export function cleanName(name: string): string {
  return printable(name, longestName);
}

/** A message of the host as one line. */
export function cleanLine(text: string): string {
  const line = printable(text.split('\n', 1)[0] ?? '', longestLine + 1);
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

/** A text from the host within a Markdown sentence: as code, which it cannot end. */
export function codeSpan(text: string): string {
  const clean = cleanName(text).replaceAll('`', "'").trim();
  return `\`${clean === '' ? '?' : clean}\``;
}

/** Lines as a code block of Markdown, with a fence longer than any that is in them. */
export function codeBlock(lines: readonly string[]): readonly string[] {
  const longest = lines.reduce((most, line) => Math.max(most, backticksOf(line)), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}text`, ...lines, fence];
}

/** The longest run of backticks. */
function backticksOf(line: string): number {
  return (line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}
