import type { FactView } from '../protocol';
import { element, icon, setText } from './dom';
import { inOrderOf, successorOf } from './rowOrder';
import { makeButton } from './toolkit';

/** A column beside the first one, which names the row. */
export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly align: 'start' | 'end';
  /**
   * Where there is too little room, columns of rank 3 go first, then those of rank 2, but never the one that the rows are
   * ordered by. All that they say is in the details.
   */
  readonly rank: 1 | 2 | 3;
}

/** What stands in one place of a row. */
export interface Cell {
  readonly text: string;
  /** Smaller, below it. */
  readonly note?: string;
  /** Shares of a small bar below it, of any sum. */
  readonly bar?: readonly number[];
  /** Shown where the pointer rests. */
  readonly hint?: string;
}

/** One row, which can be opened to see more. */
export interface TableRow {
  /** Tells it from the others of its level. */
  readonly key: string;
  readonly label: Cell;
  /** A sample of how it is drawn elsewhere stands beside its label: the value of `data-line`. */
  readonly line?: string;
  /** By the columns. */
  readonly cells: readonly Cell[];
  readonly details: RowDetails;
  /** Rows that are seen while it is open. */
  readonly parts?: readonly TableRow[];
  /** It is open until somebody closes it. */
  readonly startsOpen?: boolean;
  /** How deep it stands in a tree. Absent: by the rows that it is a part of. */
  readonly level?: number;
  /** It is there for the sake of others, and drawn so. */
  readonly isQuiet?: boolean;
}

export interface RowDetails {
  readonly paragraphs: readonly string[];
  readonly facts: readonly FactView[];
  readonly actions?: readonly RowAction[];
  /** They say nothing that the columns do not: they are seen where there is too little room for some of these. */
  readonly sayColumns?: true;
}

/** Which rows that start open somebody has closed, kept by others longer than a table lives. */
export interface KeptClosed {
  /** Paths: keys of rows, with `/` between those of a row and its part. */
  readonly closed: readonly string[];
  /** Is told all of them whenever one more or less is closed. */
  readonly keepClosed: (closed: readonly string[]) => void;
}

/** A button in the details of a row. */
export interface RowAction {
  /** Tells it from the others of the row. */
  readonly key: string;
  readonly label: string;
  readonly run: () => void;
}

const chevron = 'M5.7 13.7 5 13l5-5-5-5 .7-.7L11.4 8z';

/** Rows stay where they are for so long after somebody pointed at them or pressed a key in them, in ms. */
const heldForMs = 10_000;

/** Rows of a tree that stand deeper are drawn no further to the right. */
const deepestDrawn = 12;

let tables = 0;

/**
 * A table whose rows are brought up to date in place, so that what is open stays open, what has the focus keeps it or
 * hands it on to the row that takes its place, and a row that somebody is about to press does not run away.
 */
export class RowTable {
  readonly element: HTMLTableElement;
  readonly #id = `rows-${++tables}`;
  readonly #columns: readonly TableColumn[];
  readonly #caption = element('caption', { class: 'visually-hidden' });
  readonly #heads: readonly HTMLElement[];
  readonly #body = element('tbody');
  /** Rows that somebody has opened or closed, unless that is how they start: paths, and whether they are open. */
  readonly #turned = new Map<string, boolean>();
  readonly #keepClosed: KeptClosed['keepClosed'] | undefined;
  /** As they stand, by path. */
  #entries: ReadonlyMap<string, Entry> = new Map();
  #rows: readonly TableRow[] = [];
  #made = 0;
  #sorted = -1;
  #touchedAt = -Infinity;
  #isTree = false;

