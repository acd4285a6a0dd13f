import { describe, expect, it } from 'vitest';
import { actions } from '../../../../src/core/actions';

describe('the list of actions', () => {
  it('names each once', () => {
    const ids = actions.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(actions)(
    '$id: what changes a host needs a right, and what is dangerous changes something',
    (action) => {
      if (action.changes) expect(action.needs).not.toHaveLength(0);
      if (action.danger) expect(action.changes).toBe(true);
    },
  );

  it('offers at the head of the page what hits the whole host, without a target chosen', () => {
    for (const { place, target } of actions)
      expect(target === 'host').toBe(place === 'header' || place === 'ledger');
  });

  it('confirms everything that changes something, but thawing', () => {
    const silent = actions.filter(({ changes, danger }) => changes && !danger).map(({ id }) => id);
    expect(silent).toEqual(['thaw-containers']);
  });
});
