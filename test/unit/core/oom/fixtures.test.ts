import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import { readEvents } from './readEvents';

const root = join(import.meta.dirname, '../../../fixtures/oom');
const logs = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Of an event: what depends on the form of the log. */
type Times = Partial<OomEvent>;

const timeFields = [
  'kernelTimeMs',
  'kernelTimeMicroseconds',
  'wallMs',
  'localTime',
  'bootId',
  'boot',
  'host',
];

describe.each(logs)('%s', (name) => {
  const folder = join(root, name);
  const expected = json(join(folder, 'events.json')) as readonly OomEvent[];
  const timesOf = existsSync(join(folder, 'times.json'))
    ? (json(join(folder, 'times.json')) as Readonly<Record<string, readonly Times[]>>)
    : {};
  const forms = readdirSync(folder).filter((file) => file !== 'events.json' && file !== 'times.json');

  it('has a log, and times for no other file', () => {
    expect(forms).not.toEqual([]);
    expect(forms).toEqual(expect.arrayContaining(Object.keys(timesOf)));
  });

  it.each(forms)('%s tells the events', (form) => {
    const lines = readFileSync(join(folder, form), 'utf8').split('\n');
    const times = timesOf[form];
    expect(readEvents(lines).events).toStrictEqual(times === undefined ? expected : at(expected, times));
  });
});

it('at least 40 logs are read, and each is described', () => {
  expect(logs.length).toBeGreaterThanOrEqual(40);
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const described = Array.from(readme.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name);
  expect(described.sort()).toEqual([...logs].sort());
});

/** The events as a form of the log tells them that has other times than the kernel's. */
function at(events: readonly OomEvent[], times: readonly Times[]): object[] {
  expect(times).toHaveLength(events.length);
  return events.map((event, index) => ({
    ...Object.fromEntries(Object.entries(event).filter(([field]) => !timeFields.includes(field))),
    ...times[index],
  }));
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
