import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Aftermath } from '../../src/core/oomEvents/aftermath';
import type { HostOomEvent } from '../../src/core/oomEvents/hostEvent';
import { lacksPolicy } from '../../src/core/oomEvents/startedByRuntime';
import type { HostMonitor } from '../../src/monitor/hostMonitor';
import { localTransport } from '../../src/transport/local';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';
import { kernelLogObstacle } from './lab/kernelLog';
import { until } from './lab/until';
import { watch, type Watching } from './watching';

const run = promisify(execFile);
const obstacle = dockerdObstacle() ?? kernelLogObstacle();

/** So that it is not a minute; ms. */
const stayedDeadMs = 10_000;

describe('containers that are killed', () => {
  let dockerd: PrivateDockerd;
  let watching: Watching | undefined;
  const started: string[] = [];

  beforeAll(async () => {
    if (obstacle === undefined) dockerd = await PrivateDockerd.start();
  });

  beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle));

  afterEach(async () => {
    watching?.monitor.stop();
    for (const id of started.splice(0)) await dockerd.remove(id);
  });

  afterAll(async () => {
    if (obstacle === undefined) await dockerd.stop();
  });

  /** Watches the machine, without looking at it where that is said. */
  async function watched(looked: boolean): Promise<HostMonitor> {
    watching = watch(localTransport(), {
      kernelLog: true,
      survey: true,
      act: true,
      looked,
      dockerSocket: dockerd.socketPath,
      intervalMs: 500,
      timing: { stayedDeadMs },
    });
    const { monitor } = watching;
    await until(() => monitor.containers !== undefined && monitor.containerList !== undefined, 20_000);
    return monitor;
  }

  /** Starts a container of 40 MB. @returns its id. */
  async function start(name: string, policy: string, ...command: readonly string[]): Promise<string> {
    const limits = ['--memory=40m', '--memory-swap=40m', '--network=none'];
    const options = ['-d', `--name=${name}`, `--restart=${policy}`, ...limits];
    const docker = ['-H', `unix://${dockerd.socketPath}`, 'run', ...options, 'busybox-of-this-machine'];
    const { stdout } = await run('docker', [...docker, ...command]);
    const id = stdout.trim();
    started.push(id);
    return id;
  }

  function killsIn(id: string, { oom }: HostMonitor): readonly HostOomEvent[] {
    const events = [...oom.events.values()];
    return events.filter(({ event }) => event.cgroup?.task?.includes(id));
  }

  it('are named with their restart policy, for a kill and for the loop', async () => {
    const monitor = await watched(true);
    const id = await start('eater', 'always', 'sh', '-c', 'sleep 1; x=0123456789; while :; do x=$x$x; done');
    const loop = () => monitor.oom.loops.find(({ cgroup }) => cgroup?.includes(id));
    const startedBy = () =>
      killsIn(id, monitor).flatMap(({ aftermath }) =>
        aftermath?.kind === 'came-back' ? (aftermath.by ?? []) : [],
      );
    const isPolicyTold = () => startedBy().every((by) => by.kind !== 'container' || by.policy !== undefined);
    await until(() => loop()?.by !== undefined && startedBy().length > 0 && isPolicyTold(), 90_000);
    const byPolicy = { kind: 'container', id, name: 'eater', policy: 'always' };
    expect(loop()).toMatchObject({ by: byPolicy });
    for (const by of startedBy()) expect(by).toEqual(byPolicy);
  }, 120_000);

  it('came back by their policy though another program runs in them then, or stayed dead', async () => {
    const monitor = await watched(false);
    const eat = 'sleep 1; exec busybox tail /dev/zero';
    const wait = 'while :; do sleep 1000; done';
    const [back, gone, goesOn] = await Promise.all([
      start('back', 'always', 'sh', '-c', `[ -e /again ] && ${wait}; : >/again; ${eat}`),
      start('gone', 'no', 'sh', '-c', eat),
      start('goes-on', 'always', 'sh', '-c', `(${eat}); ${wait}`),
    ]);
    const fates = () =>
      [back, gone, goesOn].map((id) => killsIn(id, monitor).map(({ aftermath }) => aftermath));
    const isSettled = (aftermath: Aftermath | undefined) =>
      aftermath !== undefined && aftermath.kind !== 'waiting' && !lacksPolicy(aftermath);
    await until(() => fates().every((some) => some.length > 0 && some.every(isSettled)), 30_000);
    const stayedDead = { kind: 'stayed-dead', watchedMs: expect.any(Number) as number };
    expect(fates()).toEqual([
      [
        {
          kind: 'came-back',
          afterMs: expect.any(Number) as number,
          pid: await dockerd.firstProcessOf(back),
          by: { kind: 'container', id: back, name: 'back', policy: 'always' },
        },
      ],
      [stayedDead],
      [stayedDead],
    ]);
    // Nobody looks: they were asked for because of the kills.
    const { containers = [] } = monitor.containerList ?? {};
    expect(containers.map(({ name }) => name).sort()).toEqual(['back', 'goes-on']);
  }, 60_000);
});
