import { timeSpanOf, type TimeSpan } from '../core/timeSpans';
import { longestFilter } from '../core/processes/processFilter';
import type { FromPage, ProcessOrder, ProcessQuery } from '../protocol';
import { processOrderOf } from './processOrder';

/** What VS Code gives a webview once. */
interface VsCodeApi {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: PageState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What the page keeps by itself. It holds no facts about a host. */
export interface PageState {
  /** Whose page it is, for a window that is loaded again; undefined until told. */
  readonly host?: string;
  readonly spanMinutes: TimeSpan;
  /** Ids of the series that are switched off, by id of their chart. */
  readonly hidden: Readonly<Record<string, readonly string[]>>;
  /** By what the processes are put in order. */
  readonly processOrder: ProcessOrder;
  /** What the processes are looked for by. */
  readonly processFilter: string;
  /** Whether the processes are shown below their parents. */
  readonly processTree: boolean;
  /** Ids of the compose projects that are closed, the one that was closed last at the end. */
  readonly closedGroups: readonly string[];
}

/** So many closed projects are kept, and no longer ids. */
export const mostClosed = 100;
const longestId = 1000;

const fresh: PageState = {
  spanMinutes: 5,
  hidden: {},
  processOrder: 'memory',
  processFilter: '',
  processTree: false,
  closedGroups: [],
};

/** The way to the extension, and the page's own state. */
export class Extension {
  readonly #api = acquireVsCodeApi();
  #state = readState(this.#api.getState());

  get state(): PageState {
    return this.#state;
  }

  keep(state: PageState): void {
    this.#state = state;
    this.#api.setState(state);
  }

  /** What is to be told of the processes. */
  get processQuery(): ProcessQuery {
    const { processOrder, processFilter, processTree } = this.#state;
    return { order: processOrder, filter: processFilter, tree: processTree };
  }

  post(message: FromPage): void {
    this.#api.postMessage(message);
  }
}

/** What an earlier page kept, possibly of another version; whatever cannot be read is as new. */
export function readState(kept: unknown): PageState {
  if (typeof kept !== 'object' || kept === null) return fresh;
  const { host, spanMinutes, hidden, processOrder, processFilter, processTree, closedGroups } =
    kept as Partial<Record<keyof PageState, unknown>>;
  return {
    ...(typeof host === 'string' ? { host } : {}),
    spanMinutes: timeSpanOf(spanMinutes) ?? fresh.spanMinutes,
    hidden: typeof hidden === 'object' && hidden !== null ? onlyIds(hidden) : fresh.hidden,
    processOrder: processOrderOf(processOrder) ?? fresh.processOrder,
    processFilter:
      typeof processFilter === 'string' ? processFilter.slice(0, longestFilter) : fresh.processFilter,
    processTree: processTree === true,
    closedGroups: Array.isArray(closedGroups)
      ? closedGroups
          .filter(isId)
          .filter(({ length }) => length <= longestId)
          .slice(-mostClosed)
      : fresh.closedGroups,
  };
}

function isId(id: unknown): id is string {
  return typeof id === 'string';
}

function onlyIds(hidden: object): PageState['hidden'] {
  return Object.fromEntries(
    Object.entries(hidden).map(([chart, ids]: [string, unknown]) => [
      chart,
      Array.isArray(ids) ? ids.filter(isId) : [],
    ]),
  );
}
