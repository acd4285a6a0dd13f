import type { OomEvent } from '../../../../src/core/oom/event';
import { OomReader } from '../../../../src/core/oom/reader';

/** Everything that was told, in order, and what remains when a later telling replaces an earlier one of the same id. */
export interface Read {
  readonly told: readonly OomEvent[];
  readonly events: readonly OomEvent[];
}

export function readEvents(lines: readonly string[]): Read {
  const told: OomEvent[] = [];
  const reader = new OomReader((event) => told.push(event));
  for (const line of lines) reader.push(line);
  reader.end();
  return { told, events: [...new Map(told.map((event) => [event.id, event])).values()] };
}
