import type { PageStrings } from '../core/pageStrings';
import { formatBytes } from '../core/units';
import type { FactView, ProcessesView, ProcessOrder, ProcessQuery, ProcessRow } from '../protocol';
import { element, setText } from './dom';
import { formatGrowth, formatValue } from './format';
import { makeFilterBox } from './processFilterBox';
import { byOrder, firstBy, isKnown, keyOf, processOrderOf, processOrders } from './processOrder';
import { treeOf } from './processTree';
import type { RowActions } from './rowActions';
import { RowTable, type Cell, type RowAction, type TableRow } from './rowTable';
import { makeSection } from './section';
import { fill } from './strings';
import { makeToggle } from './toggle';
import { makeDropdown } from './toolkit';

/** What the card asks of and tells the page. */
export interface ProcessesOptions {
  readonly query: ProcessQuery;
  /** Is told what is wanted from now on. */
  readonly ask: (query: ProcessQuery) => void;
  readonly measurePss: (row: ProcessRow) => void;
  readonly actions: RowActions;
}

/** The processes that matter most, by an order that can be chosen, or those that are looked for; as a list or a tree. */
export class ProcessesCard {
  readonly element: HTMLElement;
  readonly #strings: PageStrings;
  readonly #table: RowTable;
  readonly #note = element('p', { class: 'section-note' });
  readonly #found = element('p', { class: 'section-note' });
  /** How many were found, and what was measured, for those who do not see it. */
  readonly #announcement = element('p', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  readonly #orderLabel = element('span', { class: 'tool-label', attributes: { 'aria-hidden': 'true' } });
  readonly #orderList: HTMLElement;
  readonly #key: HTMLElement;
  readonly #options: ProcessesOptions;
  /** Keys of processes whose PSS was asked for here. */
  readonly #asked = new Set<string>();
  /** Keys of those that were shown for their own sake. */
  #wasChosen: ReadonlySet<string> = new Set();
  #query: ProcessQuery;
  #view: ProcessesView = { note: '', filter: '', rows: [] };

