import { describe, expect, it } from 'vitest';
import type { WatchedCgroup } from '../../../src/core/cgroups/cgroup';
import { ownerName, type CgroupOwner, type SingleOwner } from '../../../src/core/cgroups/cgroupOwner';
import { dockerMemoryOf } from '../../../src/core/cgroups/dockerStats';
import { insideOf } from '../../../src/core/cgroups/inside';
import { ownerOfProcess } from '../../../src/core/cgroups/processOwner';
import { hostFactsOf } from '../../../src/core/hostFacts';
import { ledgerInputsOf } from '../../../src/core/ledger/inputs';
import { allLines, ledgerOf } from '../../../src/core/ledger/ledger';
import { freePagesFrom } from '../../../src/core/proc/buddyinfo';
import { hugePoolsOf } from '../../../src/core/proc/hugepages';
import type { Process } from '../../../src/core/processes/process';
import { readSource, sampleOf, type Reading } from '../../../src/core/sample';
import {
  checkupFamilySources,
  checkupSources,
  familySources,
  slowSources,
  type FamilyId,
  type SlowId,
} from '../../../src/core/survey/sources';
import { matches, Survey } from '../../../src/core/survey/survey';
import { captureOf, procFixtures, surveyCapturesOf, type ProcFixture } from './fixtures';

const MiB = 1024 ** 2;

function surveyed(fixture: ProcFixture) {
  const { texts, unreadable } = fixture;
  const facts = hostFactsOf(texts);
  const { pageSizeBytes = 4096, zones } = facts;
  const sample = sampleOf(captureOf(texts, 1, unreadable));
  const { meminfo, vmstat } = sample;
  if (meminfo === undefined) throw new Error(`${fixture.name} has no meminfo`);
  const captures = surveyCapturesOf(fixture);
  const survey = new Survey(captures[0]?.bootId ?? '', pageSizeBytes);
  for (const capture of captures) survey.add(capture);
  const first = new Survey(survey.bootId, pageSizeBytes);
  for (const capture of captures.slice(0, 1)) first.add(capture);
  const { slow, families } = survey;
  const ledger = ledgerOf(ledgerInputsOf({ meminfo, vmstat, pageSizeBytes }, slow, families));
  const inside = insideOf(texts, { memTotalBytes: meminfo.memTotalBytes, zones, pageSizeBytes });
  const nodes = Object.values(families.nodeMeminfo ?? {}).flatMap(({ value }) => value ?? []);
  return { ...fixture, survey, first, ledger, inside, meminfo, pageSizeBytes, nodes, zones };
}

const hosts = procFixtures.filter((fixture) => surveyCapturesOf(fixture)[0]?.pids?.length).map(surveyed);

function hostNamed(name: string): (typeof hosts)[number] {
  const host = hosts.find((candidate) => candidate.name === name);
  if (host === undefined) throw new Error(`there is no fixture ${name}`);
  return host;
}

function processOf(name: string, pid: number): Process {
  const process = hostNamed(name).survey.processes.get(pid);
  if (process === undefined) throw new Error(`${name} has no process ${pid}`);
  return process;
}

function cgroupOf(name: string, path: string): WatchedCgroup {
  const cgroup = hostNamed(name).survey.cgroups.get(path);
  if (cgroup === undefined) throw new Error(`${name} has no cgroup ${path}`);
  return cgroup;
}

/** e.g. `unit ssh.service`, `docker container 4f3c2a1b0d9e`, `unit notes.service of user 1001`. */
function ownerText(owner: CgroupOwner | undefined): string {
  if (owner === undefined) return 'none';
  const single = (one: SingleOwner): string => {
    const name = one.kind === 'session' ? one.id : ownerName(one);
    const runtime = one.kind === 'container' && one.runtime;
    const manager = one.kind === 'machine' && one.manager;
    const pod = one.kind === 'container' && one.pod && `of ${one.pod.qos} pod ${one.pod.uid.slice(0, 8)}`;
    const user = 'user' in one && `of user ${one.user}`;
    const monitor = 'monitor' in one && 'monitor of';
    return [monitor, runtime, manager, one.kind, name, pod, user]
      .filter((word) => typeof word === 'string')
      .join(' ');
  };
  return owner.inner === undefined ? single(owner) : `${single(owner)}, in it ${single(owner.inner)}`;
}

/** One line for each entry, so that a difference can be read. */
function linesOf(list: readonly unknown[]): string {
  return list.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
}

