import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import { eventJson } from '../../../../src/core/oom/eventJson';

const event: OomEvent = {
  kind: 'kernel',
  id: '97161-882',
  kernelTimeMs: 97161,
  kernelTimeMicroseconds: 97161030,
  wallMs: Date.UTC(2026, 10, 23, 8, 15, 2),
  scope: 'memcg',
  constraint: 'CONSTRAINT_MEMCG',
  cgroup: { limit: '/a', task: '/a/b' },
  trigger: { name: 'x', pid: 7, order: 0, gfp: '0xcc0(GFP_KERNEL)' },
  victims: [{ pid: 882, name: 'a', totalVmBytes: 1024 }],
  outcome: 'killed',
  tasks: { rows: [{ pid: 882, name: 'a' }], moreRows: 3, whole: true },
  complete: false,
  missing: ['sizes'],
};

/** What is printed of it, which has no fields that are undefined. */
const printed = (of: OomEvent): unknown => JSON.parse(JSON.stringify(eventJson(of)));

describe('eventJson', () => {
  it('tells each field in its place', () => {
    expect(printed(event)).toMatchObject({
      time: '2026-11-23T08:15:02.000Z',
      kernelTime: 97.16103,
      kind: 'kernel',
      scope: 'memcg',
      constraint: 'CONSTRAINT_MEMCG',
      cgroup: '/a',
      victimCgroup: '/a/b',
      trigger: { name: 'x', pid: 7, order: 0, gfp: '0xcc0(GFP_KERNEL)' },
      victims: [{ pid: 882, name: 'a', totalVmBytes: 1024 }],
      tasks: [{ pid: 882, name: 'a' }],
      moreTasks: 3,
      complete: false,
      missing: ['sizes'],
      outcome: 'killed',
    });
    expect((printed(event) as { explanation: string[] }).explanation.length).toBeGreaterThanOrEqual(5);
  });

  it('leaves out what is not known', () => {
    const bare: OomEvent = {
      kind: 'kernel',
      id: '?-882',
      scope: 'unknown',
      victims: [{ pid: 882, name: 'a' }],
      outcome: 'killed',
      complete: false,
      missing: ['scope'],
    };
    expect(Object.keys(printed(bare) as object).sort()).toEqual([
      'complete',
      'explanation',
      'id',
      'kind',
      'missing',
      'outcome',
      'scope',
      'victims',
    ]);
    expect(printed({ ...bare, localTime: '11-23T08:15:02', kernelTimeMs: 97161 })).toMatchObject({
      time: '11-23T08:15:02',
      kernelTime: 97.161,
    });
  });

  it('tells the cgroup that a user-space killer killed as a whole', () => {
    expect(printed({ ...event, kind: 'systemd-oomd', cgroup: { task: '/user.slice' } })).toMatchObject({
      cgroup: '/user.slice',
    });
    expect(printed({ ...event, scope: 'global', cgroup: { task: '/user.slice' } })).not.toHaveProperty(
      'cgroup',
    );
  });

  it('is no time where the number is beyond all dates', () => {
    expect(printed({ ...event, wallMs: 9e15 })).not.toHaveProperty('time');
  });
});
