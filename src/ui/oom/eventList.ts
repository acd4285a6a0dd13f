import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { Translate } from '../../core/translate';
import { killsIn, victimName } from './eventFacts';

/** By what the events of a host are put together. */
export type EventOrder = 'time' | 'victim';

/** Events that are drawn together, newest first. */
export interface EventGroup {
  /** Tells it from the others of its host, also after it has grown. */
  readonly id: string;
  readonly label: string;
  readonly events: readonly HostOomEvent[];
}

/** Words, each of which stands in a text of the event: host, victim, cgroup, scope, whoever asked. */
export class EventFilter {
  private readonly words: readonly string[];

  /** @param text empty: every event matches. */
  constructor(readonly text: string) {
    this.words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
  }

  get isOn(): boolean {
    return this.words.length > 0;
  }

  matches(host: string, found: HostOomEvent): boolean {
    if (!this.isOn) return true;
    const text = textOf(host, found);
    return this.words.every((word) => text.includes(word));
  }
}

/** What is said while a filter is on: how many events it lets through. */
export function filterText(text: string, shown: number, all: number, t: Translate): string {
  return all === 1
    ? t('Filter “{0}”: {1} of 1 event', text, shown)
    : t('Filter “{0}”: {1} of {2} events', text, shown, all);
}

/** A kill of a whole group may have hundreds of victims. */
const mostSearched = 200;

function textOf(host: string, { event, witnessed }: HostOomEvent): string {
  return [
    host,
    event.kind,
    event.scope,
    event.trigger?.name,
    event.cgroup?.limit,
    event.cgroup?.task,
    event.oomGroup,
    event.container,
    ...event.victims.slice(0, mostSearched).flatMap(({ name, pid }) => [name, String(pid)]),
    ...(witnessed?.cgroups.map(({ path }) => path) ?? []),
    ...(witnessed?.gone.flatMap(({ name, pid }) => [name, String(pid)]) ?? []),
  ]
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();
}

/**
 * The events of a host by day, newest first, and those without a known time by boot; or by victim, those with the most
 * kills first.
 * @param events oldest first. @param nowMs our clock: what is called today.
 */
export function groupsOf(
  events: readonly HostOomEvent[],
  order: EventOrder,
  nowMs: number,
  t: Translate,
): EventGroup[] {
  const groups = new Map<string, { label: string; events: HostOomEvent[] }>();
  const days = new Days(nowMs, t);
  for (const event of [...events].reverse()) {
    const [id, label] = order === 'victim' ? byVictim(event, t) : days.of(event);
    const group = groups.get(id);
    if (group) group.events.push(event);
    else groups.set(id, { label, events: [event] });
  }
  const list = [...groups].map(([id, group]): EventGroup => ({ id, ...group }));
  if (order === 'victim') return list.sort((one, other) => killsIn(other.events) - killsIn(one.events));
  const isDay = ({ id }: EventGroup): boolean => id.startsWith('day');
  return [...list.filter(isDay), ...list.filter((group) => !isDay(group))];
}

function byVictim(event: HostOomEvent, t: Translate): readonly [id: string, label: string] {
  const name = victimName(event, t);
  return [`victim ${name}`, name];
}

/** Names days of this machine's calendar. */
class Days {
  private readonly today: string;
  private readonly yesterday: string;
  private readonly labels = new Map<string, string>();

  constructor(
    nowMs: number,
    private readonly t: Translate,
  ) {
    const now = new Date(nowMs);
    this.today = now.toDateString();
    this.yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).toDateString();
  }

  of({ atMs, bootId }: HostOomEvent): readonly [id: string, label: string] {
    const { t } = this;
    if (atMs === undefined) {
      return bootId === undefined
        ? ['boot', t('Earlier, time not known')]
        : [`boot ${bootId}`, t('Boot {0}, time not known', bootId.slice(0, 8))];
    }
    const date = new Date(atMs);
    const day = date.toDateString();
    let label = this.labels.get(day);
    if (label === undefined) {
      label =
        day === this.today ? t('Today') : day === this.yesterday ? t('Yesterday') : date.toLocaleDateString();
      this.labels.set(day, label);
    }
    return [`day ${day}`, label];
  }
}
