/** How a record begins in a line that holds several, in dmesg and in syslog. */
const beginnings = [
  /(?: |\\n)?(?=\[ {0,8}\d{1,12}\.\d{6}\] )/g,
  / (?=(?:[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\dT)\d\d:\d\d:\d\d\S{0,16} \S{1,64} kernel: )/g,
];

/** How each of them begins in a log without times and hosts: only where the line itself does. */
const kernel = 'kernel: ';

/** A name of a process may look like one beginning. */
const fewest = 3;

/** Shorter lines hold one record. */
const shortest = 200;

/** The records of a log that has lost its line feeds; a line of one record is that. */
export function unjoined(line: string): readonly string[] {
  if (line.length < shortest) return [line];
  for (const beginning of line.startsWith(kernel) ? [...beginnings, / (?=kernel: )/g] : beginnings) {
    const records = line.split(beginning);
    if (records.length >= fewest) return records.map((record) => record.replace(/(?:\\n){1,4}$/, ''));
  }
  return [line];
}
