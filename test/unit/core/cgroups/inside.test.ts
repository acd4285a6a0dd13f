import { describe, expect, it } from 'vitest';
import {
  insideOf,
  insidePaths,
  type InsideView,
  type MachineFacts,
} from '../../../../src/core/cgroups/inside';
import type { Zone } from '../../../../src/core/proc/zoneinfo';

const gib = 1024 ** 3;
const id = 'c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc';

const zone = (managed: number | undefined): Zone => ({
  node: 0,
  name: 'Normal',
  min: 1,
  low: 2,
  high: 3,
  present: 4,
  managed,
  protection: [],
});

/** A machine of 24 GiB, as /proc shows it. */
const machine: MachineFacts = {
  memTotalBytes: 24 * gib,
  zones: [zone((4 * gib) / 4096), zone((20 * gib) / 4096)],
  pageSizeBytes: 4096,
};

const group2 = {
  'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
  'sys/fs/cgroup/cgroup.events': 'populated 1\nfrozen 0\n',
  'sys/fs/cgroup/memory.max': `${2 * gib}\n`,
  'sys/fs/cgroup/memory.high': 'max\n',
  'sys/fs/cgroup/memory.current': `${gib}\n`,
  'sys/fs/cgroup/memory.stat': `anon 4096\ninactive_file ${gib / 4}\n`,
  'proc/1/cgroup': '0::/\n',
};
const unlimited2 = { ...group2, 'sys/fs/cgroup/memory.max': 'max\n' };
const root2 = {
  'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
  'sys/fs/cgroup/memory.stat': `anon 4096\ninactive_file ${gib}\n`,
  'proc/1/cgroup': '0::/init.scope\n',
};
const group1 = {
  'sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * gib}\n`,
  'sys/fs/cgroup/memory/memory.usage_in_bytes': `${gib}\n`,
  'sys/fs/cgroup/memory/memory.stat': `total_rss 4096\ntotal_inactive_file ${gib / 4}\nhierarchical_memory_limit ${gib * 2}\n`,
  'proc/1/cgroup': `4:memory:/docker/${id}\n1:name=systemd:/docker/${id}\n`,
};
const root1 = {
  'sys/fs/cgroup/memory/cgroup.sane_behavior': '0\n',
  'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  'sys/fs/cgroup/memory/memory.usage_in_bytes': '1469882368\n',
  'sys/fs/cgroup/memory/memory.stat': 'total_rss 594726912\nhierarchical_memory_limit 9223372036854771712\n',
  'proc/1/cgroup': '4:memory:/\n1:name=systemd:/\n0::/\n',
};
const dockerenv = { '.dockerenv': '' };
const lxcfs = {
  'proc/mounts':
    'lxcfs /proc/cpuinfo fuse.lxcfs rw,nosuid 0 0\nlxcfs /proc/meminfo fuse.lxcfs rw,nosuid 0 0\n',
};

/** May use 2 of the 24 GiB that /proc/meminfo shows. */
const limited: InsideView = {
  container: 'docker',
  limitBytes: 2 * gib,
  highBytes: undefined,
  usageBytes: gib,
  workingSetBytes: gib * 0.75,
  machineTotalBytes: 24 * gib,
  ownMeminfo: false,
};

