import { longestFilter } from '../core/processes/processFilter';
import type { ProcessOrder, ProcessQuery } from '../protocol';

const orders: readonly unknown[] = [
  'memory',
  'swap',
  'growth',
  'majorFaults',
  'processor',
  'oomScore',
] satisfies readonly ProcessOrder[];

/** Whether a page asked for processes as a page of ours does. */
export function isProcessQuery(value: unknown): value is ProcessQuery {
  if (typeof value !== 'object' || value === null) return false;
  const { filter, order, tree } = value as Partial<Record<keyof ProcessQuery, unknown>>;
  return (
    typeof filter === 'string' &&
    filter.length <= longestFilter &&
    orders.includes(order) &&
    typeof tree === 'boolean'
  );
}
