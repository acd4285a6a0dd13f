import type { FromPage } from '../protocol';

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
  readonly spanMinutes: number;
  /** Ids of the series that are switched off, by id of their chart. */
  readonly hidden: Readonly<Record<string, readonly string[]>>;
}

/** The time spans that can be chosen. */
export const spans: readonly number[] = [1, 5, 15, 60];

const fresh: PageState = { spanMinutes: 5, hidden: {} };

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

  post(message: FromPage): void {
    this.#api.postMessage(message);
  }
}

/** What an earlier page kept, possibly of another version; whatever cannot be read is as new. */
export function readState(kept: unknown): PageState {
  if (typeof kept !== 'object' || kept === null) return fresh;
  const { host, spanMinutes, hidden } = kept as Partial<Record<keyof PageState, unknown>>;
  return {
    ...(typeof host === 'string' ? { host } : {}),
    spanMinutes: spans.find((span) => span === spanMinutes) ?? fresh.spanMinutes,
    hidden: typeof hidden === 'object' && hidden !== null ? onlyIds(hidden) : fresh.hidden,
  };
}

function onlyIds(hidden: object): PageState['hidden'] {
  const isId = (id: unknown): id is string => typeof id === 'string';
  return Object.fromEntries(
    Object.entries(hidden).map(([chart, ids]: [string, unknown]) => [
      chart,
      Array.isArray(ids) ? ids.filter(isId) : [],
    ]),
  );
}