  constructor(label: string, columns: readonly TableColumn[], kept?: KeptClosed) {
    this.#columns = columns;
    for (const path of kept?.closed ?? []) this.#turned.set(path, false);
    this.#keepClosed = kept?.keepClosed;
    this.#heads = columns.map(({ title, align, rank }) =>
      element('th', { text: title, class: `${align} rank-${rank}`, attributes: { scope: 'col' } }),
    );
    const first = element('th', { text: label, class: 'start', attributes: { scope: 'col' } });
    this.element = element('table', { class: 'rows' }, [
      this.#caption,
      element('thead', {}, [element('tr', {}, [first, ...this.#heads])]),
      this.#body,
    ]);
    for (const type of ['pointermove', 'focusin', 'keydown']) {
      this.#body.addEventListener(type, () => (this.#touchedAt = performance.now()));
    }
    this.#body.addEventListener('keydown', (event) => this.#moveFocus(event));
  }

  /** Says to those who do not see it whether rows stand below others, and how deep; then arrow keys go from row to row. */
  setTree(isTree: boolean): void {
    if (isTree === this.#isTree) return;
    this.#isTree = isTree;
    if (isTree) this.element.setAttribute('role', 'treegrid');
    else this.element.removeAttribute('role');
    this.element.classList.toggle('tree', isTree);
    this.#render();
  }

  /** Says what the table shows, to those who do not see it. */
  setCaption(text: string): void {
    setText(this.#caption, text);
  }

  /** Says by which column the rows are ordered, greatest first; undefined: by none alone. */
  setSorted(columnId: string | undefined): void {
    this.#sorted = this.#columns.findIndex(({ id }) => id === columnId);
    this.#heads.forEach((head, index) => {
      head.classList.toggle('sorted', index === this.#sorted);
      if (index === this.#sorted) head.setAttribute('aria-sort', 'descending');
      else head.removeAttribute('aria-sort');
    });
  }

  /** The keys of the rows that somebody has opened or is at: they had better stay while they can be told. */
  get heldKeys(): ReadonlySet<string> {
    const held = this.#rows.filter(
      (row) => this.#isOpen(row, row.key) || this.#entries.get(row.key)?.hasFocus,
    );
    return new Set(held.map(({ key }) => key));
  }

  /** The keys of all rows that are no parts. */
  get keys(): ReadonlySet<string> {
    return new Set(this.#rows.map(({ key }) => key));
  }

  /** Whether somebody may be about to press a row: they had better stay where they are. */
  get isTouched(): boolean {
    return performance.now() - this.#touchedAt < heldForMs;
  }

  /** @param anew whether the rows are put in this order even while somebody is about to press one. */
  show(rows: readonly TableRow[], anew = false): void {
    this.#rows = !anew && this.isTouched ? heldRows(this.#rows, rows) : rows;
    this.#render();
  }

  #render(): void {
    const before = [...this.#entries.keys()];
    const focused = [...this.#entries].find(([, entry]) => entry.hasFocus)?.[0];
    const wanted: HTMLElement[] = [];
    const shown = new Map<string, Entry>();
    const add = (row: TableRow, level: number, path: string): void => {
      const entry = this.#entries.get(path) ?? this.#make(path, row.startsOpen ?? false);
      shown.set(path, entry);
      const open = this.#isOpen(row, path);
      entry.update(row, { level: row.level ?? level, open, sorted: this.#sorted, isTree: this.#isTree });
      wanted.push(entry.row, entry.details);
      if (open) for (const part of row.parts ?? []) add(part, level + 1, `${path}/${part.key}`);
    };
    for (const row of this.#rows) add(row, 0, row.key);
    for (const [path, entry] of this.#entries) {
      if (shown.has(path)) continue;
      entry.row.remove();
      entry.details.remove();
    }
    this.#entries = shown;
    wanted.forEach((row, index) => {
      const there = this.#body.children[index];
      if (there !== row) this.#body.insertBefore(row, there ?? null);
    });
    if (focused !== undefined) this.#focus(successorOf(focused, before, [...shown.keys()]));
  }

  /** An element that is moved loses the focus, and so does one that is taken away. */
  #focus(path: string | undefined): void {
    const entry = path === undefined ? undefined : this.#entries.get(path);
    if (!entry || entry.hasFocus) return;
    const touchedAt = this.#touchedAt;
    entry.focus();
    this.#touchedAt = touchedAt;
  }

  #make(path: string, startsOpen: boolean): Entry {
    return new Entry(`${this.#id}-${++this.#made}`, this.#columns, () => {
      const open = !this.#entries.get(path)?.isOpen;
      if (open === startsOpen) this.#turned.delete(path);
      else this.#turned.set(path, open);
      if (startsOpen) this.#keepClosed?.(this.#closed);
      this.#render();
    });
  }

  /** Of the rows that start open those that are closed. */
  get #closed(): readonly string[] {
    return [...this.#turned].filter(([, open]) => !open).map(([path]) => path);
  }

  #isOpen({ startsOpen = false }: TableRow, path: string): boolean {
    return this.#turned.get(path) ?? startsOpen;
  }

  #moveFocus(event: KeyboardEvent): void {
    if (!this.#isTree || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const entries = [...this.#entries.values()];
    const there = entries.findIndex((entry) => entry.hasFocus);
    if (there < 0) return;
    const places = { ArrowDown: there + 1, ArrowUp: there - 1, Home: 0, End: entries.length - 1 };
    const place = Object.entries(places).find(([key]) => key === event.key)?.[1];
    if (place === undefined) return;
    event.preventDefault();
    entries[Math.min(entries.length - 1, Math.max(0, place))]?.focus('nearest');
  }
}

/** Rows where they were, and so their parts. */
function heldRows(before: readonly TableRow[], rows: readonly TableRow[]): readonly TableRow[] {
  return inOrderOf(before, rows).map((row) => {
    const parts = before.find(({ key }) => key === row.key)?.parts;
    return parts && row.parts ? { ...row, parts: heldRows(parts, row.parts) } : row;
  });
}

/** The elements of one row. */
class Entry {
  readonly row: HTMLTableRowElement;
  readonly details: HTMLTableRowElement;
  readonly #button: HTMLButtonElement;
  readonly #swatch = element('span', { class: 'line-swatch', attributes: { 'aria-hidden': 'true' } });
  readonly #label = element('span', { class: 'row-label' });
  readonly #note = element('div', { class: 'row-note' });
  readonly #cells: readonly CellBox[];
  readonly #paragraphs = element('div', { class: 'row-paragraphs' });
  readonly #facts = element('dl', { class: 'row-facts' });
  readonly #actions = element('div', { class: 'row-actions' });
  #offered: readonly RowAction[] = [];

  constructor(id: string, columns: readonly TableColumn[], toggle: () => void) {
    this.#button = element(
      'button',
      { class: 'row-toggle', attributes: { type: 'button', 'aria-controls': id } },
      [icon(chevron), this.#swatch, this.#label],
    );
    this.#button.addEventListener('click', toggle);
    this.#cells = columns.map((column) => new CellBox(column));
    this.row = element('tr', {}, [
      element('th', { class: 'start', attributes: { scope: 'row' } }, [this.#button, this.#note]),
      ...this.#cells.map((cell) => cell.element),
    ]);
    const content = element('td', { attributes: { colspan: String(columns.length + 1) } }, [
      this.#paragraphs,
      this.#actions,
      this.#facts,
    ]);
    this.details = element('tr', { class: 'row-details', attributes: { id } }, [content]);
  }

  get hasFocus(): boolean {
    return this.#button === document.activeElement;
  }

  /** @param scroll `nearest`: until it is seen; absent: not at all. */
  focus(scroll?: 'nearest'): void {
    this.#button.focus({ preventScroll: true });
    if (scroll) this.row.scrollIntoView({ block: scroll });
  }

  get isOpen(): boolean {
    return this.#button.getAttribute('aria-expanded') === 'true';
  }

  update(
    { label, line, cells, details, parts, isQuiet = false }: TableRow,
    { level, open, sorted, isTree }: { level: number; open: boolean; sorted: number; isTree: boolean },
  ): void {
    for (const row of [this.row, this.details]) {
      row.style.setProperty('--level', String(Math.min(level, deepestDrawn)));
    }
    // Counted from 1; the details are a row below their own.
    setAttribute(this.row, 'aria-level', isTree ? String(level + 1) : undefined);
    setAttribute(this.details, 'aria-level', isTree ? String(level + 2) : undefined);
    // Of a row without parts only the details are shown and hidden, which its button says.
    setAttribute(this.row, 'aria-expanded', isTree && parts ? String(open) : undefined);
    this.row.classList.toggle('quiet', isQuiet);
    this.#button.setAttribute('aria-expanded', String(open));
    setText(this.#label, label.text);
    setText(this.#note, label.note ?? '');
    setHint(this.#note, label.hint);
    this.#swatch.hidden = line === undefined;
    if (line !== undefined) this.#swatch.dataset.line = line;
    this.#cells.forEach((box, index) => {
      box.show(cells[index] ?? { text: '' });
      box.element.classList.toggle('sorted', index === sorted);
    });
    this.details.hidden = !open || isEmpty(details);
    this.details.classList.toggle('of-columns', details.sayColumns ?? false);
    if (open) this.#showDetails(details, label.text);
  }

  /**
   * Buttons that stay are left alone, so that they keep the focus; each runs what it is given last.
   * @param target what they hit, for those who do not see in which row they stand.
   */
  #showActions(actions: readonly RowAction[], target: string): void {
    const same =
      actions.length === this.#offered.length &&
      actions.every(({ key }, index) => key === this.#offered[index]?.key);
    this.#offered = actions;
    this.#actions.hidden = actions.length === 0;
    if (!same) {
      this.#actions.replaceChildren(
        ...actions.map(({ key, label }) =>
          makeButton(label, () => this.#offered.find((offered) => offered.key === key)?.run()),
        ),
      );
    }
    actions.forEach(({ label }, index) => {
      const button = this.#actions.children[index];
      if (button) setAttribute(button, 'aria-label', `${label} ${target}`);
    });
  }

  /** Texts that stay are left alone, so that one that a person has selected stays selected. */
  #showDetails({ paragraphs, facts, actions = [] }: RowDetails, label: string): void {
    this.#showActions(actions, label);
    keepChildren(this.#paragraphs, paragraphs.length, () => element('p'));
    paragraphs.forEach((text, index) => {
      const there = this.#paragraphs.children[index];
      if (there) setText(there, text);
    });
    keepChildren(this.#facts, facts.length, () => element('div', {}, [element('dt'), element('dd')]));
    facts.forEach((fact, index) => {
      const [term, value] = this.#facts.children[index]?.children ?? [];
      if (term) setText(term, fact[0]);
      if (value) setText(value, fact[1]);
    });
  }
}

/** One cell with its parts. */
class CellBox {
  readonly element: HTMLTableCellElement;
  readonly #text = element('span');
  readonly #note = element('div', { class: 'row-note' });
  readonly #bar = element('span', { class: 'split', attributes: { 'aria-hidden': 'true' } });

  constructor({ align, rank }: TableColumn) {
    this.element = element('td', { class: `${align} rank-${rank}` }, [this.#text, this.#note, this.#bar]);
  }

  show({ text, note, bar, hint }: Cell): void {
    setText(this.#text, text);
    setText(this.#note, note ?? '');
    setHint(this.element, hint);
    keepChildren(this.#bar, bar?.length ?? 0, () => element('span'));
    bar?.forEach((share, index) => {
      const part = this.#bar.children[index];
      if (part instanceof HTMLElement) part.style.flexGrow = String(share);
    });
  }
}

function isEmpty({ paragraphs, facts, actions = [] }: RowDetails): boolean {
  return paragraphs.length === 0 && facts.length === 0 && actions.length === 0;
}

/** Sets it only where it differs, since that is told to those who do not see it; undefined: takes it away. */
function setAttribute(node: Element, name: string, value: string | undefined): void {
  if (value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function setHint(node: HTMLElement, hint: string | undefined): void {
  if (hint === undefined) node.removeAttribute('title');
  else if (node.title !== hint) node.title = hint;
}

function keepChildren(parent: HTMLElement, count: number, make: () => HTMLElement): void {
  while (parent.childElementCount > count) parent.lastElementChild?.remove();
  while (parent.childElementCount < count) parent.append(make());
}
