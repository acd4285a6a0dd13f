/**
 * `text` with the home folder told as `~`, where it stands as a whole folder: `/home/ann/.ssh` becomes `~/.ssh`, and
 * `/home/anna` stays.
 */
export function withoutHome(text: string, home: string): string {
  const folder = home.replace(/[/\\]+$/, '');
  if (folder.length < 2) return text; // the root folder is nobody's home
  const pieces = text.split(folder);
  return pieces.reduce((told, piece, index) => {
    if (index === 0) return piece;
    const isWhole = !/^[\w.-]/.test(piece) && !/[\w.~/\\-]$/.test(told);
    return `${told}${isWhole ? '~' : folder}${piece}`;
  }, '');
}