describe.each(hosts)('$name', (host) => {
  const { name, texts, survey, ledger, inside, meminfo, nodes, pageSizeBytes } = host;
  const { processes, cgroups, slow, families } = survey;

  it('gives the expected objects', async () => {
    const all = [...processes.processes].sort((one, other) => one.pid - other.pid);
    const { passwd, ...others } = slow;
    const slowValues = Object.entries(others).map(([id, { value }]) => [id, value]);
    const sections = {
      processes: linesOf(all),
      cgroups: linesOf(cgroups.all),
      slow: linesOf([...slowValues, ['passwd', [...(passwd?.value ?? [])]]]),
      families: linesOf(
        Object.values<Readonly<Record<string, Reading<unknown>>>>(families).flatMap((readings) =>
          Object.entries(readings).map(([path, { value }]) => [path, value]),
        ),
      ),
      ledger: linesOf(allLines(ledger).map(({ id, bytes }) => [id, bytes])),
      inside: linesOf([inside ?? null]),
    };
    const text = Object.entries(sections).map(([title, lines]) => `  "${title}": [\n${lines}\n  ]`);
    await expect(`{\n${text.join(',\n')}\n}\n`).toMatchFileSnapshot(host.expectedSurveyPath);
  });

  it('has no problem, and reads every file that is there', () => {
    const problems = { ...processes.problems, ...cgroups.problems };
    for (const id of Object.keys(slowSources) as SlowId[]) {
      const { path } = slowSources[id];
      if (slow[id]?.problem) problems[path] = slow[id].problem;
      expect(slow[id]?.value !== undefined, path).toBe(path in texts);
    }
    for (const id of Object.keys(familySources) as FamilyId[]) {
      const paths = Object.keys(texts).filter((path) => matches(path, familySources[id].path));
      const readings: Readonly<Record<string, Reading<unknown>>> = families[id] ?? {};
      expect(Object.keys(readings).sort(), id).toEqual(paths.sort());
      for (const [path, { problem }] of Object.entries(readings)) if (problem) problems[path] = problem;
    }
    for (const source of Object.values(checkupSources)) {
      const { problem } = readSource<unknown>(source, texts, host.unreadable);
      if (problem) problems[source.path] = problem;
    }
    for (const source of Object.values(checkupFamilySources)) {
      for (const path of Object.keys(texts).filter((candidate) => matches(candidate, source.path))) {
        const { problem } = readSource<unknown>({ ...source, path }, texts);
        if (problem) problems[path] = problem;
      }
    }
    expect(problems).toEqual({});
  });

  it('knows every process, and what it belongs to', () => {
    const told = processes.processes.filter(({ stat }) => stat.kernelThread === false);
    const texted = told.map(({ pid, stat, details }) => [
      `${pid} ${stat.name}`,
      ownerText(details?.cgroup && ownerOfProcess(details.cgroup)),
    ]);
    expect(Object.fromEntries(texted)).toEqual(host.owners);
  });

  it('has all of its memory in the ledger, within 3 %', () => {
    const sum = ledger.lines.reduce((total, { bytes = 0 }) => total + bytes, 0);
    expect(sum).toBe(meminfo.memTotalBytes + Math.max(0, -ledger.notAccountedRawBytes));
    const share = ledger.notAccountedRawBytes / meminfo.memTotalBytes;
    expect(share).toBeGreaterThanOrEqual(-0.001);
    expect(share).toBeLessThanOrEqual(0.03);
  });

  it('says the same of a process in both of its files', () => {
    for (const { pid, rssBytes = NaN, stat, details } of host.first.processes.processes) {
      const { vmRssBytes, rssAnonBytes, rssFileBytes, rssShmemBytes } = details?.status ?? {};
      if (stat.kernelThread === true) {
        expect([rssBytes, vmRssBytes, details?.oomScore, details?.commandLine], String(pid)).toEqual([
          0,
          undefined,
          0,
          '',
        ]);
        continue;
      }
      if (vmRssBytes === undefined) throw new Error(`${pid} has no VmRSS`);
      // `stat` leaves out up to 64 pages for each processor (SPLIT_RSS_COUNTING until 6.1, percpu_counter since).
      expect(Math.abs(rssBytes - vmRssBytes), String(pid)).toBeLessThanOrEqual(128 * pageSizeBytes);
      if (rssAnonBytes !== undefined)
        expect(rssAnonBytes + (rssFileBytes ?? NaN) + (rssShmemBytes ?? NaN)).toBe(vmRssBytes);
      expect(details?.status?.threads).toBe(stat.numThreads);
      expect(details?.oomScore).toBeLessThanOrEqual(2000);
    }
  });

  it('has groups that hold what their parts hold', () => {
    for (const parent of cgroups.all) {
      const prefix = parent.path === '/' ? '/' : `${parent.path}/`;
      const parts = cgroups.all.filter(
        ({ path }) => path.startsWith(prefix) && path !== '/' && !path.slice(prefix.length).includes('/'),
      );
      if (parent.currentBytes === undefined) continue;
      const sum = parts.reduce((total, { currentBytes = NaN }) => total + currentBytes, 0);
      // Recorded ones are not read at one moment, and charge ahead.
      expect(sum, parent.path).toBeLessThanOrEqual(parent.currentBytes + 2 * MiB);
    }
  });

  const machine = inside?.ownMeminfo === true ? inside.machineTotalBytes : meminfo.memTotalBytes;

  it('has nodes and zones that add up to the memory of the machine', ({ skip }) => {
    skip(
      name === 'debian12-6.18-groups',
      'its hypervisor gave it more while it ran, which zones and nodes do not count',
    );
    const managed = host.zones?.map((zone) => (zone.managed ?? NaN) * pageSizeBytes);
    if (managed) expect(managed.reduce((sum, bytes) => sum + bytes, 0)).toBe(machine);
    const free = nodes.reduce((sum, { memFreeBytes = NaN }) => sum + memFreeBytes, 0);
    if (nodes.length > 0)
      expect(nodes.reduce((sum, { memTotalBytes = NaN }) => sum + memTotalBytes, 0)).toBe(machine);
    // Files are not read at one moment.
    if (inside === undefined) expect(Math.abs(free - (meminfo.memFreeBytes ?? NaN))).toBeLessThan(16 * MiB);
    const chunks = slow.buddyinfo?.value?.reduce((sum, zone) => sum + freePagesFrom(0, zone), 0) ?? NaN;
    expect(Math.abs(chunks * pageSizeBytes - free)).toBeLessThan(16 * MiB);
  });

  it('has slab caches that fit into `Slab`', () => {
    const { pages } = slow.slabinfo?.value ?? {};
    if (pages === undefined || inside !== undefined) return;
    const bytes = pages * pageSizeBytes;
    // Files are not read at one moment.
    expect(bytes / (meminfo.slabBytes ?? NaN)).toBeGreaterThan(0.7);
    expect(bytes / (meminfo.slabBytes ?? NaN)).toBeLessThan(1.06);
  });
});

