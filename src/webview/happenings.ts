import type { PageStrings } from '../core/pageStrings';
import type { Marker } from '../protocol';
import { element, icon } from './dom';
import { markerShapes } from './markerShapes';

/** The list of what happened to the host, newest first. Not there while nothing did. */
export class Happenings {
  readonly element: HTMLElement;
  readonly #list = element('ol', {
    class: 'happenings',
    // It scrolls, so it has to be reached by the keyboard.
    attributes: { tabindex: '0', 'aria-labelledby': 'happened' },
  });
  #listed = '';

  constructor(strings: PageStrings) {
    const heading = element('h2', { text: strings.happened, attributes: { id: 'happened' } });
    this.element = element(
      'section',
      { class: 'card', attributes: { 'aria-labelledby': 'happened', hidden: '' } },
      [heading, this.#list],
    );
  }

  /** @param markers oldest first */
  show(markers: readonly Marker[]): void {
    const newest = [...markers].reverse();
    const listed = JSON.stringify(newest);
    if (listed === this.#listed) return;
    this.#listed = listed;
    this.element.hidden = newest.length === 0;
    this.#list.replaceChildren(...newest.map(entry));
  }
}

function entry(marker: Marker): HTMLElement {
  const at = new Date(marker.at);
  const text = at.toLocaleString(document.documentElement.lang || undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
  return element('li', {}, [
    icon(markerShapes[marker.kind]),
    element('time', { text, attributes: { datetime: at.toISOString() } }),
    element('span', { text: marker.text }),
  ]);
}
