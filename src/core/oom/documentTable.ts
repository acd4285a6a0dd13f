import { formatBytes } from '../units';

/** A column of a table that is read as it stands. */
export interface Column<Row> {
  readonly title: string;
  /** Undefined: not told. */
  readonly text: (row: Row) => string | undefined;
  /** Numbers stand to the right. */
  readonly right?: true;
}

/** Lines of a table in plain text; columns of which no row tells anything are left out. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const told = columns
    .map((column) => ({ column, cells: rows.map((row) => column.text(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== undefined));
  const widths = told.map(({ column, cells }) =>
    cells.reduce((widest, cell = '–') => Math.max(widest, cell.length), column.title.length),
  );
  const lineOf = (cellOf: (index: number) => string): string =>
    told
      .map(({ column }, index) => {
        const cell = cellOf(index);
        const width = widths[index] ?? 0;
        return column.right === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    lineOf((index) => told[index]?.column.title ?? ''),
    lineOf((index) => '-'.repeat(widths[index] ?? 0)),
    ...rows.map((_, row) => lineOf((index) => told[index]?.cells[row] ?? '–')),
  ];
}

/** An amount of memory in a table; undefined stays so. */
export function bytesText(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatBytes(bytes);
}

/** A number in a table. */
export function numberText(number: number | undefined): string | undefined {
  return number === undefined ? undefined : String(number);
}

/** A text in lines of at most `width` characters, broken at blanks. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