  constructor(strings: PageStrings, options: ProcessesOptions) {
    this.#options = options;
    this.#strings = strings;
    this.#query = options.query;
    this.#table = new RowTable(strings.process, [
      { id: 'memory', title: strings.memory, align: 'end', rank: 1 },
      { id: 'swap', title: strings.swap, align: 'end', rank: 2 },
      { id: 'growth', title: strings.growth, align: 'end', rank: 2 },
      { id: 'majorFaults', title: strings.majorFaults, align: 'end', rank: 2 },
      { id: 'processor', title: strings.processor, align: 'end', rank: 2 },
      { id: 'oomScore', title: strings.oomScore, align: 'end', rank: 3 },
      { id: 'user', title: strings.user, align: 'start', rank: 3 },
      { id: 'belongsTo', title: strings.belongsTo, align: 'start', rank: 3 },
    ]);
    this.#key = element(
      'ul',
      { class: 'split-key', attributes: { 'aria-hidden': 'true' } },
      [strings.anonymous, strings.files, strings.shared].map((text) =>
        element('li', {}, [element('span', { class: 'split-swatch' }), element('span', { text })]),
      ),
    );
    this.#orderList = this.#makeOrderList();
    this.element = makeSection({
      id: 'processes',
      title: strings.processes,
      tools: this.#tools(),
      content: [this.#note, this.#found, this.#table.element, this.#key, this.#announcement],
    });
    this.#draw(true);
  }

  show(view: ProcessesView): void {
    const isOther = view.filter !== this.#view.filter;
    this.#announceMeasured(view.rows);
    this.#view = view;
    this.#draw(isOther);
    // Not whenever there is one more or less.
    if (isOther) setText(this.#announcement, this.#foundText());
  }

  #tools(): HTMLElement[] {
    const strings = this.#strings;
    const { filter, tree } = this.#query;
    const box = makeFilterBox(strings.filterProcesses, filter, (text) => this.#ask({ filter: text }));
    const toggle = makeToggle(strings.tree, tree, (pressed) => this.#ask({ tree: pressed }));
    return [box, element('span', { class: 'labelled' }, [this.#orderLabel, this.#orderList]), toggle];
  }

  #makeOrderList(): HTMLElement {
    const entries = processOrders.map((value) => ({ value, text: this.#orderText(value) }));
    return makeDropdown(this.#strings.orderBy, entries, this.#query.order, (value) => {
      const chosen = processOrderOf(value);
      if (chosen !== undefined) this.#ask({ order: chosen });
    });
  }

  /** Of those that match more than ten are shown. */
  #headOrder(): void {
    const { orderBy, orderMatchingBy } = this.#strings;
    const text = this.#isFiltered ? orderMatchingBy : orderBy;
    setText(this.#orderLabel, text);
    if (this.#orderList.getAttribute('aria-label') !== text) this.#orderList.setAttribute('aria-label', text);
  }

  get #isFiltered(): boolean {
    return this.#view.filter.trim() !== '';
  }

  #ask(wanted: Partial<ProcessQuery>): void {
    this.#query = { ...this.#query, ...wanted };
    this.#options.ask(this.#query);
    this.#draw(true);
  }

  #draw(anew: boolean): void {
    const { note } = this.#view;
    const { order, tree } = this.#query;
    const drawn = this.#chosen(anew);
    setText(this.#note, [note, this.#nothingText()].filter(Boolean).join(' '));
    this.#note.hidden = this.#note.textContent === '';
    this.#table.element.hidden = this.#key.hidden = drawn.length === 0;
    this.#table.setCaption(this.#captionText());
    this.#headOrder();
    // No column alone is that of memory and swap, and a tree is in no order of a column.
    this.#table.setSorted(order === 'memory' || tree ? undefined : order);
    this.#table.setTree(tree);
    const lines = tree ? this.#treeRows(drawn) : drawn.map((row) => this.#rowOf(row));
    const treeNote = lines.some(({ isQuiet }) => isQuiet) ? this.#strings.treeNote : '';
    setText(this.#found, [this.#foundText(), treeNote].filter(Boolean).join(' '));
    this.#found.hidden = this.#found.textContent === '';
    this.#table.show(lines, anew || tree);
  }

  #treeRows(drawn: readonly ProcessRow[]): TableRow[] {
    const chosen = new Set(drawn);
    return treeOf(drawn, this.#view.rows).map(({ row, level }) => ({
      ...this.#rowOf(row),
      level,
      isQuiet: !chosen.has(row),
    }));
  }

  /** Without the parents that place them in a tree. */
  #chosen(anew: boolean): readonly ProcessRow[] {
    const { order, tree } = this.#query;
    const rows = this.#view.rows.filter(({ placesOthers }) => placesOthers !== true);
    const table = this.#table;
    // Those of a tree stand where they belong: only where none comes and none goes does none move.
    const stays = !anew && tree && table.isTouched && table.keys.size > 0;
    if (stays) return rows.filter((row) => this.#wasChosen.has(keyOf(row)));
    const chosen = this.#isFiltered
      ? byOrder(order, rows)
      : firstBy(order, rows, anew ? undefined : table.heldKeys);
    this.#wasChosen = new Set(chosen.map(keyOf));
    return chosen;
  }

  #rowOf(row: ProcessRow): TableRow {
    const { growth, faults, processor, oom } = this.#texts(row);
    const swap = row.swapBytes ?? 0;
    const memory: Cell = {
      text: formatValue('bytes', row.memoryBytes),
      ...(swap > 0 && { note: fill(this.#strings.plusSwap, formatBytes(swap)) }),
      ...(row.split && { bar: row.split, hint: this.#splitText(row.split) }),
    };
    return {
      key: keyOf(row),
      label: {
        text: `${row.name} (${row.pid})`,
        ...(row.commandLine !== undefined && { note: row.commandLine, hint: row.commandLine }),
      },
      cells: [
        memory,
        { text: formatValue('bytes', row.swapBytes) },
        { text: growth ?? '–' },
        { text: faults ?? '–' },
        { text: processor ?? '–' },
        { text: oom ?? '–' },
        { text: row.user ?? '–' },
        { text: row.owner ?? '–', ...(row.owner !== undefined && { hint: row.owner }) },
      ],
      details: {
        paragraphs: [],
        facts: this.#factsOf(row),
        actions: [
          ...(row.pss ? [this.#measuring(row)] : []),
          ...this.#options.actions.of(row.actions, {
            kind: 'process',
            pid: row.pid,
            startTicks: row.startTicks,
          }),
        ],
      },
    };
  }

  #measuring(row: ProcessRow): RowAction {
    return {
      key: 'measure-pss',
      label: this.#strings.measurePss,
      run: () => {
        this.#asked.add(keyOf(row));
        this.#options.measurePss(row);
      },
    };
  }

  /** Tells what has become of a measurement to those who do not see it. */
  #announceMeasured(rows: readonly ProcessRow[]): void {
    const before = new Map(this.#view.rows.map((row) => [keyOf(row), row.pss?.text]));
    for (const row of rows) {
      const key = keyOf(row);
      const text = row.pss?.text;
      if (text === undefined || !this.#asked.has(key) || before.get(key) === text) continue;
      setText(this.#announcement, `${row.name} (${row.pid}): ${this.#strings.pss} ${text}`);
    }
  }

  /** All that the columns say too, since some of them are hidden where there is little room. */
  #factsOf(row: ProcessRow): FactView[] {
    const { growth, faults, processor, oom } = this.#texts(row);
    const strings = this.#strings;
    const facts: (readonly [string, string | undefined])[] = [
      [strings.commandLine, row.commandLine],
      [strings.pid, String(row.pid)],
      [strings.user, row.user],
      [strings.belongsTo, row.owner],
      [strings.memory, row.split && this.#splitText(row.split)],
      [strings.pss, row.pss && (row.pss.text ?? strings.pssNotMeasured)],
      [strings.pssMeasured, row.pss?.age],
      [strings.swap, row.swapBytes === undefined ? undefined : formatBytes(row.swapBytes)],
      [strings.growth, growth],
      [strings.majorFaults, faults],
      [strings.processor, processor],
      [strings.oomScore, oom],
      ...row.facts,
    ];
    return facts.filter((fact): fact is FactView => fact[1] !== undefined);
  }

  /** What is not known is undefined. */
  #texts(row: ProcessRow): Readonly<Record<'growth' | 'faults' | 'processor' | 'oom', string | undefined>> {
    const { growthBytesPerMinute, majorFaultsPerSecond, processorPercent, oomScore, oomScoreAdj } = row;
    const adjusted = oomScoreAdj === undefined || oomScoreAdj === 0 ? '' : ` (${signed(oomScoreAdj)})`;
    return {
      growth: formatGrowth(growthBytesPerMinute, this.#strings),
      faults: majorFaultsPerSecond === undefined ? undefined : formatValue('perSecond', majorFaultsPerSecond),
      processor: processorPercent === undefined ? undefined : formatValue('percent', processorPercent),
      oom: oomScore === undefined ? undefined : `${oomScore}${adjusted}`,
    };
  }

  #splitText(split: NonNullable<ProcessRow['split']>): string {
    return fill(this.#strings.split, ...split.map((bytes) => formatBytes(bytes)));
  }

  #orderText(order: ProcessOrder): string {
    const { orderMemory, orderSwap, orderGrowth, orderMajorFaults, orderProcessor, orderOomScore } =
      this.#strings;
    const texts = {
      memory: orderMemory,
      swap: orderSwap,
      growth: orderGrowth,
      majorFaults: orderMajorFaults,
      processor: orderProcessor,
      oomScore: orderOomScore,
    };
    return texts[order];
  }

  #captionText(): string {
    const { filter } = this.#view;
    const order = this.#orderText(this.#query.order);
    return this.#isFiltered
      ? fill(this.#strings.matchingTable, filter, order)
      : fill(this.#strings.processesTable, order);
  }

  #foundText(): string {
    const { matching, rows } = this.#view;
    const { matchesNone, matchesOne, matchesAll, matchesMore } = this.#strings;
    if (matching === undefined) return '';
    const shown = rows.filter(({ placesOthers }) => placesOthers !== true).length;
    if (matching > shown) {
      return fill(matchesMore, String(matching), String(shown), this.#orderText(this.#query.order));
    }
    if (matching === 0) return matchesNone;
    return matching === 1 ? matchesOne : fill(matchesAll, String(matching));
  }

  /** Why none is shown, where that is not because none is told. */
  #nothingText(): string {
    const { order } = this.#query;
    const { rows } = this.#view;
    if (rows.length === 0 || this.#isFiltered) return '';
    if (firstBy(order, rows).length > 0) return '';
    const strings = this.#strings;
    const texts = {
      memory: [strings.noData, strings.noData],
      swap: [strings.noneSwaps, strings.notReadYet],
      growth: [strings.noneGrows, strings.notKnownYet],
      majorFaults: [strings.noneFaults, strings.notKnownYet],
      processor: [strings.noneRuns, strings.notKnownYet],
      oomScore: [strings.noneScores, strings.notReadYet],
    } as const satisfies Record<ProcessOrder, readonly [string, string]>;
    const [none, unknown] = texts[order];
    return isKnown(order, rows) ? none : unknown;
  }
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : `+${value}`;
}
