import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import type { Aftermath } from '../../../../src/core/oomEvents/aftermath';
import type { HostOomEvent } from '../../../../src/core/oomEvents/hostEvent';
import { killLoopsOf } from '../../../../src/core/oomEvents/loops';
import { container } from '../actions/hosts';
import { kill } from './kills';

const shell = { kind: 'parent', pid: 50, name: 'sh' } as const;

function event(
  pid: number,
  atSeconds: number,
  more: Parameters<typeof kill>[2] = {},
  aftermath?: Aftermath,
): HostOomEvent {
  return {
    key: `k${pid}`,
    event: kill(pid, atSeconds * 1000, more),
    bootId: 'boot',
    atMs: undefined,
    sources: ['kernel-log'],
    ...(aftermath && { aftermath }),
  };
}

const cameBack = (pid: number): Aftermath => ({ kind: 'came-back', afterMs: 500, pid, by: shell });
const table = (...pids: readonly number[]): Pick<OomEvent, 'tasks'> => ({
  tasks: { rows: pids.map((pid) => ({ pid, name: 'hog' })), whole: true, moreRows: 0 },
});

describe('kills of the same program in the same place', () => {
  it('are a loop where each was started after the one before', () => {
    const kills = [
      event(60, 100, {}, cameBack(61)),
      event(61, 130, {}, cameBack(62)),
      event(62, 160, {}, { kind: 'waiting' }),
    ];
    expect(killLoopsOf(kills)).toEqual([
      {
        name: 'hog',
        cgroup: '/box',
        bootId: 'boot',
        kills: 3,
        spanMs: 60_000,
        lastAtMs: 160_000,
        keys: ['k60', 'k61', 'k62'],
        by: shell,
      },
    ]);
  });

  it('are one where the tables of tasks show it', () => {
    const kills = [event(60, 100, table(60, 7)), event(61, 101, table(61, 7)), event(62, 102, table(62, 7))];
    expect(killLoopsOf(kills)).toMatchObject([{ kills: 3, by: undefined }]);
  });

  it('are none where all were there from the beginning', () => {
    const all = [60, 61, 62, 63, 64, 65];
    expect(killLoopsOf(all.map((pid, index) => event(pid, 100 + index, table(...all.slice(index)))))).toEqual(
      [],
    );
  });

  it('are one after five where nothing shows either', () => {
    const kills = [60, 61, 62, 63, 64].map((pid, index) => event(pid, 100 + index));
    expect(killLoopsOf(kills.slice(1))).toEqual([]);
    expect(killLoopsOf(kills)).toMatchObject([{ kills: 5 }]);
  });

  it('are the same in whatever order the time of day puts them', () => {
    const loop = [event(60, 100, {}, cameBack(61)), event(61, 130, {}, cameBack(62)), event(62, 160)];
    expect(killLoopsOf([...loop].reverse())).toEqual(killLoopsOf(loop));
    expect(killLoopsOf(loop)).toMatchObject([{ kills: 3, spanMs: 60_000 }]);
  });

  it('in another place, of another name, long after or by another killer are none', () => {
    const kills = [
      event(60, 100, {}, cameBack(61)),
      event(61, 130, { name: 'cat' }),
      event(62, 160, { cgroup: { task: '/other' } }),
      event(63, 190, { kind: 'earlyoom' }),
      event(64, 1000),
    ];
    expect(killLoopsOf(kills)).toEqual([]);
  });

  it('in a container are by its policy where nobody was seen', () => {
    const id = 'ab12'.repeat(16);
    const cgroup = { task: `/docker/${id}` };
    const kills = [60, 61, 62, 63, 64].map((pid, index) => event(pid, 100 + index, { cgroup }));
    const restarted = container(id, { name: 'jupyter', restartPolicy: { name: 'always' }, restartCount: 4 });
    expect(killLoopsOf(kills, [restarted])).toMatchObject([
      { by: { kind: 'container', id, name: 'jupyter', policy: 'always' } },
    ]);
    expect(killLoopsOf(kills, [{ ...restarted, restartPolicy: { name: 'no' } }])).toMatchObject([
      { by: undefined },
    ]);
  });
});
