/**
 * Every message between the extension and a host's page. The page holds no truth: it is told everything at `reset` and
 * draws what `append` adds. What it sends names things from our lists, never a command.
 */
import type { ActionId, ActionTarget } from './core/actions';
import type { Chart, ChartId, Series } from './core/charts';

/** One chart as the page needs it: words and style, no functions. Already translated. */
export interface ChartView extends Omit<Chart, 'series'> {
  readonly series: readonly SeriesView[];
}

/** One series of a chart; the values come in {@link Point}. */
export type SeriesView = Omit<Series, 'value'>;

/** Values of all series of all charts at one moment, in the order of {@link ChartView.series}. null = gap. */
export interface Point {
  /** Milliseconds since the epoch on our clock, derived from the host's uptime. */
  readonly at: number;
  readonly values: Readonly<Partial<Record<ChartId, readonly (number | null)[]>>>;
}

/** How a host is doing, in words ready to be shown. */
export interface StatusView {
  readonly state: 'connecting' | 'live' | 'silent' | 'reconnecting' | 'stopped' | 'failed';
  /** e.g. `Live`, `Silent for 12 s`. */
  readonly text: string;
  /** e.g. the reason and when the next attempt is; may be empty. */
  readonly detail: string;
}

export interface ActionView {
  readonly action: ActionId;
  readonly target: ActionTarget;
  readonly label: string;
  readonly danger: boolean;
}

export type ToPage =
  | {
      readonly type: 'reset';
      /** The host's identity. The page keeps it, so that a reloaded window knows whose page it was. */
      readonly host: string;
      readonly title: string;
      readonly status: StatusView;
      /** e.g. kernel, processors, page size, swap. */
      readonly facts: readonly string[];
      readonly charts: readonly ChartView[];
      readonly points: readonly Point[];
      readonly actions: readonly ActionView[];
      /** The extension's clock when it sent this, in ms since the epoch: the page may run on another machine. */
      readonly now?: number;
      /** Translations of the page's own texts, by the keys of `englishStrings`; what is absent stays English. */
      readonly strings?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'append'; readonly points: readonly Point[] }
  | { readonly type: 'status'; readonly status: StatusView }
  | { readonly type: 'facts'; readonly facts: readonly string[] };

export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'runAction'; readonly action: ActionId; readonly target: ActionTarget };
