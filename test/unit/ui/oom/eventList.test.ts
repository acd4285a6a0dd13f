import { describe, expect, it } from 'vitest';
import type { HostOomEvent } from '../../../../src/core/oomEvents/hostEvent';
import { english } from '../../../../src/core/translate';
import { EventFilter, filterText, groupsOf } from '../../../../src/ui/oom/eventList';
import { countedKills, killOf, noonMs } from './events';

const dayMs = 86_400_000;

function drawn(events: readonly HostOomEvent[], order: 'time' | 'victim'): (readonly [string, string[]])[] {
  return groupsOf(events, order, noonMs + 1000, english).map(({ label, events: some }) => [
    label,
    some.map(({ event }) => event.victims.map(({ name, pid }) => `${name} ${pid}`).join(' ')),
  ]);
}

describe('the list of events', () => {
  it('is by day, newest first, and by boot where the time is not known', () => {
    const events = [
      killOf('unknown', 1, { atMs: undefined, bootId: undefined }),
      killOf('boot', 2, { atMs: undefined, bootId: '0123456789abcdef' }),
      killOf('yesterday', 3, { atMs: noonMs - dayMs }),
      killOf('one', 4),
      killOf('two', 5),
    ];
    expect(drawn(events, 'time')).toEqual([
      ['Today', ['two 5', 'one 4']],
      ['Yesterday', ['yesterday 3']],
      ['Boot 01234567, time not known', ['boot 2']],
      ['Earlier, time not known', ['unknown 1']],
    ]);
    const [, , older] = groupsOf(
      [killOf('x', 1, { atMs: noonMs - 5 * dayMs }), ...events],
      'time',
      noonMs,
      english,
    );
    expect(older?.label).toBe(new Date(noonMs - 5 * dayMs).toLocaleDateString());
  });

  it('is by victim, those with the most kills first', () => {
    const events = [killOf('java', 1), killOf('python3', 2), killOf('python3', 3), countedKills(3)];
    expect(drawn(events, 'victim')).toEqual([
      ['unit web.service', ['']],
      ['python3', ['python3 3', 'python3 2']],
      ['java', ['java 1']],
    ]);
  });

  it.each([
    ['', true],
    ['python', true],
    ['PYTHON WEB1', true],
    ['memcg jobs', true],
    ['882', true],
    ['global', false],
    ['python java', false],
  ])('filters by words: %j', (text, expected) => {
    expect(new EventFilter(text).matches('web1', killOf('python3', 882))).toBe(expected);
  });

  it('finds what counters tell by its cgroup and by who has gone', () => {
    for (const text of ['web.service', 'worker', '77'])
      expect(new EventFilter(text).matches('host', countedKills(1)), text).toBe(true);
  });

  it('stays quick with a thousand events', () => {
    const events = Array.from({ length: 1000 }, (_, index) =>
      killOf('x'.repeat(15), index + 1, { atMs: noonMs - index * 600_000 }),
    ).reverse();
    const from = performance.now();
    const filter = new EventFilter('xxx jobs');
    const groups = groupsOf(
      events.filter((event) => filter.matches('host', event)),
      'time',
      noonMs,
      english,
    );
    expect(groups.reduce((sum, group) => sum + group.events.length, 0)).toBe(1000);
    expect(performance.now() - from).toBeLessThan(500); // a few ms where nobody else is at work
  });
});

it('a filter says of how many events it lets through how many', () => {
  expect(filterText('java', 1, 7, english)).toBe('Filter “java”: 1 of 7 events');
  expect(filterText('java', 0, 1, english)).toBe('Filter “java”: 0 of 1 event');
});
