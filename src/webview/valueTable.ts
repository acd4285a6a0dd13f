import type { ChartView } from '../protocol';
import { element, setText } from './dom';
import { formatValue } from './format';
import type { Row } from './rows';
import type { PageStrings } from '../core/pageStrings';
import { fill } from './strings';
import { extremes } from './timeFrame';

/** The values of a chart as a table, for those who do not see the drawing or want figures. */
export class ValueTable {
  readonly element: HTMLElement;
  readonly #view: ChartView;
  readonly #cells: readonly (readonly HTMLTableCellElement[])[];

  constructor(view: ChartView, strings: PageStrings) {
    this.#view = view;
    this.#cells = view.series.map(() => [element('td'), element('td'), element('td')]);
    const titles = [strings.series, strings.now, strings.lowest, strings.highest];
    const head = titles.map((text) => element('th', { text, attributes: { scope: 'col' } }));
    const body = view.series.map((series, index) =>
      element('tr', {}, [
        element('th', { text: series.title, attributes: { scope: 'row' } }),
        ...(this.#cells[index] ?? []),
      ]),
    );
    this.element = element('table', { class: 'values' }, [
      element('caption', { class: 'visually-hidden', text: fill(strings.table, view.title) }),
      element('thead', {}, [element('tr', {}, head)]),
      element('tbody', {}, body),
    ]);
  }

  /** Shows the latest row, and the extremes of the rows from `from` on. */
  show(rows: readonly Row[], latest: Row | undefined, from: number): void {
    this.#cells.forEach((cells, index) => {
      const range = extremes(rows, index, from);
      [latest?.values[index], range?.low, range?.high].forEach((value, column) => {
        const cell = cells[column];
        if (cell) setText(cell, formatValue(this.#view.unit, value));
      });
    });
  }
}
