import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEvents } from './readEvents';

const root = join(import.meta.dirname, '../../../fixtures/oom');
const forms = ['kmsg.txt', 'dmesg.txt', 'journal.txt'];
const logs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(logs.map((entry) => entry.name))('%s', (name) => {
  const expected: unknown = JSON.parse(readFileSync(join(root, name, 'events.json'), 'utf8'));
  const present = forms.filter((form) => existsSync(join(root, name, form)));

  it.each(present)('%s tells the events', (form) => {
    const lines = readFileSync(join(root, name, form), 'utf8').split('\n');
    expect(readEvents(lines).events).toStrictEqual(expected);
  });
});

it('has logs to read', () => {
  expect(logs.length).toBeGreaterThanOrEqual(6);
});
