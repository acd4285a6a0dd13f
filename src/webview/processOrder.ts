import type { ProcessOrder, ProcessRow } from '../protocol';

export const processOrders: readonly ProcessOrder[] = [
  'memory',
  'swap',
  'growth',
  'majorFaults',
  'processor',
  'oomScore',
];

/** So many rows are shown. */
const shown = 10;

/**
 * The first ten by an order, greatest first; those that have nothing of it are left out.
 * @param held keys of rows that stay though they are not, or no longer, among them.
 */
export function firstBy(
  order: ProcessOrder,
  rows: readonly ProcessRow[],
  held: ReadonlySet<string> = new Set(),
): readonly ProcessRow[] {
  return rows
    .map((row) => ({ row, amount: amountOf(order, row) ?? 0 }))
    .sort((one, other) => other.amount - one.amount)
    .filter(({ row, amount }, index) => (amount > 0 && index < shown) || held.has(keyOf(row)))
    .map(({ row }) => row);
}

/** All of them, greatest first; those that have nothing of it last, in the order given. */
export function byOrder(order: ProcessOrder, rows: readonly ProcessRow[]): readonly ProcessRow[] {
  const amount = (row: ProcessRow): number => Math.max(0, amountOf(order, row) ?? 0);
  return [...rows].sort((one, other) => amount(other) - amount(one));
}

/**
 * Whether it is known what the processes have of an order. Rates take two readings, and kernel threads, which are read
 * first, say nothing of the others: they have no memory.
 */
export function isKnown(order: ProcessOrder, rows: readonly ProcessRow[]): boolean {
  return rows.some((row) => row.memoryBytes !== 0 && amountOf(order, row) !== undefined);
}

/** Tells a process from another that gets the same pid later. */
export function keyOf({ pid, startTicks }: ProcessRow): string {
  return `${pid}:${startTicks}`;
}

function amountOf(order: ProcessOrder, row: ProcessRow): number | undefined {
  switch (order) {
    case 'memory':
      return row.memoryBytes === undefined ? row.swapBytes : row.memoryBytes + (row.swapBytes ?? 0);
    case 'swap':
      return row.swapBytes;
    case 'growth':
      return row.growthBytesPerMinute;
    case 'majorFaults':
      return row.majorFaultsPerSecond;
    case 'processor':
      return row.processorPercent;
    case 'oomScore':
      return row.oomScore;
  }
}

/** The order of that name, as the page kept it. */
export function processOrderOf(value: unknown): ProcessOrder | undefined {
  return processOrders.find((order) => order === value);
}
