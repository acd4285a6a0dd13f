import Docker from 'dockerode';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { WatchedCgroup } from '../../src/core/cgroups/cgroup';
import {
  cgroupFilePath,
  cgroupFiles1,
  cgroupFiles2,
  cgroupFolder,
  type CgroupFile,
} from '../../src/core/cgroups/cgroupFiles';
import { CgroupTable } from '../../src/core/cgroups/cgroupTable';
import { dockerMemoryOf } from '../../src/core/cgroups/dockerStats';
import { insideOf, insidePaths } from '../../src/core/cgroups/inside';
import { memoryGroupOf, ownerOfProcess } from '../../src/core/cgroups/processOwner';
import { cgroupMembership, type CgroupMembership } from '../../src/core/proc/cgroupMembership';
import { meminfo } from '../../src/core/proc/meminfo';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';

const run = promisify(execFile);
const mib = 1024 ** 2;
const ignore = (): void => undefined;

/** Keeps 100 MB of anonymous memory and has written and read a file of 40 MB. */
const hog = `big=$(head -c ${100 * mib} /dev/zero | tr '\\0' x); head -c ${40 * mib} /dev/zero >/file; cat /file >/dev/null; touch /ready; sleep 86400; echo $big`;

function membershipOf(pid: number | 'self'): CgroupMembership {
  return cgroupMembership.parse(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), ignore);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(`/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** What the host would send of the memory cgroup of a process, and what is made of it. */
function cgroupOfProcess(pid: number): WatchedCgroup {
  const group = memoryGroupOf(membershipOf(pid));
  if (group === undefined) throw new Error('no memory cgroup');
  const files: Readonly<Record<string, CgroupFile<unknown>>> =
    group.version === 1 ? cgroupFiles1 : cgroupFiles2;
  const paths = Object.values(files).map((file) => cgroupFilePath(group.version, group.path, file));
  const texts = paths.flatMap((path) => {
    const text = textOf(path);
    return text === undefined ? [] : [[path, text] as const];
  });
  const table = new CgroupTable();
  table.add({
    bootId: 'boot',
    hostUptimeMs: 1000,
    unchangedPids: [],
    cgroups: [group.path],
    text: Object.fromEntries(texts),
    unreadable: [],
  });
  const cgroup = table.get(group.path);
  if (cgroup === undefined) throw new Error(`${group.path} was not read`);
  expect(table.problems).toEqual({});
  return cgroup;
}

interface ContainerStats {
  readonly memory_stats: {
    readonly usage: number;
    readonly limit: number;
    readonly stats: Readonly<Record<string, number>>;
  };
}

describe('memory cgroups of containers of a real dockerd', () => {
  const obstacle = dockerdObstacle();
  let host: PrivateDockerd;
  let docker: Docker;
  let memTotalBytes: number;

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    memTotalBytes = meminfo.parse(readFileSync('/proc/meminfo', 'utf8'), ignore).memTotalBytes;
    host = await PrivateDockerd.start();
    docker = new Docker({ socketPath: host.socketPath });
    return () => host.stop();
  });

  async function start(name: string, command: string, limitBytes = 0): Promise<Docker.Container> {
    const [image] = await docker.listImages();
    const container = await docker.createContainer({
      name,
      Image: image?.Id ?? '',
      Cmd: ['/bin/sh', '-c', command],
      HostConfig: { NetworkMode: 'none', Memory: limitBytes },
    });
    await container.start();
    return container;
  }

  async function pidOf(container: Docker.Container): Promise<number> {
    return (await container.inspect()).State.Pid;
  }

  async function ready(container: Docker.Container): Promise<number> {
    const pid = await pidOf(container);
    for (let attempt = 0; !existsSync(`/proc/${pid}/root/ready`); attempt++) {
      if (attempt === 100) throw new Error('the container does not get ready');
      await sleep(100);
    }
    return pid;
  }

  it.for([
    ['limited', 256 * mib],
    ['unlimited', 0],
  ] as const)('has the figures of docker stats: %s', async ([name, limitBytes], { skip }) => {
    skip(obstacle !== undefined, obstacle);
    const container = await start(name, hog, limitBytes);
    try {
      const pid = await ready(container);
      const cgroup = cgroupOfProcess(pid);
      const ours = dockerMemoryOf(cgroup, memTotalBytes);
      const api = (await container.stats({ stream: false })) as unknown as ContainerStats;
      const { stdout } = await run('docker', [
        ...['-H', `unix://${host.socketPath}`, 'stats', '--no-stream', '--format'],
        '{{.MemUsage}} {{.MemPerc}}',
        container.id,
      ]);
      const [, shown = '', unit = '', share = ''] =
        /^([\d.]+)(\w+) \/ \S+ ([\d.]+)%$/.exec(stdout.trim()) ?? [];

      expect(cgroup.stat?.anonBytes).toBeGreaterThan(100 * mib);
      expect(cgroup.stat?.inactiveFileBytes).toBeGreaterThan(10 * mib);
      expect(cgroup.limits.max).toBe(limitBytes === 0 ? 'max' : limitBytes);
      expect(ours?.limitBytes).toBe(api.memory_stats.limit);
      expect(unit).toBe('MiB');
      const printed = Number(shown) * mib;
      const { usage, stats } = api.memory_stats;
      const answered = usage - (stats.total_inactive_file ?? stats.inactive_file ?? NaN);
      // Theirs were read between these two, while the container went on.
      const used = [ours, dockerMemoryOf(cgroupOfProcess(pid), memTotalBytes)].map(
        (one) => one?.usedBytes ?? NaN,
      );
      for (const theirs of [answered, printed]) {
        const nearest = Math.min(...used.map((bytes) => Math.abs(bytes / theirs - 1)));
        expect(nearest, `${used.join(', ')} and ${theirs}`).toBeLessThan(0.01);
      }
      expect(Math.abs((ours?.percent ?? NaN) - Number(share))).toBeLessThan(
        Math.max(0.011, Number(share) * 0.01),
      );
      expect(cgroup.workingSetBytes).toBe(ours?.usedBytes);
    } finally {
      await host.remove(name);
    }
  });

  it('knows the processes of a container, also those in a group of its own making', async ({ skip }) => {
    skip(obstacle !== undefined, obstacle);
    const [one, other] = [
      await start('one', 'sleep 86400 & touch /ready; wait'),
      await start('other', 'sleep 86400'),
    ];
    try {
      const pid = await ready(one);
      const { Processes } = (await one.top({ ps_args: '-o pid' })) as { Processes: string[][] };
      const pids = Processes.map(([word]) => Number(word));
      expect(pids).toHaveLength(2);
      expect(pids).toContain(pid);
      // The parent group is the laboratory's own, so the path does not tell the runtime.
      const owner = { kind: 'container', runtime: undefined, id: one.id };
      for (const each of pids) expect(ownerOfProcess(membershipOf(each))).toEqual(owner);
      expect(ownerOfProcess(membershipOf(await pidOf(other)))).toEqual({ ...owner, id: other.id });
      expect(ownerOfProcess(membershipOf('self'))?.kind).not.toBe('container');

      const { version, path } = memoryGroupOf(membershipOf(pid)) ?? { version: 1, path: '' };
      const folder = join('/', cgroupFolder(version, path), 'workers');
      const child = pids.find((each) => each !== pid) ?? NaN;
      mkdirSync(folder);
      writeFileSync(join(folder, 'cgroup.procs'), String(child));
      expect(memoryGroupOf(membershipOf(child))?.path).toBe(`${path}/workers`);
      expect(ownerOfProcess(membershipOf(child))).toEqual(owner);
      writeFileSync(join(folder, '..', 'cgroup.procs'), String(child));
      rmdirSync(folder);
    } finally {
      await host.remove('one');
      await host.remove('other');
    }
  });

  it('tells from inside a container what it may use', async ({ skip }) => {
    skip(obstacle !== undefined, obstacle);
    const container = await start('inside', hog, 256 * mib);
    try {
      const pid = await ready(container);
      // As that process sees them: its own mounts, and its own /proc.
      const seen = (root: string): Record<string, string> =>
        Object.fromEntries(
          insidePaths.flatMap(({ path }) => {
            const text = textOf(join(root, path));
            return text === undefined ? [] : [[path, text]];
          }),
        );
      const facts = { memTotalBytes, zones: undefined, pageSizeBytes: 4096 };
      const view = insideOf(seen(`proc/${pid}/root`), facts);
      const { currentBytes, workingSetBytes } = cgroupOfProcess(pid);
      expect(view).toMatchObject({
        container: 'docker',
        limitBytes: 256 * mib,
        highBytes: undefined,
        machineTotalBytes: memTotalBytes,
        ownMeminfo: false,
      });
      // Read a moment later.
      expect(Math.abs((view?.usageBytes ?? 0) - (currentBytes ?? NaN))).toBeLessThan(5 * mib);
      expect(Math.abs((view?.workingSetBytes ?? 0) - (workingSetBytes ?? NaN))).toBeLessThan(5 * mib);
      expect(insideOf(seen(''), facts)).toBeUndefined();
    } finally {
      await host.remove('inside');
    }
  });
});