it.each(hosts.filter(({ printed }) => 'docker-stats.txt' in printed))(
  '$name: a container has what `docker stats` printed of it',
  ({ name, printed, survey, meminfo }) => {
    const units: Readonly<Record<string, number>> = { KiB: 1024, MiB, GiB: 1024 ** 3 };
    const lines = [
      ...(printed['docker-stats.txt'] ?? '').matchAll(
        /^([0-9a-f]{64}) .* ([\d.]+)([KMG]iB) \/ ([\d.]+)([KMG]iB) /gm,
      ),
    ];
    expect(lines.length, name).toBe(2);
    for (const [, id = '', used, unit = '', limit, limitUnit = ''] of lines) {
      const cgroup = survey.cgroups.all.find(({ path }) => path.includes(id));
      const docker = cgroup && dockerMemoryOf(cgroup, meminfo.memTotalBytes);
      // It prints four digits, and was asked a few seconds later.
      expect(
        Math.abs((docker?.usedBytes ?? NaN) / (Number(used) * (units[unit] ?? NaN)) - 1),
        id,
      ).toBeLessThan(0.03);
      expect((docker?.limitBytes ?? NaN) / (Number(limit) * (units[limitUnit] ?? NaN))).toBeCloseTo(1, 3);
    }
  },
);

