import type { HostOomEvent } from '../core/oomEvents/hostEvent';

/** Events of which the newest alone have their tables of tasks: these are nearly all that an event weighs. */
export class NewestTables {
  private readonly events = new Map<string, HostOomEvent>();
  /** When those with a table happened, by key. */
  private readonly times = new Map<string, number>();

  constructor(private readonly mostTables: number) {}

  /** @param atMs of any clock that is the same for all. */
  add(event: HostOomEvent, atMs: number): void {
    this.events.set(event.key, event);
    if (!event.event.tasks) return;
    this.times.set(event.key, atMs);
    if (this.times.size <= this.mostTables) return;
    const [oldest] = [...this.times].sort(([, one], [, other]) => one - other)[0] ?? [];
    const known = oldest === undefined ? undefined : this.events.get(oldest);
    if (!known) return;
    this.times.delete(known.key);
    this.events.set(known.key, withoutTable(known));
  }

  get all(): readonly HostOomEvent[] {
    return [...this.events.values()];
  }
}

export function withoutTable(event: HostOomEvent): HostOomEvent {
  const { tasks, ...others } = event.event;
  return tasks ? { ...event, event: others } : event;
}
