import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import type { ContainerAction } from '../../src/core/containers/containerAction';
import { ContainerApi } from '../../src/monitor/docker/containerApi';
import { runRescue } from '../../src/monitor/rescue/killContainers';
import type { ApiAnswer, KillingApi, RescueEvent } from '../../src/monitor/rescue/rescueEvent';
import type { RescueTarget } from '../../src/monitor/rescue/rescuePlan';
import { RescueShell } from '../../src/monitor/rescue/rescueShell';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';
import { MemoryCgroup } from './lab/memoryCgroup';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor, run } from './transport/attaching';
import { trust } from './lab/trust';
import { sleep } from './watching';

/*
 * A host in small: one memory cgroup with a tight limit holds the SSH server, whatever it starts, and containers that read
 * more than fits, again and again. The code of the programs that are started there is dropped and read again from the disk, as
 * on a machine that thrashes; dockerd is outside, and as quick for the one way as for the other.
 */
const mib = 2 ** 20;
const limitBytes = 64 * mib;
const hogs = 3;
const hogBytes = 40 * mib;
/** A second. Without need for memory there are none. */
const leastRefaults = 5000;
/** Whoever has not killed them by then has not in this test. */
const longestMs = 20_000;

let folder: string;
let dockerd: PrivateDockerd;
let docker: Docker;
let sshd: Sshd;
let group: MemoryCgroup;
let program: string;

beforeEach(async ({ skip }) => {
  const installed = findProgram('docker');
  const obstacle = dockerdObstacle() ?? (installed === undefined ? 'not installed: docker-cli' : undefined);
  skip(obstacle !== undefined, obstacle);
  folder = mkdtempSync(join(tmpdir(), 'thrash-'));
  // Pages count for the group that reads them first: files of our own, which are in nobody's cache.
  program = join(folder, 'docker');
  copyFileSync(installed ?? '', program);
  const code = Buffer.alloc(hogBytes);
  for (let hog = 0; hog < hogs; hog++) writeFileSync(join(folder, `code-${hog}`), randomFillSync(code));
  for (const name of ['docker', ...Array.from({ length: hogs }, (_, hog) => `code-${hog}`)])
    dropFromCache(name);

  dockerd = await PrivateDockerd.start();
  docker = new Docker({ socketPath: dockerd.socketPath });
  const name = basename(dirname(dockerd.socketPath));
  group = MemoryCgroup.create(name); // under which dockerd makes the groups of its containers, and which it removes
  await group.limit(limitBytes);
  const within = join(group.folder, 'sshd');
  mkdirSync(within);
  sshd = await startSshd({ within: ['sh', '-c', `echo $$ >${within}/cgroup.procs; exec "$@"`, 'sh'] });
  trust(sshd);
});
afterEach(async () => {
  if (!existsSync(folder)) return;
  await sshd.stop();
  await dockerd.stop();
  rmSync(folder, { recursive: true });
});

function dropFromCache(name: string): void {
  const file = join(folder, name);
  execFileSync('sync', [file]);
  execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
}

/** Containers that read what does not fit, and that dockerd would start again. */
async function startHogs(run: string): Promise<RescueTarget[]> {
  const start = async (_: unknown, hog: number): Promise<RescueTarget> => {
    const container = await docker.createContainer({
      name: `${run}-${hog}`,
      Image: 'busybox-of-this-machine:latest',
      Cmd: ['/bin/sh', '-c', 'while :; do cat /code >/dev/null; done'],
      HostConfig: {
        NetworkMode: 'none',
        Binds: [`${join(folder, `code-${hog}`)}:/code:ro`],
        RestartPolicy: { Name: 'always' },
      },
    });
    await container.start();
    return { id: container.id, cgroup: `${group.path}/${container.id}` };
  };
  const targets = await Promise.all(Array.from({ length: hogs }, start));
  await expect.poll(refaultsPerSecond, { timeout: 15_000 }).toBeGreaterThan(leastRefaults);
  return targets;
}

function countOf(file: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1]);
}

/** Pages that were dropped and read again, on the whole machine. */
async function refaultsPerSecond(): Promise<number> {
  const refaults = (): number => countOf('/proc/vmstat', /^workingset_refault_file (\d+)$/m);
  const before = refaults();
  await sleep(500);
  return 2 * (refaults() - before);
}

/** How long tasks have waited for memory, in ms; undefined where the kernel does not tell. */
function stalledMs(): number | undefined {
  if (!existsSync('/proc/pressure/memory')) return undefined;
  return countOf('/proc/pressure/memory', /^some .*total=(\d+)$/m) / 1000;
}

function running(): Promise<string[]> {
  return dockerd.list().then((all) => all.filter((one) => one.running).map(({ name }) => name));
}

function killingApi(api: ContainerApi): KillingApi {
  const act = async (action: ContainerAction, id: string): Promise<ApiAnswer> => {
    const containers = api.latest?.containers.filter((container) => container.id === id) ?? [];
    const [result] = await api.act(action, containers);
    return result ?? { outcome: 'not-sent' };
  };
  return {
    kill: (id) => act({ kind: 'kill' }, id),
    disableRestart: (id) => act({ kind: 'disable-restart' }, id),
  };
}

it('gets back a host in small that thrashes, sooner than docker kill over a new connection', async () => {
  // Open while the host is well, as when it is attached.
  const connection = await connect(optionsFor(sshd));
  const shell = await RescueShell.open(connection, { sudo: false });
  const api = await ContainerApi.open(connection, { socketPath: dockerd.socketPath, sudo: false });

  const stalledBeforeMs = stalledMs();
  const targets = await startHogs('ours');
  await api.list();
  const refaults = await refaultsPerSecond();
  const events: RescueEvent[] = [];
  const startedAtMs = performance.now();
  const results = await runRescue(targets, {
    lane: shell,
    api: killingApi(api),
    signal: AbortSignal.timeout(longestMs),
    cut: connection.closed,
    onEvent: (event) => events.push(event),
  });
  const oursMs = performance.now() - startedAtMs;
  expect(results.map(({ outcome }) => outcome)).toEqual(targets.map(() => 'killed'));
  expect(await running()).toEqual([]);
  connection.close();

  await startHogs('theirs');
  const theirRefaults = await refaultsPerSecond();
  const theirsAtMs = performance.now();
  const kill = `${program} -H unix://${dockerd.socketPath}`;
  const other = await connect(optionsFor(sshd));
  const ended = run(other, `${kill} kill $(${kill} ps -q)`);
  await Promise.race([ended, sleep(longestMs)]);
  const theirsMs = performance.now() - theirsAtMs;
  const left = await running();
  other.close();

  const stalled = stalledMs();
  const lines = [
    `thrash: ${refaults} and ${theirRefaults} refaults a second, tasks stalled for memory ${
      stalled === undefined ? '?' : Math.round(stalled - (stalledBeforeMs ?? 0))
    } ms in all`,
    ...events
      .filter(({ target, outcome }) => target === undefined && outcome === 'ended')
      .map(({ step, elapsedMs }) => `  ${step}: ${elapsedMs.toFixed(0)} ms`),
    `kill-all from here: ${oursMs.toFixed(0)} ms`,
    `ssh, docker kill $(docker ps -q): ${theirsMs.toFixed(0)} ms${left.length > 0 ? `, and ${left.length} still run` : ''}`,
    `ratio: ${(oursMs / theirsMs).toFixed(3)}`,
  ];
  console.info(lines.join('\n'));
  expect(Math.min(refaults, theirRefaults)).toBeGreaterThan(leastRefaults);
  expect(oursMs).toBeLessThan(theirsMs);
}, 90_000);
