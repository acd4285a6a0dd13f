/**
 * What a person can do to a host, as data. The page and the trees name an action by its id and a typed target; only the
 * extension decides what is sent to the host.
 */
export type ActionId = 'kill-all-containers';

/** What an action hits. `host` means the host whose panel or tree item was used. */
export interface ActionTarget {
  readonly kind: 'host';
}

export interface Action {
  readonly id: ActionId;
  readonly label: string;
  /** True where something is lost: it is always confirmed, naming its targets. */
  readonly danger: boolean;
  readonly target: ActionTarget['kind'];
}

export const actions: readonly Action[] = [
  { id: 'kill-all-containers', label: 'Kill all Docker containers', danger: true, target: 'host' },
];