describe('pages of 64 KiB', () => {
  it('are what sizes are made of (recorded)', () => {
    const host = hostNamed('busybox-6.1-ppc64le');
    expect(host.pageSizeBytes).toBe(65_536);
    // 95 and 538 pages; `status` says 6080 kB and 34432 kB.
    expect(processOf(host.name, 92).rssBytes).toBe(6_225_920);
    expect(processOf(host.name, 92).details?.status?.vmRssBytes).toBe(6080 * 1024);
    expect(processOf(host.name, 93).rssBytes).toBe(35_258_368);
    expect(processOf(host.name, 93).details?.status?.vmRssBytes).toBe(34_432 * 1024);
    expect(cgroupOf(host.name, '/web').limits.max).toBe(128 * MiB);
    const [, freePages] = /^nr_free_pages (\d+)$/m.exec(host.texts['proc/vmstat'] ?? '') ?? [];
    expect(host.meminfo.memFreeBytes).toBe(Number(freePages) * 65_536);
    // 312 pages wait on the lists of single processors: 19.5 MiB, which would be "not accounted" otherwise.
    expect(allLines(host.ledger).find(({ id }) => id === 'free-processor-lists')?.bytes).toBe(20_447_232);
  });

  it('are what sizes are made of (written)', () => {
    const host = hostNamed('rhel8-4.18-arm64');
    expect(host.pageSizeBytes).toBe(65_536);
    // 12 GiB anonymous and 64 MiB of files at first, 64 MiB more 2 s later.
    const java = processOf(host.name, 2000);
    expect(java.rssBytes).toBe(12 * 1024 * MiB + 128 * MiB);
    expect(java.details?.status?.vmRssBytes).toBe(12 * 1024 * MiB + 64 * MiB);
    expect(java.growthBytesPerSecond).toBe(32 * MiB);
    expect(java.minorFaultsPerSecond).toBe(512);
    // Without a limit version 1 prints the greatest number of whole pages, which is another one here.
    expect(host.texts['sys/fs/cgroup/memory/system.slice/sshd.service/memory.limit_in_bytes']).toBe(
      '9223372036854710272\n',
    );
    expect(cgroupOf(host.name, '/system.slice/sshd.service').limits.max).toBe('max');
    expect(processOf(host.name, 2101)).toMatchObject({
      rssBytes: 11 * 65_536,
      stat: { name: 'odd) name (1' },
    });
    const { families, slow } = host.survey;
    const counts = [families.nrHugepages, families.freeHugepages].flatMap((readings) =>
      Object.entries(readings ?? {}).map(([path, { value = NaN }]) => [path, value] as const),
    );
    const pools = hugePoolsOf(new Map(counts)).map(({ pageBytes, pages, freePages }) => [
      pageBytes / MiB,
      pages,
      freePages,
    ]);
    expect(pools).toEqual([
      [2, 0, 0],
      [512, 4, 2],
      [16_384, 0, 0],
    ]);
    const line = (id: string): number | undefined =>
      allLines(host.ledger).find((one) => one.id === id)?.bytes;
    expect([line('huge-pages'), line('huge-pages-free')]).toEqual([2048 * MiB, 1024 * MiB]);
    expect(line('free-processor-lists')).toBe((slow.pagesets?.value?.pages ?? NaN) * 65_536);
  });
});

