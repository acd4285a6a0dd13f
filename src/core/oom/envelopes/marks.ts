/** Marks of lists, quotations, tables and code, which stand before a line that somebody pasted. */
const marks = /^(?:&gt;|\/\/|[-*•·|#"'`\t ]|\d{1,4}[.)|]? ){1,12}/;

/** `"2026-11-23T08:15:02.000+0000","web-1","`: the columns before the message in a table that was exported as CSV. */
const columns = /^(?:"[^"]{0,64}",){1,8}"/;

/** `ts=2026-11-23T08:15:02Z level=err host=web-1 msg="` of logfmt. With other keys it is what a program says of itself. */
const logfmt =
  /^(?:(?:ts|time|level|severity|host|hostname|facility)=(?:"[^"]{0,64}"|[^\s"]{0,64}) ){1,6}(?:msg|message)="/;

/** How a line of a report begins that is no other program's, in no envelope at all. */
const unmistakable = /(?:Out of memory: Kill|Memory cgroup out of memory: Kill|oom-kill:constraint=)/y;

/** @returns whether a line of a kill begins there, in the kernel's own words. */
export function beginsKill(line: string, at: number): boolean {
  unmistakable.lastIndex = at;
  return unmistakable.test(line);
}

/** @returns whether a report begins there, or the rest of one with the line before the kill. */
export function beginsReport(line: string, at: number): boolean {
  return beginsKill(line, at) || line.slice(at, at + 100).includes(' invoked oom-killer: gfp_mask=');
}

/** @returns where the line may begin behind such marks: whoever asks knows what is an envelope. */
export function behindMarks(line: string): number[] {
  if (
    !line.includes('[') &&
    !line.includes('kernel:') &&
    !line.includes('memory: Kill') &&
    !line.includes('oom-kill:')
  )
    return [];
  const head = line.slice(0, 700);
  return [marks, columns, logfmt]
    .map((pattern) => pattern.exec(head)?.[0].length ?? 0)
    .filter((length) => length > 0);
}

/** @param at behind the marks. @returns the line without the mark that closes what the last of them opened. */
export function withoutClosingMark(line: string, at: number): string {
  const opening = line.charAt(at - 1);
  if ((opening === '"' || opening === '`' || opening === "'") && line.endsWith(opening))
    return line.slice(0, -1);
  if (line.slice(0, at).includes('|') && line.endsWith('|')) return line.slice(0, -1).trimEnd();
  return line;
}
