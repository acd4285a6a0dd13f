import type { ActionId, ActionTarget } from '../core/actions';
import type { ActionView } from '../protocol';
import type { RowAction } from './rowTable';

/** What stands on the button of an action: those that lose something ask first, and say so. */
export function buttonLabel({ label, danger }: Pick<ActionView, 'label' | 'danger'>): string {
  return danger ? `${label}…` : label;
}

/** What the extension offers to do with rows. */
export class RowActions {
  readonly #run: (action: ActionId, target: ActionTarget) => void;
  #offered: readonly ActionView[] = [];

  constructor(run: (action: ActionId, target: ActionTarget) => void) {
    this.#run = run;
  }

  set(offered: readonly ActionView[]): void {
    this.#offered = offered;
  }

  /** The buttons of a row with these actions, in the order in which they are offered. */
  of(ids: readonly ActionId[], target: ActionTarget): RowAction[] {
    return this.#offered
      .filter(({ action }) => ids.includes(action))
      .map(({ action, label, danger }) => ({
        key: action,
        label: buttonLabel({ label, danger }),
        run: () => this.#run(action, target),
      }));
  }
}
