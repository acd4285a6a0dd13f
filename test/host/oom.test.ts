import { beforeEach, describe, expect, it } from 'vitest';
import type { OomEvent } from '../../src/core/oom/event';
import { OomReader } from '../../src/core/oom/reader';
import { kernelLogObstacle, readKernelLog } from './lab/kernelLog';
import { memoryCgroupObstacle, oomKill } from './lab/memoryCgroup';

describe('a real OOM kill in a memory cgroup', () => {
  beforeEach(({ skip }) => {
    const obstacle = kernelLogObstacle() ?? memoryCgroupObstacle();
    skip(obstacle !== undefined, obstacle);
  });

  it.each(['jupyter-noteboo', 'a: [b] (c)'])(
    'of a process named %s is read from the kernel log',
    async (name) => {
      const kill = await oomKill(name, 32);
      const events: OomEvent[] = [];
      const reader = new OomReader((event) => events.push(event));
      for (const line of readKernelLog()) reader.push(line);
      const event = events.filter(({ victims }) => victims.some(({ pid }) => pid === kill.pid)).at(-1);
      expect(event).toMatchObject({
        scope: 'memcg',
        cgroup: { limit: kill.cgroup, task: kill.cgroup },
        trigger: { name, pid: kill.pid },
        victims: [{ pid: kill.pid, name, uid: 0 }],
        complete: true,
      });
      const anonRssBytes = event?.victims[0]?.anonRssBytes ?? 0;
      expect(anonRssBytes).toBeGreaterThan(24 << 20);
      expect(anonRssBytes).toBeLessThanOrEqual(32 << 20);
    },
  );
});
