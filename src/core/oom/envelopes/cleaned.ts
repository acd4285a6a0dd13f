/** Colours and other commands to a terminal (ECMA-48), and the titles of windows. */
const commands =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[()#%*+][0-9A-Za-z]|[=>@-Z\\^_78c])/g;

/** A terminal fills what it wraps up to its width, and a copy of it may keep the blanks: `total-vm:53312244 … kB`. */
const padding = ' '.repeat(32);

/**
 * A line without what terminals, consoles and mail programs add to it: commands to the terminal, NUL, `\r`, no-break spaces,
 * the `> ` of quotations, the blanks of a wide terminal.
 */
export function cleaned(line: string): string {
  let text = line;
  if (text.includes('\x1b')) text = text.replace(commands, '');
  if (text.includes('\u00a0')) text = text.replaceAll('\u00a0', ' ');
  if (text.includes('\0')) text = text.replaceAll('\0', '');
  if (text.includes(padding)) text = text.replace(/(?<=[\w,]) {32,}(?=[\w,])/g, '');
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 13) end--;
  if (end >= 2 && text.charCodeAt(end - 1) === 32 && text.charCodeAt(end - 2) === 32)
    while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  if (end < text.length) text = text.slice(0, end);
  let start = 0;
  // The mark at the head of a file in UTF-8; `\r`, where a console's cursor went back.
  while (text.charCodeAt(start) === 0xfeff || text.charCodeAt(start) === 13) start++;
  while (text.charCodeAt(start) === 62) start = text.charCodeAt(start + 1) === 32 ? start + 2 : start + 1;
  return start === 0 ? text : text.slice(start);
}
