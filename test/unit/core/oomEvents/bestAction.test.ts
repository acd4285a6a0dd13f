import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import type { KillLoop } from '../../../../src/core/oomEvents/aftermath';
import { bestActionFor } from '../../../../src/core/oomEvents/bestAction';
import type { HostOomEvent } from '../../../../src/core/oomEvents/hostEvent';
import { container } from '../actions/hosts';
import { kill } from './kills';

const id = 'ab12'.repeat(16);
const path = `/docker/${id}`;

const restarted = container(id, { name: 'web', restartPolicy: { name: 'always' } });

function event(more: Partial<OomEvent>): HostOomEvent {
  return { key: 'k', event: kill(60, 1000, more), bootId: 'boot', atMs: undefined, sources: ['kernel-log'] };
}

function loop(by: KillLoop['by']): KillLoop {
  return {
    name: 'hog',
    cgroup: path,
    bootId: 'boot',
    kills: 7,
    spanMs: 240_000,
    lastAtMs: 1,
    keys: ['k'],
    by,
  };
}

describe('what helps most', () => {
  it('a container at its own limit: more memory', () => {
    expect(bestActionFor(event({ cgroup: { limit: path, task: path } }), [], [restarted])).toEqual({
      action: 'set-memory-limit',
      target: { kind: 'container', id },
    });
  });

  it('a container killed over and over: an end to it', () => {
    const told = event({ cgroup: { limit: path, task: path } });
    expect(bestActionFor(told, [loop(undefined)], [restarted])).toEqual({
      action: 'kill-containers',
      target: { kind: 'container', id },
    });
  });

  it('a container hit as the machine ran out', () => {
    expect(bestActionFor(event({ scope: 'global', cgroup: { task: path } }), [], undefined)).toEqual({
      action: 'kill-containers',
      target: { kind: 'container', id },
    });
  });

  it('another process hit as the machine ran out, with containers beside it', () => {
    const told = event({ scope: 'global', cgroup: { task: '/user.slice' } });
    const all = { action: 'kill-all-containers', target: { kind: 'host' } };
    expect(bestActionFor(told, [], [restarted])).toEqual(all);
    const ledger = { action: 'show-ledger', target: { kind: 'host' } };
    expect(bestActionFor(told, [], [{ ...restarted, state: 'exited' }])).toEqual(ledger);
    expect(bestActionFor(told, [], undefined)).toEqual(ledger);
  });

  it('a shell that starts it again and again: its end, while it is there', () => {
    const by = { kind: 'parent', pid: 50, name: 'sh' } as const;
    expect(bestActionFor(event({}), [loop(by)], undefined, () => 900)).toEqual({
      action: 'terminate-process',
      target: { kind: 'process', pid: 50, startTicks: 900 },
    });
    expect(bestActionFor(event({}), [loop(by)], undefined)).toMatchObject({ action: 'show-ledger' });
  });
});
