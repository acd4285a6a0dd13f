import type { ActionView, StatusView } from '../protocol';
import { element, icon, setText } from './dom';
import type { PageStrings } from '../core/pageStrings';
import { timeSpanOf, timeSpans, type TimeSpan } from '../core/timeSpans';
import { buttonLabel } from './rowActions';
import { fill } from './strings';
import { makeToggle } from './toggle';
import { makeButton, makeDropdown } from './toolkit';

/** A shape for every state: colour is never the only sign. */
const shapes: Record<StatusView['state'], string> = {
  connecting:
    'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8zM7.2 5h1.6v2.7l1.9 1.9-1.1 1.1-2.4-2.4z',
  live: 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z',
  silent: 'M4 3h2.8v10H4zM9.2 3H12v10H9.2z',
  reconnecting: 'M8 2a6 6 0 0 1 4.4 1.9V2H14v5H9V5.4h2.7A4.4 4.4 0 1 0 12.2 9.4l1.5.5A6 6 0 1 1 8 2z',
  stopped: 'M3.5 3.5h9v9h-9z',
  failed: 'M4.1 2.9 8 6.8l3.9-3.9 1.2 1.2L9.2 8l3.9 3.9-1.2 1.2L8 9.2l-3.9 3.9-1.2-1.2L6.8 8 2.9 4.1z',
};

const warning = 'M8 1.5 15.2 14H.8zM7.2 6v4h1.6V6zm0 5.2v1.4h1.6v-1.4z';

/** The states in which no connection is there, nor the first one on its way. */
const unconnected: readonly StatusView['state'][] = ['reconnecting', 'stopped', 'failed'];

/** What the header tells the page. */
export interface HeaderOptions {
  readonly spanMinutes: TimeSpan;
  readonly chooseSpan: (minutes: TimeSpan) => void;
  readonly showTable: (shown: boolean) => void;
  readonly run: (action: ActionView) => void;
}

/** The host's name, how it is doing, what it is, and what can be done. */
export class Header {
  readonly element: HTMLElement;
  readonly #title = element('h1');
  readonly #state = element('span', { class: 'state' });
  readonly #stateText = element('span');
  readonly #detail = element('span', { class: 'detail' });
  /** Tells a screen reader that the state changed, but not every second of "Silent for 12 s". */
  readonly #announcement = element('div', { class: 'visually-hidden', attributes: { role: 'status' } });
  readonly #facts: HTMLElement;
  readonly #actions: HTMLElement;
  #buttons: readonly { readonly button: HTMLElement; readonly action: ActionView }[] = [];
  readonly #options: HeaderOptions;

  constructor(strings: PageStrings, options: HeaderOptions) {
    this.#options = options;
    this.#facts = element('ul', { class: 'facts', attributes: { 'aria-label': strings.facts } });
    this.#actions = element('div', {
      class: 'actions',
      attributes: { role: 'group', 'aria-label': strings.actions },
    });
    this.element = element('header', {}, [
      this.#title,
      element('p', { class: 'status' }, [this.#state, this.#detail]),
      this.#announcement,
      this.#facts,
      element('div', { class: 'view-tools' }, [
        spanDropdown(strings, options),
        makeToggle(strings.showAsTable, false, options.showTable),
      ]),
      this.#actions,
    ]);
  }

  setTitle(title: string): void {
    setText(this.#title, title);
  }

  setStatus(status: StatusView): void {
    if (this.#state.dataset.state !== status.state) {
      this.#state.dataset.state = status.state;
      this.#state.replaceChildren(icon(shapes[status.state]), this.#stateText);
      setText(this.#announcement, [status.text, status.detail].filter(Boolean).join('. '));
      this.#offer();
    }
    setText(this.#stateText, status.text);
    setText(this.#detail, status.detail);
  }

  /** Changes only what differs: some facts are told often, and a text that a person has selected stays selected. */
  setFacts(facts: readonly string[]): void {
    while (this.#facts.childElementCount > facts.length) this.#facts.lastElementChild?.remove();
    facts.forEach((text, index) => {
      const item = this.#facts.children[index];
      if (item) setText(item, text);
      else this.#facts.append(element('li', { text }));
    });
  }

  setActions(actions: readonly ActionView[]): void {
    this.#buttons = actions.map((action) => {
      const button = makeButton(
        buttonLabel(action),
        () => this.#options.run(action),
        action.danger ? icon(warning) : undefined,
      );
      button.classList.toggle('danger', action.danger);
      return { button, action };
    });
    this.#actions.replaceChildren(...this.#buttons.map(({ button }) => button));
    this.#offer();
  }

  /** Shows what can be done in the state that the host is in. */
  #offer(): void {
    const { state } = this.#state.dataset;
    const now = unconnected.some((one) => one === state) ? 'not-connected' : 'connected';
    for (const { button, action } of this.#buttons) button.hidden = (action.onlyWhile ?? now) !== now;
  }
}

function spanDropdown(strings: PageStrings, options: HeaderOptions): HTMLElement {
  const entries = timeSpans.map((minutes) => ({ value: String(minutes), text: spanText(strings, minutes) }));
  return makeDropdown(strings.timeSpan, entries, String(options.spanMinutes), (value) => {
    const chosen = timeSpanOf(Number(value));
    if (chosen !== undefined) options.chooseSpan(chosen);
  });
}

function spanText(strings: PageStrings, minutes: TimeSpan): string {
  if (minutes === 1) return strings.minute;
  return minutes <= 60 ? fill(strings.minutes, String(minutes)) : fill(strings.hours, String(minutes / 60));
}
