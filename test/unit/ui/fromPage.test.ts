import { describe, expect, it } from 'vitest';
import type { FromPage } from '../../../src/protocol';
import { isFromPage } from '../../../src/ui/fromPage';

const processes = { filter: '', order: 'memory', tree: false } as const;
const container = 'a'.repeat(64);

const ours: readonly FromPage[] = [
  { type: 'ready', spanMinutes: 5, processes },
  { type: 'span', spanMinutes: 5 },
  { type: 'processes', processes },
  { type: 'measurePss', pid: 812, startTicks: 5 },
  { type: 'runAction', action: 'kill-all-containers', target: { kind: 'host' } },
  { type: 'runAction', action: 'kill-containers', target: { kind: 'container', id: container } },
];

const others: readonly unknown[] = [
  undefined,
  null,
  'ready',
  {},
  { type: 'toString' },
  { type: 'ready', spanMinutes: 5 },
  { type: 'ready', spanMinutes: 7, processes },
  { type: 'span', spanMinutes: '5' },
  { type: 'processes', processes: { ...processes, order: 'name' } },
  { type: 'measurePss', pid: '812', startTicks: 5 },
  { type: 'measurePss', pid: 812.5, startTicks: 5 },
  { type: 'runAction', action: 'reboot', target: { kind: 'host' } },
  { type: 'runAction', action: 'kill-all-containers' },
  { type: 'runAction', action: 'kill-all-containers', target: { kind: 'container', id: container } },
  { type: 'runAction', action: 'kill-containers', target: { kind: 'container', id: '$(reboot)' } },
];

describe('a message of a page', () => {
  it.each(ours)('is taken where it is one of ours: %j', (message) => {
    expect(isFromPage(message)).toBe(true);
  });

  it.each(others)('is refused where it is not: %j', (message) => {
    expect(isFromPage(message)).toBe(false);
  });
});
