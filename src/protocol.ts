/**
 * Every message between the extension and a host's page. The page holds no truth: it is told everything at `reset` and
 * draws what `append` adds. What it sends names things from our lists, never a command.
 */
import type { Action, ActionId, ActionTarget } from './core/actions';
import type { Chart, Series } from './core/charts';
import type { Point } from './core/point';
import type { TimeSpan } from './core/timeSpans';

/** One chart as the page needs it: words and style, no functions. Already translated. */
export interface ChartView extends Omit<Chart, 'series'> {
  readonly series: readonly SeriesView[];
}

/** One series of a chart; the values come in {@link Point}. */
export type SeriesView = Omit<Series, 'value'>;

/** What is drawn of the time span that the page asked for. */
export interface WindowView {
  /** Oldest first. */
  readonly points: readonly Point[];
  /** How long each point is, in ms, where they are ranges; absent: they are samples as they came. */
  readonly widthMs?: number;
  /** The latest sample as it came; absent: the last of `points`, if there is one. */
  readonly latest?: Point;
}

/** Something that happened to the host, marked on all charts. */
export interface Marker {
  /** Milliseconds since the epoch on our clock. */
  readonly at: number;
  readonly kind: 'reboot' | 'suspend' | 'clock-step' | 'clock-back' | 'paused' | 'kill';
  /** What happened, in words ready to be shown. */
  readonly text: string;
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
  /** Absent: that of the row with which it is offered. */
  readonly target?: ActionTarget;
  readonly label: string;
  readonly danger: boolean;
  readonly place: Action['place'];
  readonly onlyWhile?: NonNullable<Action['onlyWhile']>;
}

/** A label and a value, in words ready to be shown. */
export type FactView = readonly [label: string, value: string];

/** A line of the ledger, a part of one, or another view of its memory. Texts are translated; the page words the numbers. */
export interface LedgerRow {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  /** Of all memory. Those of the lines add up to 100. */
  readonly percent: number;
  /** e.g. `Cached − Shmem`. */
  readonly formula: string;
  readonly explanation: string;
  /** What else is to be said of it, one paragraph each. */
  readonly remarks: readonly string[];
  /** They add up to its bytes. */
  readonly parts: readonly LedgerRow[];
}

/** Where the memory is. */
export interface LedgerSection {
  readonly totalBytes: number;
  /** In the order in which they are drawn; none is empty. */
  readonly lines: readonly LedgerRow[];
  /** Memory of these lines seen in another way. */
  readonly views: readonly LedgerRow[];
  /** What is to be said before the lines, e.g. that this host is itself a container. */
  readonly notes: readonly string[];
  /** What is to be said after them, e.g. which lines are empty. */
  readonly remarks: readonly string[];
}

/** One process. What is not known is absent. Texts of the host are cleaned and short. */
export interface ProcessRow {
  readonly pid: number;
  /** Tells it from another process that gets the same pid later. */
  readonly startTicks: number;
  readonly name: string;
  readonly commandLine?: string;
  readonly user?: string;
  /** Resident. */
  readonly memoryBytes?: number;
  /** What of it is anonymous, files, and shared; read less often, so they need not add up to it. */
  readonly split?: readonly [anonBytes: number, fileBytes: number, sharedBytes: number];
  readonly swapBytes?: number;
  /** Below 0: it shrinks. */
  readonly growthBytesPerMinute?: number;
  readonly majorFaultsPerSecond?: number;
  /** Of one processor. */
  readonly processorPercent?: number;
  readonly oomScore?: number;
  readonly oomScoreAdj?: number;
  /** The container or unit that it belongs to. */
  readonly owner?: string;
  /** What is known of its PSS; absent: it has no memory of its own. */
  readonly pss?: PssView;
  /** Told with a tree, where its parent is told too. */
  readonly parentPid?: number;
  /** It is told only to place others in the tree. */
  readonly placesOthers?: true;
  readonly facts: readonly FactView[];
  /** What can be done with it. */
  readonly actions: readonly ActionId[];
}

/** The proportional set size of a process, which is measured on demand only. In words ready to be shown. */
export interface PssView {
  /** How much, or why it could not be measured; absent: nobody has asked. */
  readonly text?: string;
  /** When that was. */
  readonly age?: string;
}

/** By what the processes can be put in order. */
export type ProcessOrder = 'memory' | 'swap' | 'growth' | 'majorFaults' | 'processor' | 'oomScore';

/** Which processes a page wants to be told. */
export interface ProcessQuery {
  /** Words; of each process that is told, every one stands in its name, command line, user or owner, or is its pid. */
  readonly filter: string;
  /** By what those that match are the first. */
  readonly order: ProcessOrder;
  /** Whether their parents are told too. */
  readonly tree: boolean;
}

