import type { HostOomEvent } from '../core/oomEvents/hostEvent';

/** What another window has done. */
export interface OomStoreChange {
  /** New ones, and newer states of known ones. */
  readonly events: readonly HostOomEvent[];
  /** Keys of those that were cleared. */
  readonly cleared: readonly string[];
}

/** Where the events of one host outlive the window; several windows may share it. */
export interface OomStore {
  /** All that are kept, in no order. A file that is broken is left out. */
  load(): Promise<readonly HostOomEvent[]>;
  /** Keeps an event, or a newer state of it. It is on the disk when this has resolved. */
  put(event: HostOomEvent): Promise<void>;
  /** Forgets events, and remembers that they are not to come again from a log. */
  clear(events: readonly HostOomEvent[]): Promise<void>;
  /** Whether it was cleared by somebody: a log tells of it again and again. */
  isCleared(event: Pick<HostOomEvent, 'key'>): boolean;
  /** Tells what other windows do, from after `load` on. @returns what ends it. */
  onChange(listener: (change: OomStoreChange) => void): () => void;
}
