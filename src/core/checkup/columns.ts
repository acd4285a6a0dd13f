/** A column as the tool prints it. */
export interface Column<Name extends string> {
  readonly name: Name;
  /** Least width, without the blank before it. */
  readonly width: number;
  /** Decimals; none: whole numbers. */
  readonly digits?: number;
}

/** Numbers by the tool's own names of columns; undefined: not known. */
export type Figures<Name extends string> = Readonly<Record<Name, number | undefined>>;

/** `    %usr   %nice`: each after a blank, to the right. */
export function headOf(columns: readonly Column<string>[]): string {
  return columns.map(({ name, width }) => ` ${name.padStart(width)}`).join('');
}

/** The numbers under {@link headOf}; a minus sign for what is not known. */
export function cellsOf<Name extends string>(
  columns: readonly Column<Name>[],
  figures: Figures<Name>,
): string {
  return columns
    .map(({ name, width, digits = 0 }) => ` ${numberText(figures[name], digits).padStart(width)}`)
    .join('');
}

/** A number with so many decimals, or `-`. */
export function numberText(value: number | undefined, digits: number): string {
  if (value === undefined) return '-';
  const text = value.toFixed(digits);
  // -0.001 would be "-0.00".
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/** Columns of the same width and decimals. */
export function evenColumns<Name extends string>(
  names: readonly Name[],
  width: number,
  digits: number,
): readonly Column<Name>[] {
  return names.map((name) => ({ name, width: Math.max(width, name.length), digits }));
}

/** The object of figures that `value` gives for each column. */
export function figuresOf<Name extends string>(
  columns: readonly Column<Name>[],
  value: (name: Name) => number | undefined,
): Figures<Name> {
  return Object.fromEntries(columns.map(({ name }) => [name, value(name)])) as Figures<Name>;
}
