/**
 * A table of Markdown that can be read as it stands, too: all columns but the last are padded.
 * @param head titles; a `>` at the end of one puts its column to the right.
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = head.map((title) => title.endsWith('>'));
  const titles = head.map((title) => title.replace(/>$/, ''));
  const cells = [titles, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)));
  const lineOf = (row: readonly string[]): string =>
    `| ${widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        if (right[column] === true) return cell.padStart(width);
        return column === widths.length - 1 ? cell : cell.padEnd(width);
      })
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    right[column] === true
      ? `${'-'.repeat(width - 1)}:`
      : '-'.repeat(column === widths.length - 1 ? 3 : width),
  );
  const [titleCells = [], ...body] = cells;
  return [lineOf(titleCells), lineOf(rule), ...body.map(lineOf)].join('\n');
}