const hosts: readonly [
  string,
  Readonly<Record<string, string>>,
  Partial<MachineFacts>,
  InsideView | undefined,
][] = [
  ['a machine, version 2', root2, {}, undefined],
  ['a machine, hybrid', root1, {}, undefined],
  ['a machine that tells nothing', {}, {}, undefined],
  ['a machine made from an image, hybrid', { ...root1, ...dockerenv }, {}, undefined],
  ['a machine made from an image, version 2', { ...root2, ...dockerenv }, {}, undefined],
  [
    'a machine whose kernel lacks the file that only the root has',
    Object.fromEntries(Object.entries(root1).filter(([path]) => !path.endsWith('sane_behavior'))),
    {},
    undefined,
  ],
  ['WSL', { ...root2, 'run/systemd/container': 'wsl\n' }, {}, undefined],
  ['docker, version 2', { ...group2, ...dockerenv }, {}, limited],
  ['docker, version 1', { ...group1, ...dockerenv }, {}, limited],
  ['docker, version 1, of which only the path tells', group1, {}, limited],
  ['docker without a limit', { ...unlimited2, ...dockerenv }, {}, { ...limited, limitBytes: undefined }],
  [
    'docker, version 1, with the limit of an ancestor out of sight',
    { ...group1, 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
    {},
    limited,
  ],
  [
    'docker with a limit above what the machine has',
    { ...group2, ...dockerenv, 'sys/fs/cgroup/memory.max': `${99 * gib}\n` },
    {},
    { ...limited, limitBytes: undefined },
  ],
  [
    'docker that shows no cgroups',
    dockerenv,
    {},
    { ...limited, limitBytes: undefined, usageBytes: undefined, workingSetBytes: undefined },
  ],
  [
    'podman, slowed down before its limit',
    { ...group2, 'run/.containerenv': 'engine="podman-4.3.1"\n', 'sys/fs/cgroup/memory.high': `${gib}\n` },
    {},
    { ...limited, container: 'podman', highBytes: gib },
  ],
  [
    'a pod of kubernetes',
    { ...group2, ...dockerenv, 'run/secrets/kubernetes.io/serviceaccount/namespace': 'default' },
    {},
    { ...limited, container: 'kubernetes' },
  ],
  [
    'a pod of kubernetes without an account',
    {
      ...group1,
      'proc/1/cgroup': `4:memory:/kubepods/burstable/pod2f6c1a0e-8d7b-4c3a-9e21-5b0d4f8a7c66/${id}\n`,
    },
    {},
    { ...limited, container: 'kubernetes' },
  ],
  [
    'LXC with lxcfs',
    { ...group2, ...lxcfs, 'run/systemd/container': 'lxc\n', 'proc/1/cgroup': '0::/init.scope\n' },
    { memTotalBytes: 2 * gib },
    { ...limited, container: 'lxc', ownMeminfo: true },
  ],
  [
    'LXC with lxcfs, its limit out of sight (Proxmox)',
    { ...unlimited2, ...lxcfs, 'run/host/container-manager': 'lxc\n' },
    { memTotalBytes: 2 * gib },
    { ...limited, container: 'lxc', ownMeminfo: true },
  ],
  [
    'LXC with lxcfs and without a limit',
    { ...unlimited2, ...lxcfs },
    {},
    { ...limited, container: 'lxc', limitBytes: undefined, ownMeminfo: true },
  ],
  [
    'LXC with lxcfs, the machine out of sight',
    { ...group2, ...lxcfs },
    { memTotalBytes: 2 * gib, zones: undefined },
    { ...limited, container: 'lxc', machineTotalBytes: undefined, ownMeminfo: true },
  ],
  [
    'a kernel of its own making that shows the limit as all memory',
    { ...group2, 'run/systemd/container': 'oci\n' },
    { memTotalBytes: 2 * gib, zones: [zone(undefined)] },
    { ...limited, container: 'unknown', machineTotalBytes: undefined, ownMeminfo: true },
  ],
  [
    'systemd-nspawn',
    { ...group2, 'run/systemd/container': 'systemd-nspawn\n' },
    {},
    { ...limited, container: 'systemd-nspawn' },
  ],
  ['a cgroup namespace of which nothing tells more', group2, {}, { ...limited, container: 'unknown' }],
  [
    'nonsense in every file',
    Object.fromEntries(insidePaths.map(({ path }) => [path, '<html>\u0000'])),
    { memTotalBytes: undefined },
    {
      container: 'kubernetes',
      limitBytes: undefined,
      highBytes: undefined,
      usageBytes: undefined,
      workingSetBytes: undefined,
      machineTotalBytes: undefined,
      ownMeminfo: false,
    },
  ],
];

describe('what a host is, seen from inside', () => {
  it.each(hosts)('%s', (_, texts, facts, view) => {
    expect(insideOf(texts, { ...machine, ...facts })).toEqual(view);
  });

  it('is told by the files that are asked for', () => {
    const paths = insidePaths.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const [, texts] of hosts) for (const path of Object.keys(texts)) expect(paths).toContain(path);
  });

  it('is told by the lines that are asked for', () => {
    for (const [name, texts, facts, view] of hosts) {
      const sent = Object.entries(texts).map(([path, text]) => {
        const { keep } = insidePaths.find((wanted) => wanted.path === path) ?? {};
        const lines = text.split('\n').filter((line) => keep?.includes(line.split(' ')[0] ?? '') ?? true);
        return [path, lines.join('\n')];
      });
      expect(
        insideOf(Object.fromEntries(sent) as Record<string, string>, { ...machine, ...facts }),
        name,
      ).toEqual(view);
    }
  });
});
