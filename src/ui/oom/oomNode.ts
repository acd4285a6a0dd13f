import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { AttachedHost } from '../hosts';
import type { EventGroup } from './eventList';
import type { TreeLine } from './treeLine';

/** A row of the tree “OOM events”. */
export type OomNode =
  | { readonly kind: 'host'; readonly host: AttachedHost }
  | {
      readonly kind: 'group';
      readonly host: AttachedHost;
      readonly group: EventGroup;
      /** The first of its host is unfolded. */
      readonly isFirst: boolean;
    }
  | { readonly kind: 'event'; readonly host: AttachedHost; readonly event: HostOomEvent }
  | {
      readonly kind: 'line';
      readonly host: AttachedHost;
      readonly line: TreeLine;
      /** The event that it tells of; absent: it tells of the host. */
      readonly event?: HostOomEvent;
    };

/** Which event the command `remoteMemory.showOomEvent` is to show. */
export interface ShownOomEvent {
  readonly target: string;
  readonly key: string;
}

/** Events of one host. */
export interface HostEvents {
  readonly host: AttachedHost;
  readonly events: readonly HostOomEvent[];
}

/** Whether a command was given a row of the tree. */
export function isOomNode(value: unknown): value is OomNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    'host' in value &&
    (value.kind === 'host' || value.kind === 'group' || value.kind === 'event' || value.kind === 'line')
  );
}
