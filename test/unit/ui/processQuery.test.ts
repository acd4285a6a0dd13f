import { describe, expect, it } from 'vitest';
import { isProcessQuery } from '../../../src/ui/processQuery';
import { processOrders } from '../../../src/webview/processOrder';

const query = { filter: 'nginx', order: 'growth', tree: false };

describe('isProcessQuery', () => {
  it('takes what a page of ours asks', () => {
    expect(isProcessQuery(query)).toBe(true);
    expect(isProcessQuery({ ...query, filter: 'x'.repeat(100) })).toBe(true);
    for (const order of processOrders) expect(isProcessQuery({ ...query, order })).toBe(true);
  });

  it.each([
    ['nothing', null],
    ['no filter', { ...query, filter: undefined }],
    ['a filter that is too long', { ...query, filter: 'x'.repeat(101) }],
    ['an expression', { ...query, filter: /nginx/ }],
    ['an order of ours that is none', { ...query, order: 'toString' }],
    ['a tree that is neither', { ...query, tree: 1 }],
  ])('refuses %s', (_, value) => {
    expect(isProcessQuery(value)).toBe(false);
  });
});
