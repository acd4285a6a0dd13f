/** Cells by the heading of their column. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

/** @returns the lines of a Markdown table. */
export function markdownTable<Row>(columns: Columns<Row>, rows: readonly Row[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const headings = Object.keys(columns);
  return [
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map((row) => line(Object.values(columns).map((cell) => cell(row)))),
  ];
}
