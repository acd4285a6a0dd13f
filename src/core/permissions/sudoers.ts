/** A command as sudoers(5) names it. */
export interface SudoCommand {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The line of sudoers(5) that lets `user` run exactly these commands as root without a password. Arguments must match to
 * the letter: what sudo would read as a pattern or as the end of an argument is escaped.
 * @throws {Error} where something cannot be said in one line.
 */
export function sudoersLine(user: string, commands: readonly SudoCommand[]): string {
  const words = commands.map(({ program, args }) => [program, ...args.map(escapeArgument)].join(' '));
  // An empty string allows no arguments at all; nothing would allow any.
  const entries = words.map((word, index) => (commands[index]?.args.length === 0 ? `${word} ""` : word));
  return `${user} ALL=(root) NOPASSWD: ${entries.join(', ')}`;
}

function escapeArgument(argument: string): string {
  if (/[^\x20-\x7e]| {2}/.test(argument)) throw new Error(`not for sudoers: ${argument}`);
  return argument.replace(/[\\,:=*?[\]#]/g, (character) => `\\${character}`);
}

/**
 * One shell line that installs `line` in /etc/sudoers.d, and only if sudo itself finds nothing wrong in it. A file whose
 * name ends in `~` is not read by sudo.
 */
export function installSudoersLine(line: string): string {
  const quoted = `'${line.replaceAll("'", `'"'"'`)}'`;
  const install =
    'cd /etc/sudoers.d && umask 0337 && cat >new~ && visudo -cf new~ && mv -f new~ remote-memory';
  return `printf '%s\\n' ${quoted} | sudo sh -c '${install}'`;
}
