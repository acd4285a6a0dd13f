import type { OomEvent } from './event';
import { originOf } from './reportTimes';

/**
 * The events in the order in which they happened. A report that lost its end is told when that is sure, which may be
 * after the next one. Events are put in order within a host and boot, and where the kernel's time is known; else they
 * stay where they are.
 */
export function eventsInOrder(events: readonly OomEvent[]): OomEvent[] {
  const places = new Map<string, number[]>();
  events.forEach((event, place) => {
    if (event.kernelTimeMs === undefined) return;
    const origin = originOf(event);
    const known = places.get(origin);
    if (known === undefined) places.set(origin, [place]);
    else known.push(place);
  });
  const ordered = [...events];
  for (const of of places.values()) {
    const sorted = of
      .flatMap((place) => events[place] ?? [])
      .sort((one, other) => (one.kernelTimeMs ?? 0) - (other.kernelTimeMs ?? 0));
    of.forEach((place, index) => {
      const event = sorted[index];
      if (event !== undefined) ordered[place] = event;
    });
  }
  return ordered;
}
