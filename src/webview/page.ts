import type { TimeSpan } from '../core/timeSpans';
import { formatDuration } from '../core/units';
import type { ActionView, ChartView, Marker, StatusView, ToPage, WindowView } from '../protocol';
import { Card } from './card';
import { element, setText } from './dom';
import { GroupsCard } from './groupsCard';
import { Happenings } from './happenings';
import { Header } from './header';
import { LedgerCard } from './ledgerCard';
import { ProcessesCard } from './processesCard';
import { RowActions } from './rowActions';
import type { PageStrings } from '../core/pageStrings';
import { fill, translate } from './strings';
import { readTheme, watchTheme } from './theme';
import type { TimeFrame } from './timeFrame';
import { Timeline } from './timeline';
import { mostClosed, type Extension } from './vscodeApi';

/** Without news the charts move on this often, in ms: a silent host is seen as a growing hole. */
const idleRedraw = 1000;

/** The right edge waits this many intervals for the next point before it moves on without it. */
const patience = 2;

/** News is drawn when it moves the charts by about half a pixel, but at least every ten seconds. */
const drawnSteps = 2000;
const longestRest = 10_000;

type Reset = Extract<ToPage, { type: 'reset' }>;

/** What is shown besides the samples. */
interface SurveyCards {
  readonly ledger: LedgerCard;
  readonly processes: ProcessesCard;
  readonly groups: GroupsCard;
}

