import type { OomEvent } from '../../../../src/core/oom/event';
import type { HostOomEvent, WitnessedKills } from '../../../../src/core/oomEvents/hostEvent';

/** Noon of a day, in the time zone of this machine. */
export const noonMs = new Date(2026, 10, 23, 12, 0, 0).getTime();

/** A kill at the limit of a cgroup, as the log tells it. */
export function killOf(
  name: string,
  pid: number,
  changes: Partial<Omit<HostOomEvent, 'event'>> & { readonly event?: Partial<OomEvent> } = {},
): HostOomEvent {
  const { event, ...rest } = changes;
  return {
    key: `boot-k${pid}-${pid}`,
    bootId: 'boot',
    atMs: noonMs + pid,
    sources: ['kernel-log'],
    ...rest,
    event: {
      kind: 'kernel',
      id: `${pid}-${pid}`,
      kernelTimeMs: pid,
      scope: 'memcg',
      cgroup: { limit: '/jobs', task: '/jobs/one' },
      cgroupMemory: { memory: { usageBytes: 32 << 20, limitBytes: 32 << 20 }, stats: [] },
      victims: [{ pid, name, anonRssBytes: 30 << 20, fileRssBytes: 1 << 20, shmemRssBytes: 0 }],
      outcome: 'killed',
      complete: true,
      missing: [],
      ...event,
    },
  };
}

/** Kills that only counters tell of. */
export function countedKills(count: number): HostOomEvent & { readonly witnessed: WitnessedKills } {
  const found = killOf('', 0, { key: `boot-c${count}-0`, sources: ['counters'] });
  const { kind, id, outcome, complete, missing } = found.event;
  return {
    ...found,
    event: { kind, id, outcome, complete, missing, victims: [], scope: 'unknown' },
    witnessed: {
      count,
      fromCount: 4,
      toCount: 4 + count,
      fromMs: 60_000,
      toMs: 62_000,
      cgroups: [{ path: '/system.slice/web.service', kills: count }],
      gone: [{ pid: 77, name: 'worker', rssBytes: 200 << 20 }],
    },
  };
}
