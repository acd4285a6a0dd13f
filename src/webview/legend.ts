import type { ChartView } from '../protocol';
import { element, setText } from './dom';
import { formatValue } from './format';
import type { Row } from './rows';
import { paintSwatch, seriesStyle } from './seriesStyle';
import type { Theme } from './theme';

/** The series of a chart with their current values; pressing one shows or hides it. */
export class Legend {
  readonly element: HTMLElement;
  readonly #view: ChartView;
  readonly #swatches: readonly HTMLCanvasElement[];
  readonly #values: readonly HTMLElement[];

  constructor(
    view: ChartView,
    label: string,
    shown: (seriesId: string) => boolean,
    toggle: (seriesId: string) => void,
  ) {
    this.#view = view;
    this.#swatches = view.series.map(() =>
      element('canvas', { class: 'swatch', attributes: { 'aria-hidden': 'true' } }),
    );
    this.#values = view.series.map(() => element('span', { class: 'legend-value' }));
    const items = view.series.map((series, index) => {
      const name = element('span', { class: 'legend-name', text: series.title });
      const button = element('button', {
        class: 'legend-item',
        attributes: { type: 'button', title: series.title },
      });
      for (const part of [this.#swatches[index], name, this.#values[index]]) if (part) button.append(part);
      button.setAttribute('aria-pressed', String(shown(series.id)));
      button.addEventListener('click', () => {
        toggle(series.id);
        button.setAttribute('aria-pressed', String(shown(series.id)));
      });
      return element('li', {}, [button]);
    });
    this.element = element('ul', { class: 'legend', attributes: { 'aria-label': label } }, items);
  }

  /** Shows the values of the latest row; dashes where there is none. */
  show(latest: Row | undefined): void {
    this.#values.forEach((value, index) =>
      setText(value, formatValue(this.#view.unit, latest?.values[index])),
    );
  }

  setTheme(theme: Theme): void {
    this.#swatches.forEach((swatch, index) => {
      paintSwatch(swatch, seriesStyle(this.#view, index, theme));
    });
  }
}