/** The processes that a {@link ProcessQuery} asks for. */
export interface ProcessesView extends RowsView<ProcessRow> {
  /** The filter that they were chosen by; `''`: none. */
  readonly filter: string;
  /** How many match it, told or not; absent without a filter, and where no process is known. */
  readonly matching?: number;
}

/** What memory cgroups hold and what happens to them. What is not known is absent. */
export interface GroupFigures {
  readonly workingSetBytes?: number;
  /** What all that is charged consists of: anonymous, files (tmpfs among them), the kernel's. */
  readonly anonBytes?: number;
  readonly fileBytes?: number;
  readonly kernelBytes?: number;
  readonly swapBytes?: number;
  /** Below 0: it shrinks. */
  readonly growthBytesPerMinute?: number;
  readonly majorFaultsPerSecond?: number;
  /** Since it was made. */
  readonly oomKills?: number;
  /** How often its runtime has started it again. */
  readonly restarts?: number;
}

/** A container, unit or session: a memory cgroup; or a compose project. What is not known is absent. */
export interface GroupRow extends GroupFigures {
  /** Tells it from the others: its path, or where no cgroup is known what and who it is. */
  readonly id: string;
  /** e.g. `Docker container`. */
  readonly kind: string;
  readonly name: string;
  /** Of its own limit and its ancestors', the one of which most is used; `'none'`: there is none. */
  readonly limitBytes?: number | 'none';
  /** Whose limit it is; absent: its own. */
  readonly limitOf?: string;
  /** How much of it is used by the group whose limit it is. */
  readonly limitPercent?: number;
  /** Share of the time in which some of its tasks waited for memory. */
  readonly pressurePercent?: number;
  readonly facts: readonly FactView[];
  /** What an action on it hits; absent: nothing can be done with it here. */
  readonly target?: ActionTarget;
  readonly actions: readonly ActionId[];
  /** Of a compose project: its containers, the largest first. Its figures are the sums, of those that are not told too. */
  readonly members?: readonly GroupRow[];
}

/** Rows, and what is to be said of them, such as why there are none; may be empty. */
export interface RowsView<Row> {
  readonly note: string;
  readonly rows: readonly Row[];
}

/** What is known of a host besides its samples. */
export interface SurveyView {
  /** Absent: the host has not told its memory yet. */
  readonly ledger?: LedgerSection;
  /** Without a filter the first ten by each {@link ProcessOrder}, else the first of those that match. */
  readonly processes: ProcessesView;
  /**
   * Containers and then units and sessions, of both those with the largest working sets, largest first; containers whose
   * cgroup was not read come after those whose was.
   */
  readonly groups: RowsView<GroupRow>;
}

export type ToPage =
  | ({
      readonly type: 'reset';
      /** The host's identity. The page keeps it, so that a reloaded window knows whose page it was. */
      readonly host: string;
      readonly title: string;
      readonly status: StatusView;
      /** e.g. kernel, processors, page size, swap. */
      readonly facts: readonly string[];
      readonly charts: readonly ChartView[];
      /** Oldest first. */
      readonly markers: readonly Marker[];
      readonly actions: readonly ActionView[];
      /** The extension's clock when it sent this, in ms since the epoch: the page may run on another machine. */
      readonly now?: number;
      /** Translations of the page's own texts, by the keys of `englishStrings`; what is absent stays English. */
      readonly strings?: Readonly<Record<string, string>>;
    } & WindowView)
  /** Another time span: it takes the place of all points. */
  | ({ readonly type: 'window' } & WindowView)
  /** Points in any order, samples or ranges as the window has them. One at a moment that is there replaces it. */
  | ({ readonly type: 'append' } & Omit<WindowView, 'widthMs'>)
  /** All markers: they take the place of those before. */
  | { readonly type: 'markers'; readonly markers: readonly Marker[] }
  | { readonly type: 'status'; readonly status: StatusView }
  | { readonly type: 'facts'; readonly facts: readonly string[] }
  /** All that is known: it takes the place of what was told before. */
  | ({ readonly type: 'survey' } & SurveyView);

export type FromPage =
  /** The page is shown and wants a `reset` with this time span, and then these processes. */
  | { readonly type: 'ready'; readonly spanMinutes: TimeSpan; readonly processes: ProcessQuery }
  /** Another time span was chosen: it wants a `window`. */
  | { readonly type: 'span'; readonly spanMinutes: TimeSpan }
  /** It wants other processes from now on. */
  | { readonly type: 'processes'; readonly processes: ProcessQuery }
  /** It wants the PSS of one process measured. */
  | { readonly type: 'measurePss'; readonly pid: number; readonly startTicks: number }
  | { readonly type: 'runAction'; readonly action: ActionId; readonly target: ActionTarget };