/** All that is shown of one host. */
export class Page {
  readonly #extension: Extension;
  readonly #root: HTMLElement;
  readonly #timeline = new Timeline();
  #theme = readTheme();
  #strings: PageStrings = translate();
  #header: Header | undefined;
  #cards: readonly Card[] = [];
  #happenings: Happenings | undefined;
  #survey: SurveyCards | undefined;
  /** Says what is drawn where the points are ranges. */
  readonly #rangeNote = element('p', { class: 'range-note', attributes: { hidden: '' } });
  readonly #rowActions = new RowActions((action, target) =>
    this.#extension.post({ type: 'runAction', action, target }),
  );
  #markers: readonly Marker[] = [];
  /** The definitions that the cards were made for, to keep them where a reset brings the same. */
  #madeFor = '';
  #status: StatusView['state'] = 'connecting';
  /** What the extension's clock is ahead of ours, in ms: in a browser they may be those of two machines. */
  #clockAhead = 0;
  #drawPending = false;
  /** The right edge of what is drawn, and when it was drawn. */
  #drawnTo = 0;
  #drawnAtMs = -Infinity;

  constructor(root: HTMLElement, extension: Extension) {
    this.#root = root;
    this.#extension = extension;
    watchTheme(() => this.#setTheme());
    setInterval(() => {
      if (this.#rightEdge() !== this.#drawnTo) this.#scheduleShow();
    }, idleRedraw);
  }

  receive(message: ToPage): void {
    switch (message.type) {
      case 'reset':
        this.#reset(message);
        this.#scheduleDraw();
        break;
      case 'window':
        this.#showWindow(message);
        this.#scheduleDraw();
        break;
      case 'append':
        this.#timeline.add(message.points, message.latest);
        this.#scheduleShow();
        break;
      case 'markers':
        this.#setMarkers(message.markers);
        this.#scheduleDraw();
        break;
      case 'status':
        this.#setStatus(message.status);
        this.#scheduleShow();
        break;
      case 'facts':
        this.#header?.setFacts(message.facts);
        break;
      case 'survey':
        this.#survey?.ledger.show(message.ledger);
        this.#survey?.processes.show(message.processes);
        this.#survey?.groups.show(message.groups);
        break;
    }
  }

  #reset(reset: Reset): void {
    const definitions = JSON.stringify([reset.charts, reset.strings]);
    if (definitions !== this.#madeFor) {
      this.#madeFor = definitions;
      this.#build(reset.charts, translate(reset.strings));
    }
    this.#extension.keep({ ...this.#extension.state, host: reset.host });
    this.#clockAhead = reset.now === undefined ? 0 : reset.now - Date.now();
    this.#showWindow(reset);
    this.#setMarkers(reset.markers);
    this.#header?.setTitle(reset.title);
    this.#header?.setFacts(reset.facts);
    this.#header?.setActions(reset.actions.filter(({ place }) => place === 'header'));
    this.#rowActions.set(reset.actions);
    this.#survey?.ledger.setActions(reset.actions.filter(({ place }) => place === 'ledger'));
    this.#setStatus(reset.status);
  }

  #build(charts: readonly ChartView[], strings: PageStrings): void {
    for (const card of this.#cards) card.destroy();
    this.#strings = strings;
    const run = ({ action, target }: ActionView): void => {
      if (target) this.#extension.post({ type: 'runAction', action, target });
    };
    this.#header = new Header(strings, {
      spanMinutes: this.#extension.state.spanMinutes,
      chooseSpan: (spanMinutes) => {
        this.#extension.keep({ ...this.#extension.state, spanMinutes });
        this.#extension.post({ type: 'span', spanMinutes });
      },
      showTable: (shown) => {
        for (const card of this.#cards) card.showTable(shown);
        this.#scheduleDraw();
      },
      run,
    });
    const grid = element('main', { class: 'grid', attributes: { 'aria-label': strings.charts } });
    this.#happenings = new Happenings(strings);
    const ledger = new LedgerCard(strings, run);
    const processes = new ProcessesCard(strings, {
      query: this.#extension.processQuery,
      ask: (query) => {
        const { order, filter, tree } = query;
        const asked = { processOrder: order, processFilter: filter, processTree: tree };
        this.#extension.keep({ ...this.#extension.state, ...asked });
        this.#extension.post({ type: 'processes', processes: query });
      },
      measurePss: ({ pid, startTicks }) => this.#extension.post({ type: 'measurePss', pid, startTicks }),
      actions: this.#rowActions,
    });
    const groups = new GroupsCard(strings, {
      actions: this.#rowActions,
      closed: this.#extension.state.closedGroups,
      keepClosed: (closed) =>
        this.#extension.keep({ ...this.#extension.state, closedGroups: closed.slice(-mostClosed) }),
    });
    this.#survey = { ledger, processes, groups };
    this.#root.replaceChildren(
      this.#header.element,
      this.#rangeNote,
      grid,
      this.#happenings.element,
      ledger.element,
      processes.element,
      groups.element,
    );
    this.#cards = charts.map((chart) => {
      const card = new Card(chart, this.#theme, strings, {
        shown: (seriesId) => !this.#hiddenOf(chart).includes(seriesId),
        toggle: (seriesId) => this.#toggle(chart, seriesId),
        pointed: (at) => {
          for (const other of this.#cards) other.showCursor(at);
        },
      });
      grid.append(card.element);
      return card;
    });
  }

  #hiddenOf(chart: ChartView): readonly string[] {
    return this.#extension.state.hidden[chart.id] ?? [];
  }

  #toggle(chart: ChartView, seriesId: string): void {
    const before = this.#hiddenOf(chart);
    const after = before.includes(seriesId) ? before.filter((id) => id !== seriesId) : [...before, seriesId];
    const { state } = this.#extension;
    this.#extension.keep({ ...state, hidden: { ...state.hidden, [chart.id]: after } });
    this.#scheduleDraw();
  }

  #setStatus(status: StatusView): void {
    this.#status = status.state;
    this.#header?.setStatus(status);
    this.#root.dataset.state = status.state;
  }

  #showWindow(window: WindowView): void {
    this.#timeline.show(window, this.#spanMs());
    const { widthMs } = window;
    this.#rangeNote.hidden = widthMs === undefined;
    if (widthMs !== undefined) setText(this.#rangeNote, fill(this.#strings.ranges, formatDuration(widthMs)));
  }

  #setMarkers(markers: readonly Marker[]): void {
    this.#markers = markers;
    this.#happenings?.show(markers);
  }

  #setTheme(): void {
    this.#theme = readTheme();
    for (const card of this.#cards) card.setTheme(this.#theme);
  }

  /** Draws what has changed for good reason: another window, another series. */
  #scheduleDraw(): void {
    this.#drawnAtMs = -Infinity;
    this.#scheduleShow();
  }

  /** Shows news at most once a frame, however many messages come, and draws where that would be seen. */
  #scheduleShow(): void {
    if (this.#drawPending) return;
    this.#drawPending = true;
    requestAnimationFrame(() => {
      this.#drawPending = false;
      this.#show();
    });
  }

  #show(): void {
    const ended = this.#status === 'stopped' || this.#status === 'failed';
    const emptyText = ended ? this.#strings.noSamples : this.#strings.waiting;
    for (const card of this.#cards) card.show(this.#timeline.latest, emptyText);
    const restMs = Math.min(longestRest, this.#spanMs() / drawnSteps);
    if (performance.now() - this.#drawnAtMs < restMs) return;
    this.#drawnAtMs = performance.now();
    const frame = this.#frame();
    this.#drawnTo = frame.to;
    for (const card of this.#cards) card.draw(frame);
  }

  #frame(): TimeFrame {
    const to = this.#rightEdge();
    const from = to - this.#spanMs();
    const latest = this.#timeline.latest?.at;
    const waiting = latest !== undefined && to - latest > this.#interval() ? [{ from: latest, to }] : [];
    return {
      from,
      to,
      points: this.#timeline.since(from),
      widthMs: this.#timeline.widthMs,
      holes: [...this.#timeline.holes.filter((hole) => hole.to > from), ...waiting],
      markers: this.#markers.filter(({ at }) => at >= from && at <= to),
    };
  }

  #spanMs(): number {
    const minutes: TimeSpan = this.#extension.state.spanMinutes;
    return minutes * 60_000;
  }

  /** The latest point, or the present when a point is overdue; it stands still for a host that is not asked any more. */
  #rightEdge(): number {
    const now = Date.now() + this.#clockAhead;
    const latest = this.#timeline.latest?.at;
    if (latest === undefined) return now;
    if (this.#status === 'stopped' || this.#status === 'failed') return latest;
    return Math.max(latest, now - patience * this.#interval());
  }

  #interval(): number {
    return this.#timeline.interval() ?? idleRedraw;
  }
}
