/**
 * What a person can do to a host, as data. The page and the trees name an action by its id and a typed target; only the
 * extension decides what is sent to the host.
 */
export type ActionId =
  | 'check-connection'
  | 'checkup'
  | 'disable-restart-policy'
  | 'freeze-all-containers'
  | 'freeze-containers'
  | 'kill-all-containers'
  | 'kill-containers'
  | 'kill-process'
  | 'open-terminal'
  | 'reconnect'
  | 'restart-containers'
  | 'set-memory-limit'
  | 'show-ledger'
  | 'stop-containers'
  | 'terminate-process'
  | 'thaw-containers';

/** What an action hits. */
export type ActionTarget =
  /** The host whose panel or tree item was used. */
  | { readonly kind: 'host' }
  /** 64 hexadecimal digits, or what the cgroup's path calls it. */
  | { readonly kind: 'container'; readonly id: string }
  | { readonly kind: 'containers'; readonly ids: readonly string[] }
  /** A pid alone is given to another process sooner or later: only both together name one. */
  | { readonly kind: 'process'; readonly pid: number; readonly startTicks: number }
  /** As `/proc/PID/cgroup` names it. */
  | { readonly kind: 'cgroup'; readonly path: string };

/**
 * `container-api`: the API of Docker or Podman, which root and the members of the group docker may use. `own-process`: the
 * process is the user's own. `root`: a login as root, or `sudo -n` where it is allowed for the host.
 */
export type Right = 'container-api' | 'own-process' | 'root';

export interface Action {
  readonly id: ActionId;
  readonly label: string;
  /** True where something is lost, stands still or is set anew: it is always confirmed, naming its targets. */
  readonly danger: boolean;
  readonly target: ActionTarget['kind'];
  /** Kinds that it takes beside `target`. */
  readonly alsoTargets?: readonly ActionTarget['kind'][];
  /** Where the page offers it: at its head, beside the ledger, or with a row of a table. */
  readonly place: 'header' | 'ledger' | 'containers' | 'processes';
  /** The page offers it only while the host is connected or on its way, or only while it is not; absent: always. */
  readonly onlyWhile?: 'connected' | 'not-connected';
  /** One of these is enough; empty: whoever sees the host may do it. */
  readonly needs: readonly Right[];
  /** True where it changes something on the host: read-only mode forbids it. */
  readonly changes: boolean;
}

/** In the order in which they are offered. */
export const actions: readonly Action[] = [
  {
    id: 'reconnect',
    label: 'Reconnect now',
    danger: false,
    target: 'host',
    place: 'header',
    onlyWhile: 'not-connected',
    needs: [],
    changes: false,
  },
  {
    id: 'check-connection',
    label: 'Check connection',
    danger: false,
    target: 'host',
    place: 'header',
    onlyWhile: 'not-connected',
    needs: [],
    changes: false,
  },
  {
    id: 'checkup',
    label: '60-second checkup',
    danger: false,
    target: 'host',
    place: 'header',
    onlyWhile: 'connected',
    needs: [],
    changes: false,
  },
  {
    id: 'freeze-all-containers',
    label: 'Freeze all containers',
    danger: true,
    target: 'host',
    place: 'header',
    onlyWhile: 'connected',
    needs: ['root', 'container-api'],
    changes: true,
  },
  {
    id: 'kill-all-containers',
    label: 'Kill all Docker containers',
    danger: true,
    target: 'host',
    place: 'header',
    onlyWhile: 'connected',
    needs: ['container-api', 'root'],
    changes: true,
  },
  {
    id: 'open-terminal',
    label: 'Open terminal on host',
    danger: false,
    target: 'host',
    place: 'header',
    needs: [],
    changes: false,
  },
  {
    id: 'show-ledger',
    label: 'Open as document',
    danger: false,
    target: 'host',
    place: 'ledger',
    needs: [],
    changes: false,
  },
  {
    id: 'freeze-containers',
    label: 'Freeze',
    danger: true,
    target: 'containers',
    alsoTargets: ['container', 'cgroup'],
    place: 'containers',
    needs: ['root', 'container-api'],
    changes: true,
  },
  {
    id: 'thaw-containers',
    label: 'Thaw',
    danger: false,
    target: 'containers',
    alsoTargets: ['container', 'cgroup'],
    place: 'containers',
    needs: ['root', 'container-api'],
    changes: true,
  },
  {
    id: 'stop-containers',
    label: 'Stop',
    danger: true,
    target: 'containers',
    alsoTargets: ['container'],
    place: 'containers',
    needs: ['container-api'],
    changes: true,
  },
  {
    id: 'kill-containers',
    label: 'Kill',
    danger: true,
    target: 'containers',
    alsoTargets: ['container', 'cgroup'],
    place: 'containers',
    needs: ['container-api', 'root'],
    changes: true,
  },
  {
    id: 'restart-containers',
    label: 'Restart',
    danger: true,
    target: 'containers',
    alsoTargets: ['container'],
    place: 'containers',
    needs: ['container-api'],
    changes: true,
  },
  {
    id: 'set-memory-limit',
    label: 'Set memory limit',
    danger: true,
    target: 'container',
    place: 'containers',
    needs: ['container-api'],
    changes: true,
  },
  {
    id: 'disable-restart-policy',
    label: 'Disable restart policy',
    danger: true,
    target: 'containers',
    alsoTargets: ['container'],
    place: 'containers',
    needs: ['container-api'],
    changes: true,
  },
  {
    id: 'terminate-process',
    label: 'End process',
    danger: true,
    target: 'process',
    place: 'processes',
    needs: ['own-process', 'root'],
    changes: true,
  },
  {
    id: 'kill-process',
    label: 'Kill process',
    danger: true,
    target: 'process',
    place: 'processes',
    needs: ['own-process', 'root'],
    changes: true,
  },
];
