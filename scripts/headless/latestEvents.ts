import type { OomEvent } from '../../src/core/oom/event';
import { eventsInOrder } from '../../src/core/oom/eventOrder';

/** So many events wait for later lines that add to them; more are told as they are. */
const mostWaiting = 16;

/** So many of the events that were told are known, not to tell them again when a log holds the same lines twice. */
const mostTold = 100_000;

/**
 * Each event once, in its last form and in the order of the kernel's time: a reader tells an event anew when a later line adds to
 * it, and an unfinished one when that is sure.
 */
export class LatestEvents {
  private readonly waiting = new Map<string, OomEvent>();
  private readonly told = new Set<string>();
  private readonly copies = new Map<string, KnownCopy>();
  private count = 0;

  /** @param onEvent gets each event and its number, from 0 on. */
  constructor(private readonly onEvent: (event: OomEvent, index: number) => void) {}

  note(event: OomEvent): void {
    const key = this.keyOf(event);
    const known = this.waiting.get(key);
    if (known !== undefined && !saysAsMuch(event, known)) return;
    if (known === undefined && this.told.has(key)) return;
    this.waiting.set(key, event);
    if (this.waiting.size > mostWaiting) this.tellOldest();
  }

  /** There are no more events. */
  end(): void {
    while (this.waiting.size > 0) this.tellOldest();
  }

  private tellOldest(): void {
    const [oldest] = eventsInOrder([...this.waiting.values()]);
    if (oldest === undefined) return;
    const key = this.keyOf(oldest);
    this.waiting.delete(key);
    if (this.told.size < mostTold) this.told.add(key);
    this.onEvent(oldest, this.count++);
  }

  /**
   * A log may hold the same lines with the host's name and without it: what dmesg shows behind what syslog wrote. The kernel
   * prints no two kills in one microsecond.
   */
  private keyOf(event: OomEvent): string {
    const key = keyWithin(event);
    const [victim] = event.victims;
    const { kind, kernelTimeMicroseconds, host } = event;
    if (kernelTimeMicroseconds === undefined || victim === undefined) return key;
    const copy = [kind, kernelTimeMicroseconds, victim.pid, victim.name].join(' ');
    const known = this.copies.get(copy);
    if (known === undefined) {
      if (this.copies.size < mostTold) this.copies.set(copy, { key, host });
      return key;
    }
    return (known.host === undefined) === (host === undefined) ? key : known.key;
  }
}

interface KnownCopy {
  readonly key: string;
  readonly host: string | undefined;
}

/** Ids of events are unique within a boot of a host. */
function keyWithin({ kind, host, bootId, boot, id }: OomEvent): string {
  return [kind, host, bootId, boot, id].join(' ');
}

/** A buffer that is read again may have lost the head of a report. */
function saysAsMuch(event: OomEvent, known: OomEvent): boolean {
  if (event.victims.length !== known.victims.length) return event.victims.length > known.victims.length;
  return event.missing.length <= known.missing.length;
}
