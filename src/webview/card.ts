import type { ChartView } from '../protocol';
import type { Point } from '../core/point';
import { element, setText } from './dom';
import { formatValue } from './format';
import { Legend } from './legend';
import { Plot } from './plot';
import type { Row } from './rows';
import type { PageStrings } from '../core/pageStrings';
import { fill } from './strings';
import type { Theme } from './theme';
import { rowsOf, type TimeFrame } from './timeFrame';
import { ValueTable } from './valueTable';

/** How often a screen reader is given other values, in ms: they are there to be asked for, not to be read out. */
const spokenEvery = 3000;

/** What a card asks of and tells the page. */
export interface CardOptions {
  readonly shown: (seriesId: string) => boolean;
  readonly toggle: (seriesId: string) => void;
  /** The moment that is pointed at on this card. */
  readonly pointed: (at: number | undefined) => void;
}

/** One chart with its title, its current values, its drawing and its table. */
export class Card {
  readonly element: HTMLElement;
  readonly #view: ChartView;
  readonly #plot: Plot;
  readonly #legend: Legend;
  readonly #table: ValueTable;
  readonly #cursor = element('div', { class: 'cursor', attributes: { hidden: '' } });
  readonly #empty = element('p', { class: 'empty' });
  readonly #tableBox: HTMLElement;
  #tableShown = false;
  #spokenAt = -Infinity;
  #inView = true;
  /** What has not been drawn yet, because nobody can see it. */
  #pending: TimeFrame | undefined;
  #current: Row | undefined;
  readonly #observer = new IntersectionObserver((entries) => {
    this.#inView = entries.at(-1)?.isIntersecting ?? true;
    if (this.#inView) this.#drawPending(false);
  });

  constructor(view: ChartView, theme: Theme, strings: PageStrings, options: CardOptions) {
    this.#view = view;
    const titleId = `chart-${view.id}`;
    const canvas = element('canvas', {
      attributes: { role: 'img', tabindex: '0', 'aria-label': view.title },
    });
    this.#legend = new Legend(view, fill(strings.legend, view.title), options.shown, options.toggle);
    this.#table = new ValueTable(view, strings);
    this.#tableBox = element('div', {}, [this.#table.element]);
    this.element = element('section', { class: 'card', attributes: { 'aria-labelledby': titleId } }, [
      element('h2', { text: view.title, attributes: { id: titleId } }),
      element('p', { class: 'description', text: view.description, attributes: { title: view.description } }),
      this.#legend.element,
      element('div', { class: 'frame' }, [canvas, this.#cursor, this.#empty]),
      this.#tableBox,
    ]);
    this.#plot = new Plot(view, canvas, theme, { ...options, noData: strings.noData });
    this.setTheme(theme);
    this.showTable(false);
    this.#observer.observe(this.element);
  }

  /** Shows the latest sample there is, which may lie before what is drawn. */
  show(latest: Point | undefined, emptyText: string): void {
    this.#current = latest && rowsOf(this.#view, [latest])[0];
    this.#legend.show(this.#current);
    setText(this.#empty, latest ? '' : emptyText);
  }

  draw(frame: TimeFrame): void {
    const due = performance.now() - this.#spokenAt >= spokenEvery;
    if (due) this.#speak(this.#current);
    this.#pending = frame;
    if (due || this.#inView) this.#drawPending(due);
  }

  setTheme(theme: Theme): void {
    this.#plot.setTheme(theme);
    this.#legend.setTheme(theme);
  }

  showTable(shown: boolean): void {
    this.#tableShown = shown;
    this.#tableBox.classList.toggle('visually-hidden', !shown);
    this.#spokenAt = -Infinity;
  }

  /** Marks the moment that is pointed at on any card. */
  showCursor(at: number | undefined): void {
    const place = at === undefined ? undefined : this.#plot.place(at);
    this.#cursor.hidden = place === undefined;
    if (!place) return;
    this.#cursor.style.transform = `translate(${Math.round(place.left)}px, ${place.top}px)`;
    this.#cursor.style.height = `${place.height}px`;
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#plot.destroy();
  }

  /** Draws what can be seen. @param spoken whether the table is brought up to date even where only a screen reader has it */
  #drawPending(spoken: boolean): void {
    if (!this.#pending) return;
    const frame = this.#pending;
    const rows = rowsOf(this.#view, frame.points);
    if (spoken || this.#tableShown) this.#table.show(rows, this.#current, frame.from);
    if (!this.#inView) return;
    this.#plot.draw(frame, rows);
    this.#pending = undefined;
  }

  #speak(current: Row | undefined): void {
    this.#spokenAt = performance.now();
    const values = this.#view.series.map(
      (series, index) => `${series.title} ${formatValue(this.#view.unit, current?.values[index])}`,
    );
    this.#plot.canvas.setAttribute('aria-label', `${this.#view.title}: ${values.join(', ')}`);
  }
}
