import { expect, it } from 'vitest';
import { CgroupUsageReader } from '../../../../src/core/oom/cgroupUsageReader';
import type { CgroupMemory } from '../../../../src/core/oom/memoryInformation';

function read(lines: readonly string[]): CgroupMemory | undefined {
  const reader = new CgroupUsageReader();
  for (const line of lines) reader.take(line);
  return reader.finish();
}

it('of version 1 before 5.3: a line for each group, in KB', () => {
  expect(
    read([
      'memory: usage 65536kB, limit 65536kB, failcnt 269',
      'memory+swap: usage 65540kB, limit 131072kB, failcnt 0',
      'kmem: usage 244kB, limit 9007199254740988kB, failcnt 0',
      'Memory cgroup stats for /a: cache:0KB rss:4KB swap:8KB',
      'Memory cgroup stats for /a/b: rss:1KB c: cache:0KB rss:12KB',
    ]),
  ).toStrictEqual({
    memory: { usageBytes: 67_108_864, limitBytes: 67_108_864, failures: 269 },
    memoryAndSwap: { usageBytes: 67_112_960, limitBytes: 134_217_728, failures: 0 },
    kernel: { usageBytes: 249_856, limitBytes: 'max', failures: 0 },
    stats: [
      { path: '/a', figures: { cache: 0, rss: 4096, swap: 8192 } },
      { path: '/a/b: rss:1KB c', figures: { cache: 0, rss: 12_288 } },
    ],
  });
});

it('of version 2: a figure a line, until another line comes', () => {
  expect(
    read([
      'memory: usage 65536kB, limit 65536kB, failcnt 1',
      'swap: usage 0kB, limit 18014398509481983kB, failcnt 0',
      'Memory cgroup stats for /system.slice/x:y.service:',
      'anon 66498560',
      ' file 86016',
      'pgfault 17548',
    ]),
  ).toStrictEqual({
    memory: { usageBytes: 67_108_864, limitBytes: 67_108_864, failures: 1 },
    swap: { usageBytes: 0, limitBytes: 'max', failures: 0 },
    stats: [
      { path: '/system.slice/x:y.service', figures: { anon: 66_498_560, file: 86_016, pgfault: 17_548 } },
    ],
  });
});

it('of a group called like a property of objects', () => {
  const stats = read(['Memory cgroup stats for /__proto__:', '__proto__ 5', 'constructor 6'])?.stats;
  expect(stats).toStrictEqual([{ path: '/__proto__', figures: { constructor: 6 } }]);
});

it('a counter that is there already is of another report', () => {
  const reader = new CgroupUsageReader();
  const line = 'memory: usage 1kB, limit 1kB, failcnt 0';
  expect([reader.take(line), reader.take(line)]).toEqual(['taken', 'again']);
});

it.each(['memory: usage', 'memory: usage 1kB', 'Memory cgroup stats for /a', 'anon 5', '', 'swap: on'])(
  'is not in %j',
  (text) => {
    expect(new CgroupUsageReader().take(text)).toBe('other');
  },
);
