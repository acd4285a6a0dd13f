import type { PageStrings } from '../core/pageStrings';
import { formatBytes } from '../core/units';
import type { ActionView, LedgerRow, LedgerSection } from '../protocol';
import { element, setText } from './dom';
import { withFormer } from './rowOrder';
import { RowTable, type TableColumn, type TableRow } from './rowTable';
import { makeSection } from './section';
import { fill } from './strings';
import { makeButton } from './toolkit';

/** Where the memory is: one bar of all memory, and a table of its lines that can be opened. */
export class LedgerCard {
  readonly element: HTMLElement;
  readonly #strings: PageStrings;
  readonly #run: (action: ActionView) => void;
  readonly #tools = element('div', { class: 'section-tools' });
  readonly #notes = element('div', { class: 'section-notes' });
  readonly #bar = element('div', { class: 'ledger-bar', attributes: { role: 'img' } });
  readonly #lines: RowTable;
  readonly #remarks = element('div', { class: 'section-notes' });
  readonly #viewsTitle: HTMLElement;
  readonly #views: RowTable;
  /** Empty ones are not told: those that were shown once stay, so that what is below does not jump up and down. */
  #shownViews: readonly LedgerRow[] = [];
  /** What the bar shows, by line. */
  readonly #segments = new Map<string, { box: HTMLElement; label: HTMLElement }>();

  constructor(strings: PageStrings, run: (action: ActionView) => void) {
    this.#strings = strings;
    this.#run = run;
    const columns: readonly TableColumn[] = [
      { id: 'bytes', title: strings.bytes, align: 'end', rank: 1 },
      { id: 'share', title: strings.share, align: 'end', rank: 1 },
    ];
    this.#lines = new RowTable(strings.line, columns);
    this.#lines.setCaption(strings.ledgerTable);
    this.#views = new RowTable(strings.view, columns);
    this.#views.setCaption(strings.ofWhichTable);
    this.#viewsTitle = element('h3', { text: strings.ofWhich });
    this.element = makeSection({
      id: 'ledger',
      title: strings.ledger,
      tools: [this.#tools],
      content: [
        this.#notes,
        this.#bar,
        element('div', { class: 'ledger-tables' }, [
          element('div', {}, [this.#lines.element, this.#remarks]),
          element('div', {}, [this.#viewsTitle, this.#views.element]),
        ]),
      ],
    });
    this.show(undefined);
  }

  setActions(actions: readonly ActionView[]): void {
    this.#tools.replaceChildren(
      ...actions.map((action) => makeButton(action.label, () => this.#run(action))),
    );
  }

  show(ledger: LedgerSection | undefined): void {
    const { lines = [], views: told = [] } = ledger ?? {};
    if (ledger) this.#shownViews = withFormer(this.#shownViews, told, emptied);
    const views = ledger ? this.#shownViews : [];
    this.#tools.hidden = this.#bar.hidden = this.#lines.element.hidden = lines.length === 0;
    this.#viewsTitle.hidden = this.#views.element.hidden = views.length === 0;
    paragraphs(this.#notes, ledger ? ledger.notes : [this.#strings.waiting]);
    paragraphs(this.#remarks, ledger?.remarks ?? []);
    this.#drawBar(lines, ledger?.totalBytes ?? 0);
    this.#lines.show(lines.map((line) => this.#rowOf(line, true)));
    this.#views.show(views.map((view) => this.#rowOf(view, false)));
  }

  #drawBar(lines: readonly LedgerRow[], totalBytes: number): void {
    const texts = lines.map((line) => `${line.title} ${shareText(line)}`);
    this.#bar.setAttribute(
      'aria-label',
      fill(this.#strings.ledgerBar, formatBytes(totalBytes), texts.join(', ')),
    );
    for (const [id, { box }] of this.#segments) {
      if (lines.some((line) => line.id === id)) continue;
      box.remove();
      this.#segments.delete(id);
    }
    lines.forEach((line, index) => {
      const { box, label } = this.#segmentOf(line.id);
      box.style.flexGrow = String(line.bytes);
      box.title = `${line.title}: ${formatBytes(line.bytes)} (${shareText(line)})`;
      setText(label, line.title);
      const there = this.#bar.children[index];
      if (there !== box) this.#bar.insertBefore(box, there ?? null);
    });
  }

  #segmentOf(id: string): { box: HTMLElement; label: HTMLElement } {
    const known = this.#segments.get(id);
    if (known) return known;
    const label = element('span', { class: 'segment-label' });
    const box = element('div', { class: 'segment' }, [label]);
    box.dataset.line = id;
    const made = { box, label };
    this.#segments.set(id, made);
    return made;
  }

  #rowOf(row: LedgerRow, drawn: boolean): TableRow {
    return {
      key: row.id,
      label: { text: row.title },
      ...(drawn && { line: row.id }),
      cells: [{ text: formatBytes(row.bytes) }, { text: shareText(row) }],
      details: {
        paragraphs: [row.explanation, ...row.remarks],
        facts: [[this.#strings.formula, row.formula]],
      },
      parts: row.parts.map((part) => this.#rowOf(part, false)),
    };
  }
}

function emptied(view: LedgerRow): LedgerRow {
  return { ...view, bytes: 0, percent: 0 };
}

/** With one decimal always, so that the shares add up as they stand there. */
function shareText({ percent }: LedgerRow): string {
  return `${percent.toFixed(1)} %`;
}

function paragraphs(box: HTMLElement, texts: readonly string[]): void {
  while (box.childElementCount > texts.length) box.lastElementChild?.remove();
  texts.forEach((text, index) => {
    const there = box.children[index];
    if (there) setText(there, text);
    else box.append(element('p', { text }));
  });
}
