import type { ChartView, StatusView, ToPage } from '../protocol';
import { Card } from './card';
import { element } from './dom';
import { Header } from './header';
import type { PageStrings } from '../core/pageStrings';
import { translate } from './strings';
import { readTheme, watchTheme } from './theme';
import type { TimeFrame } from './timeFrame';
import { longestSpan, Timeline } from './timeline';
import type { Extension } from './vscodeApi';

/** Without news the charts move on this often, in ms: a silent host is seen as a growing hole. */
const idleRedraw = 1000;

/** The right edge waits this many intervals for the next point before it moves on without it. */
const patience = 2;

type Reset = Extract<ToPage, { type: 'reset' }>;

/** All that is shown of one host. */
export class Page {
  readonly #extension: Extension;
  readonly #root: HTMLElement;
  readonly #timeline = new Timeline();
  #theme = readTheme();
  #strings: PageStrings = translate();
  #header: Header | undefined;
  #cards: readonly Card[] = [];
  /** The definitions that the cards were made for, to keep them where a reset brings the same. */
  #madeFor = '';
  #status: StatusView['state'] = 'connecting';
  /** What the extension's clock is ahead of ours, in ms: in a browser they may be those of two machines. */
  #clockAhead = 0;
  #drawPending = false;
  /** The right edge of what is drawn. */
  #drawnTo = 0;

  constructor(root: HTMLElement, extension: Extension) {
    this.#root = root;
    this.#extension = extension;
    watchTheme(() => this.#setTheme());
    setInterval(() => {
      if (this.#rightEdge() !== this.#drawnTo) this.#scheduleDraw();
    }, idleRedraw);
  }

  receive(message: ToPage): void {
    switch (message.type) {
      case 'reset':
        this.#reset(message);
        break;
      case 'append':
        this.#timeline.add(message.points);
        break;
      case 'status':
        this.#setStatus(message.status);
        break;
      case 'facts':
        this.#header?.setFacts(message.facts);
        break;
    }
    this.#scheduleDraw();
  }

  #reset(reset: Reset): void {
    const definitions = JSON.stringify([reset.charts, reset.strings]);
    if (definitions !== this.#madeFor) {
      this.#madeFor = definitions;
      this.#build(reset.charts, translate(reset.strings));
    }
    this.#extension.keep({ ...this.#extension.state, host: reset.host });
    this.#clockAhead = reset.now === undefined ? 0 : reset.now - Date.now();
    this.#timeline.clear();
    this.#timeline.add(reset.points);
    this.#header?.setTitle(reset.title);
    this.#header?.setFacts(reset.facts);
    this.#header?.setActions(reset.actions);
    this.#setStatus(reset.status);
  }

  #build(charts: readonly ChartView[], strings: PageStrings): void {
    for (const card of this.#cards) card.destroy();
    this.#strings = strings;
    this.#header = new Header(strings, {
      spanMinutes: this.#extension.state.spanMinutes,
      chooseSpan: (spanMinutes) => {
        this.#extension.keep({ ...this.#extension.state, spanMinutes });
        this.#scheduleDraw();
      },
      showTable: (shown) => {
        for (const card of this.#cards) card.showTable(shown);
        this.#scheduleDraw();
      },
      run: ({ action, target }) => this.#extension.post({ type: 'runAction', action, target }),
    });
    const grid = element('main', { class: 'grid', attributes: { 'aria-label': strings.charts } });
    this.#root.replaceChildren(this.#header.element, grid);
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

  #setTheme(): void {
    this.#theme = readTheme();
    for (const card of this.#cards) card.setTheme(this.#theme);
  }

  /** Draws at most once a frame, however many messages come. */
  #scheduleDraw(): void {
    if (this.#drawPending) return;
    this.#drawPending = true;
    requestAnimationFrame(() => {
      this.#drawPending = false;
      this.#draw();
    });
  }

  #draw(): void {
    const frame = this.#frame();
    this.#drawnTo = frame.to;
    const ended = this.#status === 'stopped' || this.#status === 'failed';
    const emptyText = ended ? this.#strings.noSamples : this.#strings.waiting;
    for (const card of this.#cards) card.draw(frame, this.#timeline.latest, emptyText);
  }

  #frame(): TimeFrame {
    const to = this.#rightEdge();
    const span = Math.min(longestSpan, this.#extension.state.spanMinutes * 60_000);
    const latest = this.#timeline.latest?.at;
    const waiting = latest !== undefined && to - latest > this.#interval() ? [{ from: latest, to }] : [];
    return {
      from: to - span,
      to,
      points: this.#timeline.since(to - span),
      holes: [...this.#timeline.holes.filter((hole) => hole.to > to - span), ...waiting],
    };
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
