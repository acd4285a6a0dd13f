/**
 * A word for a command line that a person copies into a terminal. Double quotes mean the same to a POSIX shell, cmd and
 * PowerShell as long as nothing special stands between them; what is special to a POSIX shell goes into single quotes.
 */
export function shellWord(text: string): string {
  return /["$`\\!%\p{C}]/u.test(text) && process.platform !== 'win32'
    ? `'${text.replace(/'/g, `'\\''`)}'`
    : `"${text}"`;
}
