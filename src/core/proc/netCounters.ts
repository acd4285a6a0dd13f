import type { Line, Refuse } from './source';
import { countOf, fieldsOf, linesOf } from './text';

/**
 * Reads chosen counters of one protocol out of a text in pairs of lines, titles and numbers, as `/proc/net/snmp` and
 * `/proc/net/netstat` are: `Tcp: ActiveOpens PassiveOpens …`, `Tcp: 2046 2045 …`.
 * @param fields our name by the kernel's.
 * @returns what is there of them; undefined where the protocol is not in the text.
 */
export function netCountersOf<Field extends string>(
  text: string,
  refuse: Refuse,
  protocol: string,
  fields: Readonly<Record<string, Field>>,
): Partial<Record<Field, number>> | undefined {
  const label = `${protocol}:`;
  let titles: readonly string[] | undefined;
  for (const line of linesOf(text)) {
    const [word, ...words] = fieldsOf(line);
    if (word !== label) continue;
    if (titles !== undefined) return countersOf(refuse, line, titles, words, fields);
    titles = words;
  }
  return undefined;
}

function countersOf<Field extends string>(
  refuse: Refuse,
  line: Line,
  titles: readonly string[],
  words: readonly string[],
  fields: Readonly<Record<string, Field>>,
): Partial<Record<Field, number>> {
  const counters: Partial<Record<Field, number>> = {};
  titles.forEach((title, index) => {
    const field = Object.hasOwn(fields, title) ? fields[title] : undefined;
    if (field === undefined) return;
    const value = countOf(refuse, line, words[index]);
    if (value !== undefined) counters[field] = value;
  });
  return counters;
}
