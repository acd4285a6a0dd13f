import { formatDuration } from '../units';
import { sectionsOf, type Checkup } from './checkup';
import { cleanLine, codeBlock, codeSpan } from './cleanText';
import { dateAndTime } from './clock';
import type { Section } from './section';
import { thresholds, thresholdSources, type Threshold } from './thresholds';
import type { Verdict } from './verdict';

/** So many verdicts on single lines of a section are said. */
const mostLineVerdicts = 12;

/**
 * A checkup as a Markdown document: head, the three worst, ten sections with the command each stands for, its table as
 * code and its verdicts, and the table of limits that they go by. Whatever the host sent is within code, cleaned and bounded.
 * @param label the name that people know the host by.
 */
export function checkupText(checkup: Checkup, label?: string): string {
  const { hostname, osrelease, endedAtMs, spanMs, processors, worst } = checkup;
  const name = label ?? hostname;
  const facts = [
    hostname === undefined || hostname === name ? undefined : codeSpan(hostname),
    osrelease === undefined ? undefined : `Linux ${codeSpan(osrelease)}`,
    processors === undefined ? undefined : `${processors} CPU`,
    dateAndTime(endedAtMs),
    spanMs === undefined ? 'no span' : `over ${formatDuration(spanMs)}`,
  ];
  const lines = [
    `# Checkup of ${name === undefined ? 'a host' : codeSpan(name)}`,
    '',
    facts.filter((fact) => fact !== undefined).join(', '),
    '',
    'Computed from /proc in the layout of these commands; none of them ran on the host. Times are in UTC, kB are 1024 bytes.',
    '',
    ...(worst.length === 0
      ? ['**ok**: nothing is beyond its limit.']
      : [
          'The worst:',
          '',
          ...worst.map((verdict, index) => `${index + 1}. ${verdictText(verdict)} (${verdict.section})`),
        ]),
  ];
  for (const section of sectionsOf(checkup)) lines.push(...sectionLines(section));
  lines.push(...limitLines());
  return `${lines.join('\n')}\n`;
}

function sectionLines({ command, lines, missing, verdicts }: Section<unknown>): readonly string[] {
  const ofSection = verdicts.filter(({ subject }) => subject === undefined);
  const ofLines = verdicts.filter(({ subject }) => subject !== undefined);
  const bad = ofLines.filter(({ sign }) => sign !== 'ok').sort((a, b) => b.weight - a.weight);
  const fine = ofLines.length - bad.length;
  const left = bad.length - mostLineVerdicts;
  // They may quote what the host sent, so they are within the code too.
  const notes = missing.length === 0 ? [] : ['', ...missing.map((sentence) => `# ${cleanLine(sentence)}`)];
  return [
    '',
    `## ${command}`,
    '',
    ...codeBlock([...(lines.length === 0 ? ['(nothing)'] : lines), ...notes]),
    '',
    ...[...ofSection, ...bad.slice(0, mostLineVerdicts)].map((verdict) => `- ${verdictText(verdict)}`),
    ...(left > 0 ? [`- ${left} more lines like these`] : []),
    ...(fine > 0 ? [`- **ok** ${fine === ofLines.length ? 'every line' : `the other ${fine} lines`}`] : []),
  ];
}

/** `**trouble** sda: busy 98 % of the time`. */
function verdictText({ sign, subject, text }: Verdict): string {
  return `**${sign}** ${subject === undefined ? '' : `${codeSpan(subject)}: `}${text}`;
}

function limitLines(): readonly string[] {
  const rows = Object.values(thresholds).map(({ figure, look, trouble, low, source }: Threshold) => {
    const sign = low === true ? '<' : '>';
    return `| ${figure} | ${sign} ${look} | ${trouble === undefined ? '' : `${sign} ${trouble}`} | ${source} |`;
  });
  return [
    '',
    '## Limits',
    '',
    '| figure | look | trouble | source |',
    '|---|---|---|---|',
    ...rows,
    '',
    thresholdSources,
  ];
}
