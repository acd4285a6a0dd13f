import { describe, expect, it } from 'vitest';
import { actions, type ActionId, type ActionTarget } from '../../../src/core/actions';
import { buttonLabel, RowActions } from '../../../src/webview/rowActions';

describe('the buttons of a row', () => {
  const target = { kind: 'container', id: 'aaaaaaaaaaaa' } as const;

  it('are those of its actions that the extension offers, in the order in which it does', () => {
    const ran: [ActionId, ActionTarget][] = [];
    const rowActions = new RowActions((action, hit) => ran.push([action, hit]));
    expect(rowActions.of(['kill-containers'], target)).toEqual([]);
    rowActions.set(actions.map(({ id, label, danger, place }) => ({ action: id, label, danger, place })));
    const buttons = rowActions.of(['kill-containers', 'thaw-containers'], target);
    // Those that ask before they do anything say so.
    expect(buttons.map(({ label }) => label)).toEqual(['Thaw', 'Kill…']);
    expect(buttonLabel({ label: 'Freeze all containers', danger: true })).toBe('Freeze all containers…');
    buttons[1]?.run();
    expect(ran).toEqual([['kill-containers', target]]);
  });
});