describe('by hand', () => {
  it('processes: users, swap, growth, killing order', () => {
    const { slow } = hostNamed('debian12-6.12-containers').survey;
    const report = processOf('debian12-6.12-containers', 551);
    expect(report.details?.status).toMatchObject({ rssAnonBytes: 40_252 * 1024, vmSwapBytes: 31_472 * 1024 });
    const odd = processOf('debian12-6.12-containers', 555);
    expect(slow.passwd?.value?.get(odd.details?.status?.uid ?? NaN)).toBe('anna');
    expect(odd.details?.commandLine).toBe('/usr/local/bin/hog ) R 1 (x allocate 3 1');
    expect(processOf('debian12-6.12-containers', 643).details?.status?.nsPids).toHaveLength(2);
    expect(processOf('debian12-6.12-containers', 245).details).toMatchObject({ oomScoreAdj: 100 });
    expect(processOf('ubuntu16-4.4-docker', 1302).details).toMatchObject({ oomScoreAdj: -500, oomScore: 0 });
    const trainer = processOf('ubuntu22-5.15-kubernetes', 4177);
    // 20 MiB and 9 ticks of 10 ms in 2 s.
    expect(trainer).toMatchObject({ growthBytesPerSecond: 10 * MiB, processorPercent: 4.5 });
    expect(trainer.details).toMatchObject({ oomScoreAdj: 968 });
    expect(processOf('centos7-3.10-busy', 1300).details?.status?.rssAnonBytes).toBeUndefined();
  });

  it('cgroups: limits and what was killed at them', () => {
    const worker = hostNamed('ubuntu22-5.15-kubernetes').survey.cgroups.all.find(
      ({ owner, events }) => owner.kind === 'container' && events?.oomKill === 2,
    );
    expect(worker?.owner).toMatchObject({ kind: 'container', pod: { qos: 'burstable' } });
    expect(worker?.effectiveMax).toEqual({ bytes: 1200 * MiB, path: worker?.path });
    expect(worker?.pressure?.some.avg10Percent).toBe(4.2);
    const user = '/user.slice/user-1000.slice';
    const service = cgroupOf('ubuntu24-6.8-zfs', `${user}/user@1000.service/app.slice/minecraft.service`);
    expect(service.effectiveMax?.bytes).toBe(5 * 1024 * MiB);
    expect(service.effectiveHigh).toEqual({ bytes: 8 * 1024 * MiB, path: user });
    expect(service.limits.swapMax).toBe(0);
    const tomcat = cgroupOf('rhel8-4.18-busy', '/system.slice/tomcat.service');
    expect(tomcat).toMatchObject({ version: 1, swapBytes: 120 * MiB, events: { max: 12, oomKill: 1 } });
    expect(tomcat.effectiveMax?.bytes).toBe(6 * 1024 * MiB);
    // RHEL 7 does not count kills, and Ubuntu 16.04 does not account for swap.
    const [container] = hostNamed('centos7-3.10-busy').survey.cgroups.all.filter(
      ({ owner }) => owner.kind === 'container',
    );
    expect(container?.limits.max).toBe(256 * MiB);
    expect(container?.events).toEqual({ max: 0 });
    expect(cgroupOf('ubuntu16-4.4-docker', '/system.slice/web.service').swapBytes).toBeUndefined();
    for (const name of ['debian12-6.1-v1', 'debian12-6.1-hybrid', 'debian12-6.12-containers'])
      expect(cgroupOf(name, '/system.slice/webapp.service').effectiveMax?.bytes, name).toBe(160 * MiB);
    // `systemctl status` printed "Memory: 67.7M (high: 120.0M max: 160.0M available: 52.2M)".
    const webapp = cgroupOf('debian12-6.12-containers', '/system.slice/webapp.service');
    expect((webapp.currentBytes ?? NaN) / MiB).toBeCloseTo(67.7, 1);
    expect(webapp.limits.high).toBe(120 * MiB);
  });

  it('a guest of LXC: its own limit, and the machine under it', () => {
    expect(hosts.filter(({ inside }) => inside !== undefined).map(({ name }) => name)).toEqual([
      'debian12-6.12-lxc',
    ]);
    const { inside, meminfo } = hostNamed('debian12-6.12-lxc');
    const machine = hostNamed('debian12-6.12-containers').meminfo;
    expect(inside).toMatchObject({
      container: 'lxc',
      limitBytes: 320 * MiB,
      machineTotalBytes: machine.memTotalBytes,
      ownMeminfo: true,
    });
    expect(meminfo.memTotalBytes).toBe(320 * MiB);
    // The root of what it sees is its own group, which has the limit.
    expect(cgroupOf('debian12-6.12-lxc', '/system.slice/webapp.service').effectiveMax).toEqual({
      bytes: 320 * MiB,
      path: '/',
    });
  });

  it('the ledger: compressed swap and the ARC of ZFS', () => {
    const line = (name: string, id: string): number | undefined =>
      allLines(hostNamed(name).ledger).find((one) => one.id === id)?.bytes;
    // `zramctl` printed "TOTAL 168K".
    expect(line('debian12-6.12-containers', 'zram')).toBe(168 * 1024);
    expect(line('ubuntu20-5.4-swapping', 'zram')).toBe(860_626_944);
    expect(line('ubuntu24-6.8-zfs', 'arc')).toBe(14_294_967_296 + 1_503_236_096);
    expect(hostNamed('ubuntu24-6.8-zfs').nodes).toHaveLength(2);
  });
});

it('there are hosts of every kind', () => {
  const versions = hosts.map(({ texts }) => hostFactsOf(texts).cgroupVersion);
  for (const version of ['1', '2', 'hybrid'] as const) expect(versions).toContain(version);
  expect(new Set(hosts.map(({ pageSizeBytes }) => pageSizeBytes))).toEqual(new Set([4096, 65_536]));
});
