import type { PageStrings } from '../core/pageStrings';
import { formatBytes } from '../core/units';
import type { FactView, GroupRow, RowsView } from '../protocol';
import type { RowActions } from './rowActions';
import { element, setText } from './dom';
import { formatGrowth, formatValue } from './format';
import { RowTable, type Cell, type KeptClosed, type TableRow } from './rowTable';
import { makeSection } from './section';
import { fill } from './strings';

/** What the card asks of and tells the page: which compose projects are closed, by their ids. */
export interface GroupsOptions extends KeptClosed {
  readonly actions: RowActions;
}

/** The containers, by their compose projects, and the units that use most memory. */
export class GroupsCard {
  readonly element: HTMLElement;
  readonly #strings: PageStrings;
  readonly #table: RowTable;
  readonly #note = element('p', { class: 'section-note' });
  readonly #key: HTMLElement;
  readonly #actions: RowActions;

  constructor(strings: PageStrings, options: GroupsOptions) {
    this.#strings = strings;
    this.#actions = options.actions;
    const columns = [
      { id: 'workingSet', title: strings.workingSet, align: 'end', rank: 1 },
      { id: 'swap', title: strings.swap, align: 'end', rank: 3 },
      { id: 'limit', title: strings.limit, align: 'end', rank: 2 },
      { id: 'ofLimit', title: strings.ofLimit, align: 'end', rank: 1 },
      { id: 'growth', title: strings.growth, align: 'end', rank: 2 },
      { id: 'majorFaults', title: strings.majorFaults, align: 'end', rank: 2 },
      { id: 'oomKills', title: strings.oomKills, align: 'end', rank: 2 },
      { id: 'restarts', title: strings.restarts, align: 'end', rank: 3 },
      { id: 'waits', title: strings.waits, align: 'end', rank: 3 },
    ] as const;
    this.#table = new RowTable(strings.group, columns, options);
    this.#table.setCaption(strings.groupsTable);
    this.#key = element(
      'ul',
      { class: 'split-key', attributes: { 'aria-hidden': 'true' } },
      [strings.anonymous, strings.files, strings.kernel].map((text) =>
        element('li', {}, [element('span', { class: 'split-swatch' }), element('span', { text })]),
      ),
    );
    this.element = makeSection({
      id: 'groups',
      title: strings.groups,
      tools: [],
      content: [this.#note, this.#table.element, this.#key],
    });
    this.element.classList.add('groups');
    this.show({ note: '', rows: [] });
  }

  show({ note, rows }: RowsView<GroupRow>): void {
    setText(this.#note, note);
    this.#note.hidden = note === '';
    this.#table.element.hidden = rows.length === 0;
    this.#key.hidden = !rows.some((row) => splitOf(row) !== undefined);
    this.#table.setTree(rows.some(({ members }) => members !== undefined));
    this.#table.show(rows.map((row) => this.#rowOf(row)));
  }

  #rowOf(row: GroupRow): TableRow {
    const strings = this.#strings;
    const whose = row.limitOf === undefined ? undefined : fill(strings.limitOf, row.limitOf);
    return {
      key: row.id,
      label: { text: row.name, note: row.kind, hint: row.id.slice(0, 300) },
      cells: [
        this.#memoryOf(row),
        { text: formatValue('bytes', row.swapBytes) },
        { text: limitText(row, strings), ...(whose !== undefined && { note: whose, hint: whose }) },
        {
          text: formatValue('percent', row.limitPercent),
          ...(row.limitPercent !== undefined && {
            bar: [Math.min(100, row.limitPercent), 100 - Math.min(100, row.limitPercent)],
          }),
        },
        { text: formatGrowth(row.growthBytesPerMinute, strings) ?? '–' },
        { text: formatValue('perSecond', row.majorFaultsPerSecond) },
        { text: countText(row.oomKills) ?? '–' },
        { text: countText(row.restarts) ?? '–' },
        { text: formatValue('percent', row.pressurePercent) },
      ],
      ...(row.members
        ? {
            details: { paragraphs: [], facts: this.#factsOf(row, whose), sayColumns: true },
            parts: row.members.map((member) => this.#rowOf(member)),
            startsOpen: true,
          }
        : {
            details: {
              paragraphs: [],
              facts: this.#factsOf(row, whose),
              actions: row.target ? this.#actions.of(row.actions, row.target) : [],
            },
          }),
    };
  }

  #memoryOf(row: GroupRow): Cell {
    const swap = row.swapBytes ?? 0;
    const split = splitOf(row);
    return {
      text: formatValue('bytes', row.workingSetBytes),
      ...(swap > 0 && { note: fill(this.#strings.plusSwap, formatBytes(swap)) }),
      // Three parts always: of two, the second is what a limit leaves.
      ...(split && { bar: [split[0], split[1], split[2] ?? 0], hint: this.#splitText(split) }),
    };
  }

  /** All that the columns say too, since some of them are hidden where there is little room. */
  #factsOf(row: GroupRow, whose: string | undefined): FactView[] {
    const strings = this.#strings;
    const split = splitOf(row);
    const bytes = (value: number | undefined): string | undefined =>
      value === undefined ? undefined : formatBytes(value);
    const limit = row.limitBytes === undefined ? [] : [limitText(row, strings), whose];
    const facts: (readonly [string, string | undefined])[] = [
      [strings.consistsOf, split && this.#splitText(split)],
      [strings.swap, bytes(row.swapBytes)],
      [strings.limit, limit.filter(Boolean).join(' ') || undefined],
      [strings.growth, formatGrowth(row.growthBytesPerMinute, strings)],
      [
        strings.majorFaults,
        row.majorFaultsPerSecond === undefined
          ? undefined
          : formatValue('perSecond', row.majorFaultsPerSecond),
      ],
      [strings.oomKills, countText(row.oomKills)],
      [strings.restarts, countText(row.restarts)],
      [
        strings.waits,
        row.pressurePercent === undefined ? undefined : formatValue('percent', row.pressurePercent),
      ],
      ...row.facts,
    ];
    return facts.filter((fact): fact is FactView => fact[1] !== undefined);
  }

  #splitText(split: Split): string {
    const { groupSplit, groupSplitWithoutKernel } = this.#strings;
    const text = split.length === 3 ? groupSplit : groupSplitWithoutKernel;
    return fill(text, ...split.map((bytes) => formatBytes(bytes ?? 0)));
  }
}

type Split = readonly [anonBytes: number, fileBytes: number, kernelBytes?: number];

/** What the kernel holds for it is told in version 2 only. Undefined where the rest is not known. */
function splitOf({ anonBytes, fileBytes, kernelBytes }: GroupRow): Split | undefined {
  if (anonBytes === undefined || fileBytes === undefined) return undefined;
  return kernelBytes === undefined ? [anonBytes, fileBytes] : [anonBytes, fileBytes, kernelBytes];
}

function countText(count: number | undefined): string | undefined {
  return count === undefined ? undefined : String(count);
}

function limitText({ limitBytes }: GroupRow, { noLimit }: PageStrings): string {
  return limitBytes === 'none' ? noLimit : formatValue('bytes', limitBytes);
}
