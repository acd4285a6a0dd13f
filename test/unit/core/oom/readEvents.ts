import type { OomEvent } from '../../../../src/core/oom/event';
import { eventsInOrder } from '../../../../src/core/oom/eventOrder';
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
  const last = new Map(told.map((event) => [keyOf(event), event]));
  return { told, events: eventsInOrder([...last.values()]) };
}

/** An id is unique on its host and in its boot. */
function keyOf({ host, bootId, boot, id }: OomEvent): string {
  return JSON.stringify([host, bootId, boot, id]);
}
