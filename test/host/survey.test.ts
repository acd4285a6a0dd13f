import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CgroupTable } from '../../src/core/cgroups/cgroupTable';
import type { SurveyQuestion } from '../../src/core/survey/question';
import type { Frame } from '../../src/monitor/frameReader';
import { unlimited } from '../../src/monitor/programAwk';
import { RemoteProgram } from '../../src/monitor/remoteProgram';
import { fileSets } from '../../src/monitor/fileSets';
import type { Session } from '../../src/monitor/session';
import { surveyFiles } from '../../src/monitor/surveyFiles';
import type { Connection } from '../../src/transport/connection';
import { localTransport } from '../../src/transport/local';
import { FreezerGroup, freezerObstacle } from './lab/freezerGroup';
import { MemoryCgroup, memoryCgroupObstacle } from './lab/memoryCgroup';
import { killIfAlive } from './lab/signal';
import { neverAsked } from './prompts';
import { until } from './lab/until';
import { more, sleep, watch, type Watching } from './watching';

const never = new AbortController().signal;

const hosts = {
  'bash, mawk': { sh: '/bin/dash', bash: '/bin/bash', mawk: '/usr/bin/mawk' },
  'bash, gawk': { sh: '/bin/dash', bash: '/bin/bash', gawk: '/usr/bin/gawk' },
  'dash, mawk': { sh: '/bin/dash', mawk: '/usr/bin/mawk' },
  'dash, original-awk': { sh: '/bin/dash', awk: '/usr/bin/original-awk' },
  busybox: { sh: '/bin/busybox', awk: '/bin/busybox' },
} as const;

const nothing: SurveyQuestion = { list: false, stats: 0, cgroups: 0, sets: [], processes: [] };

/** A second line of a process's arguments looks like a line of ours. */
const forged = 'first line\nMARK S proc/1/stat\n$(reboot) `reboot`';

