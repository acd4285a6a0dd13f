import { element } from './dom';

/** What one part of the page below the charts consists of. */
export interface SectionParts {
  readonly id: string;
  readonly title: string;
  /** Beside the title. */
  readonly tools: readonly HTMLElement[];
  readonly content: readonly HTMLElement[];
}

/** A card with a title, over the whole width. */
export function makeSection({ id, title, tools, content }: SectionParts): HTMLElement {
  const head = element('div', { class: 'section-head' }, [
    element('h2', { text: title, attributes: { id } }),
    element('div', { class: 'section-tools' }, tools),
  ]);
  return element('section', { class: 'card section', attributes: { 'aria-labelledby': id } }, [
    head,
    ...content,
  ]);
}