describe.each(Object.entries(hosts))('a survey of a host with %s', (_, programs) => {
  const missing = Object.values(programs).find((program) => !existsSync(program));
  let bin: string;
  let connection: Connection;
  let program: RemoteProgram;
  let hog: ChildProcess;

  beforeEach(async ({ skip }) => {
    skip(missing !== undefined, `there is no ${missing}`);
    bin = mkdtempSync(join(tmpdir(), 'survey-'));
    for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(bin, name));
    const local = await localTransport().connect(neverAsked, never);
    connection = {
      exec: (command) => local.exec(`PATH=${bin}; export PATH; ${command}`),
      openUnixSocket: (path) => local.openUnixSocket(path),
      close: () => local.close(),
      closed: local.closed,
    };
    ({ program } = await RemoteProgram.start(connection, fileSets, unlimited, { survey: surveyFiles }));
    hog = spawn('/bin/sleep', ['1000'], { argv0: forged });
    await until(() => commandLineOf(pidOf(hog)).startsWith('first line') && stateOf(pidOf(hog)) === 'S');
  });
  afterEach(() => {
    hog.kill();
    connection.close();
    rmSync(bin, { recursive: true });
  });

  async function ask(question: Partial<SurveyQuestion>): Promise<Frame> {
    const answered = new Promise<Frame>((resolve) => (program.onSurvey = resolve));
    await program.ask({ sets: ['fast'], survey: { ...nothing, ...question } }, () => undefined);
    return answered;
  }

  it('lists all processes, and reads each as it is', async () => {
    const { survey, text } = await ask({ list: true, stats: 10_000 });
    expect(survey?.pids).toContain(process.pid);
    expect(survey?.pids).toContain(pidOf(hog));
    const stat = readFileSync(`/proc/${pidOf(hog)}/stat`, 'utf8');
    expect(text[`proc/${pidOf(hog)}/stat`]).toBe(stat);
    expect(Object.keys(text).length).toBeGreaterThan((survey?.pids?.length ?? 0) - 20);
  });

  it('goes through them in slices, and leaves out what has not changed', async () => {
    const first = await ask({ list: true, stats: 5 });
    const left = Number(first.words[1]);
    expect(left).toBe((first.survey?.pids?.length ?? 0) - 5);
    const second = await ask({ stats: 10_000 });
    expect(second.words[1]).toBe('0');
    expect(second.survey?.pids).toBeUndefined();
    const path = `proc/${pidOf(hog)}/stat`;
    expect(first.text[path] ?? second.text[path]).toBeDefined();

    const again = await ask({ list: true, stats: 10_000 });
    expect(again.survey?.unchangedPids).toContain(pidOf(hog));
    expect(again.text[path]).toBeUndefined();
    const fresh = await ask({ list: true, fresh: true, stats: 10_000, schedstats: true });
    expect(fresh.text[path]).toBeDefined();
    expect(fresh.text[`proc/${pidOf(hog)}/schedstat`]).toMatch(/^\d+ \d+ \d+\n$/);
  });

  it('reads the other files of a process; its arguments are no lines of ours', async () => {
    const pid = pidOf(hog);
    const { text, survey } = await ask({ processes: [{ pid, files: ['s', 'g', 'o', 'a', 'c'] }] });
    const files = ['cgroup', 'oom_score', 'oom_score_adj'] as const;
    for (const file of files) {
      expect(text[`proc/${pid}/${file}`]).toBe(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    }
    const uid = process.getuid?.() ?? 0;
    expect(text[`proc/${pid}/status`]).toContain(`Uid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    expect(text[`proc/1/stat`]).toBeUndefined();
    expect(survey?.cgroups).toEqual([]);
    const readsZeros = 'bash' in programs || programs.sh === '/bin/busybox';
    const line = text[`proc/${pid}/cmdline`];
    if (readsZeros) expect(line).toBe(`${forged}\u00011000\u0001\n`);
    else expect(line).toBe('first line\n'); // of what awk reads of it, the first line
  });

  it('finds the memory cgroups of processes and reads them in turn', async ({ skip }) => {
    const folder = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
    const path = memoryCgroupOf(pidOf(hog));
    skip(path === undefined, 'there are no memory cgroups');
    await ask({ processes: [{ pid: pidOf(hog), files: ['g'] }] });
    const { survey, text } = await ask({ cgroups: 100 });
    expect(survey?.cgroups).toContain(path);
    expect(survey?.cgroups).toContain('/');
    const stat = `${folder}${path === '/' ? '' : path}/memory.stat`;
    expect(text[stat.slice(1)]).toMatch(/^(total_cache|anon) \d+$/m);
    const again = await ask({ cgroups: 100 });
    expect(again.survey?.cgroups).toContain('/');
  });

  it('tells of a cgroup that has gone', async ({ skip }) => {
    const root = '/sys/fs/cgroup/memory';
    skip(!existsSync(`${root}/cgroup.procs`), 'there is no memory controller of version 1');
    const name = `survey-test-${process.pid}`;
    mkdirSync(`${root}/${name}`);
    try {
      writeFileSync(`${root}/${name}/cgroup.procs`, String(pidOf(hog)));
      await ask({ processes: [{ pid: pidOf(hog), files: ['g'] }] });
      expect((await ask({ cgroups: 20 })).survey?.cgroups).toContain(`/${name}`);
      writeFileSync(`${root}/cgroup.procs`, String(pidOf(hog)));
    } finally {
      rmdirSync(`${root}/${name}`);
    }
    const { survey } = await ask({ cgroups: 20 });
    expect(survey?.goneCgroups).toEqual([`/${name}`]);
    expect(survey?.cgroups).not.toContain(`/${name}`);
    expect((await ask({ cgroups: 20 })).survey?.goneCgroups).toEqual([]);
  });

  it.for([1, 2] as const)(
    'tells that a group stands still, by the freezer of version %i',
    async (version, { skip }) => {
      const obstacle = memoryCgroupObstacle() ?? freezerObstacle(version);
      skip(obstacle !== undefined, obstacle);
      const name = `survey-frozen-${process.pid}-${version}`;
      const memory = MemoryCgroup.create(name);
      // Where version 2 has both, they are in one group.
      const freezer = memory.version === 2 && version === 2 ? undefined : FreezerGroup.create(version, name);
      const folder = freezer?.folder ?? memory.folder;
      const [file, ice, water] =
        version === 1 ? ['freezer.state', 'FROZEN', 'THAWED'] : ['cgroup.freeze', '1', '0'];
      const table = new CgroupTable();
      const frozen = async (): Promise<boolean | undefined> => {
        const { survey, text, unreadable } = await ask({ cgroups: 100 });
        const { cgroups = [], goneCgroups = [] } = survey ?? {};
        const capture = { bootId: 'b', hostUptimeMs: performance.now(), unchangedPids: [], unreadable };
        table.add({ ...capture, cgroups, goneCgroups, text });
        return table.get(`/${name}`)?.frozen;
      };
      try {
        for (const group of new Set([memory.folder, folder]))
          writeFileSync(join(group, 'cgroup.procs'), String(pidOf(hog)));
        await ask({ processes: [{ pid: pidOf(hog), files: ['g'] }] });
        expect(await frozen()).toBe(false);
        writeFileSync(join(folder, file), ice);
        await expect.poll(frozen).toBe(true);
        expect(await frozen()).toBe(true); // it is not sent again
        writeFileSync(join(folder, file), water);
        await expect.poll(frozen).toBe(false);
        expect(table.problems).toEqual({});
      } finally {
        writeFileSync(join(folder, file), water);
        killIfAlive(pidOf(hog));
        await memory.remove();
        await freezer?.remove();
      }
    },
  );

  it('reads sets, of which some files are one for each device', async () => {
    const { text, unreadable } = await ask({ sets: ['buddyinfo', 'nodeMeminfo', 'arcstats'] });
    // Chunks come and go from one moment to the next, and their numbers stand in columns.
    const shape = (buddyinfo = ''): string => buddyinfo.replaceAll(/ +\d+(?= )/g, ' N');
    expect(shape(text['proc/buddyinfo'])).toBe(shape(readFileSync('/proc/buddyinfo', 'utf8')));
    const nodes = readdirSync('/sys/devices/system/node').filter((name) => /^node\d+$/.test(name));
    for (const node of nodes) expect(text[`sys/devices/system/node/${node}/meminfo`]).toBeDefined();
    expect(unreadable).toEqual(
      existsSync('/proc/spl/kstat/zfs/arcstats') ? [] : ['proc/spl/kstat/zfs/arcstats'],
    );
  });

  it('does not hold up samples, nor end them with it', async () => {
    const { cost } = await ask({ list: true, stats: 1 });
    const pids = cost.map(({ pid }) => Number(pid));
    expect(pids).toHaveLength(2);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    let answered = false;
    program.onSurvey = () => (answered = true);
    const before = performance.now();
    for (let question = 0; question < 5; question++) {
      await program.ask({ sets: ['fast'], survey: { ...nothing, list: true } }, () => undefined);
    }
    expect(performance.now() - before).toBeLessThan(5000);
    expect(answered).toBe(false);
    expect(program.takesSurvey).toBe(false); // the first one is open
    const [awk = 0, shell = 0] = pids;
    process.kill(awk, 'SIGKILL');
    process.kill(shell, 'SIGCONT');
    await sleep(50);
    expect(program.surveyEnded).toBe(false);
    await expect
      .poll(
        async () => {
          // As after a minute in which no answer has come.
          Object.assign(program, { surveyAskedAtMs: undefined });
          await program.ask({ sets: ['fast'], survey: nothing }, () => undefined);
          return program.surveyEnded;
        },
        { timeout: 5000 },
      )
      .toBe(true);
    await program.ask({ sets: ['fast'] }, () => undefined);
    expect(program.takesSurvey).toBe(false);
  });

  it('is asked for a few times where no answer comes, and then counts as ended', async () => {
    const { cost } = await ask({ list: true, stats: 1 });
    const pids = cost.map(({ pid }) => Number(pid));
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    let asked = 0;
    while (!program.surveyEnded && asked < 100) {
      Object.assign(program, { surveyAskedAtMs: undefined }); // as after a minute
      await program.ask({ sets: ['fast'], survey: nothing }, () => undefined);
      asked += 1;
    }
    expect(asked).toBe(10);
    expect(program.takesSurvey).toBe(false);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  });
});

describe('a host that is surveyed', () => {
  let watching: Watching;
  beforeEach(() => {
    watching = watch(localTransport(), { survey: true, intervalMs: 200 });
  });
  afterEach(() => watching.monitor.stop());

  it('is known after a while: processes, cgroups and slow sources, and goes on to be', async () => {
    const { monitor } = watching;
    await until(
      () => (monitor.survey?.processes.get(process.pid)?.details?.commandLine ?? '') !== '',
      60_000,
    );
    const survey = monitor.survey;
    const self = survey?.processes.get(process.pid);
    expect(self?.details?.status?.uid).toBe(process.getuid?.());
    expect(self?.rssBytes).toBeGreaterThan(20e6);
    expect(Object.values(survey?.processes.problems ?? {})).toEqual([]);
    expect(Object.values(survey?.cgroups.problems ?? {})).toEqual([]);
    await until(() => monitor.survey?.slow.sockstat !== undefined, 20_000);
    const readAtMs = self?.readAtMs ?? Infinity;
    await until(() => (monitor.survey?.processes.get(process.pid)?.readAtMs ?? 0) > readAtMs, 20_000);
    if (memoryCgroupOf(process.pid) !== undefined) {
      await until(() => monitor.survey?.cgroups.get('/') !== undefined, 20_000);
    }
  }, 120_000);

  it('is known as before when another program has taken over', async () => {
    const { monitor } = watching;
    // A container may run hardly anything else.
    const others = Array.from({ length: 20 }, () => spawn('/bin/sleep', ['1000']));
    onTestFinished(() => others.forEach((other) => other.kill()));
    const cgroupOf = (pid: number) => monitor.survey?.processes.get(pid)?.details?.cgroup;
    const all = [process.pid, ...others.map(pidOf)];
    await until(() => all.every((pid) => cgroupOf(pid) !== undefined), 60_000);
    const asked: number[] = [];
    monitor.onSurvey(({ text }) => {
      for (const path of Object.keys(text)) {
        const [, pid] = /^proc\/(\d+)\/cgroup$/.exec(path) ?? [];
        if (pid !== undefined) asked.push(Number(pid));
      }
    });
    const before = cgroupOf(process.pid);
    const { session } = monitor as unknown as { session: Session };
    expect(await session.renew()).toBeUndefined();
    await until(() => asked.filter((pid) => pid === process.pid).length > 0, 30_000);
    expect(cgroupOf(process.pid)).toEqual(before);
    await until(() => all.every((pid) => asked.includes(pid)), 30_000);
  }, 150_000);

  it('has the part that reads it started anew when that has ended', async () => {
    const { monitor, logged } = watching;
    await until(() => monitor.cost?.residentBytes !== undefined && monitor.survey !== undefined, 20_000);
    // Both of its processes at once, while no question is open: otherwise it takes half a minute until that is known.
    const killed = new Promise<number>((resolve) => {
      const subscription = monitor.onSurvey(() => {
        const awks = ownDescendants().filter(isSurveyAwk);
        const shells = awks.flatMap(surveyShellsBefore);
        for (const pid of [...awks, ...shells]) process.kill(pid, 'SIGKILL');
        subscription.dispose();
        resolve(awks.length + shells.length);
      });
    });
    expect(await killed).toBe(2);
    await until(() => logged.some((line) => line.includes('started anew')), 20_000);
    let slices = 0;
    monitor.onSurvey(() => (slices += 1));
    await until(() => slices > 5, 20_000);
    await more(watching, 5);
    expect(monitor.state.kind).toBe('live');
  }, 60_000);
});

function ownDescendants(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isBelow(pid, process.pid));
}

/** Who writes into the pipe that an awk reads, and reads no standard input of ours: the shell before it. */
function surveyShellsBefore(awk: number): number[] {
  const pipe = readlinkSync(`/proc/${awk}/fd/0`);
  return ownDescendants().filter((pid) => pid !== awk && linkOf(`/proc/${pid}/fd/1`) === pipe);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function isSurveyAwk(pid: number): boolean {
  return commandLineOf(pid).includes('noteCgroups');
}

function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

function stateOf(pid: number): string | undefined {
  return statFieldsOf(pid)[0];
}

function parentOf(pid: number): number {
  return Number(statFieldsOf(pid)[1] ?? 0);
}

/** Behind the name; none where it has ended. */
function statFieldsOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('it was not started');
  return pid;
}

function memoryCgroupOf(pid: number): string | undefined {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const v1 = lines.find((line) => /^\d+:([^:]*,)?memory(,[^:]*)?:/.test(line));
  const own = v1 ?? lines.find((line) => line.startsWith('0::'));
  if (own === undefined || (!v1 && !existsSync('/sys/fs/cgroup/cgroup.controllers'))) return undefined;
  return own.slice(own.indexOf(':', own.indexOf(':') + 1) + 1);
}
