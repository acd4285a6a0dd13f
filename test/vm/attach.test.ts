import { beforeAll, describe, expect, it } from 'vitest';
import { hostToolsOf } from '../../src/core/permissions/hostTools';
import { kernelLogOf } from '../../src/core/permissions/kernelLog';
import type { PermissionContext } from '../../src/core/permissions/permission';
import { unlimited } from '../../src/monitor/programAwk';
import { Session } from '../../src/monitor/session';
import type { Transport } from '../../src/transport/connection';
import { neverAsked } from '../host/prompts';
import { reach } from './lab/reach';
import { startTinyVm, type TinyVm } from './lab/tinyVm';
import { Watch } from './lab/watch';

/** Slow enough that programs wait seconds for their own code when memory is short. */
const diskBytesPerSecond = 30 << 20;

/** What rights are told with, where sudo is not allowed. */
const noSudo: PermissionContext = {
  tools: hostToolsOf(undefined, undefined, undefined),
  sudoAllowed: false,
  dockerSocket: '',
  sudoCommands: [],
};

/** No two samples are further apart, even where the whole machine waits for its own programs. */
const longestGapMs = 90_000;

describe('a tiny machine of another kernel, with busybox and dropbear', () => {
  let vm: TinyVm;
  let transport: Transport;

  beforeAll(async () => {
    vm = await startTinyVm({ diskBytesPerSecond });
    const reached = reach(vm, 'tiny');
    transport = reached.transport;
    return async () => {
      await vm.stop();
      reached.forget();
    };
  });

  it('tells what it is, by means of its own shell and awk', async () => {
    const session = await Session.open(transport, neverAsked, new AbortController().signal, {
      budget: unlimited,
    });
    session.close();
    expect(session.hello).toMatchObject({ shell: 'sh', awk: 'busybox awk' });
    expect(session.facts).toMatchObject({
      osrelease: (await vm.ssh('uname -r')).trim(),
      bootId: (await vm.ssh('cat /proc/sys/kernel/random/boot_id')).trim(),
      processors: 1,
      pageSizeBytes: 4096,
      swaps: [],
      cgroupVersion: '2',
      problems: {},
    });
  });

  it('goes on by its own clock while its SSH server stands still', async () => {
    const watch = new Watch(transport);
    try {
      await watch.until(({ moments }) => moments.length >= 5, 20_000);
      await vm.stopOtherServers(6);
      await watch.until(
        ({ moments }) => moments.filter(({ sample }) => sample.clock === 'own').length >= 2,
        20_000,
      );
      expect(watch.gaps()[0]).toBeLessThan(5000);
      expect(watch.unansweredQuestions()).toEqual([]);
    } finally {
      watch.monitor.stop();
    }
  });

  it('tells an ordinary user, who may not read the kernel log, of a kill by the counters, and what is lacking', async () => {
    const reached = reach(vm, 'ordinary', 'watcher');
    const watch = new Watch(reached.transport, undefined, { dockerSocket: () => '/var/run/docker.sock' });
    try {
      const { oom } = watch.monitor;
      await watch.until(() => oom.logState?.kind === 'denied', 15_000);
      await vm.liveInSmallGroup();
      const known = (): boolean =>
        watch.monitor.survey?.cgroups.all.some(({ path }) => path === '/small') === true;
      await watch.until(known, 20_000);
      await vm.killOne();
      await watch.until(
        () => [...oom.events.values()].some(({ witnessed }) => witnessed?.cgroups.length === 1),
        20_000,
      );

      const events = [...oom.events.values()];
      expect(events.map(({ sources, witnessed }) => [sources, witnessed?.count, witnessed?.cgroups])).toEqual(
        [[['counters'], 1, [{ path: '/small', kills: 1 }]]],
      );
      expect(Math.abs((events[0]?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
      const kills = await vm.oomKills();
      expect(oom.ledger).toEqual({
        bootId: watch.latest.sample.bootId,
        counted: kills,
        explained: 0,
        withoutLog: kills,
        notCounted: 0,
        reasons: ['log-not-readable'],
      });

      await watch.until(({ monitor }) => monitor.permissions !== undefined, 15_000);
      const { permissions = { complete: false } } = watch.monitor;
      expect(kernelLogOf(permissions, noSudo)).toMatchObject({
        state: 'no',
        why: { text: 'kernel.dmesg_restrict is 1: only root may open /dev/kmsg.' },
        remedies: [{ line: 'sudo sysctl -w kernel.dmesg_restrict=0' }],
      });
      await vm.emptySmallGroup();
    } finally {
      watch.monitor.stop();
      reached.forget();
    }
  });

  it('answers every question while its processes are killed over and over', async () => {
    const kills = 20;
    const programs = await vm.programs();
    const watch = new Watch(transport);
    try {
      await watch.until(({ monitor }) => monitor.oom.logState?.kind === 'reading', 15_000);
      await watch.until(({ moments }) => moments.length >= 5, 10_000);
      expect(watch.latest.sample.problems).toEqual({});
      const killsBefore = await vm.oomKills();
      expect(watch.latest.sample.vmstat?.oomKill).toBe(killsBefore);

      await vm.startRespawningLoad();
      const killed = (): string[] => watch.victims.filter((name) => name === 'jupyter-noteboo');
      await watch.until(() => watch.oomKills >= kills && killed().length >= 3, 140_000);
      await vm.endRespawningLoad(45_000);
      const answers = watch.moments.length;
      await watch.until(({ moments }) => moments.length >= answers + 5, 15_000);
      console.info(watch.figures());

      // Nothing was missed: each kill counted once over the gaps, each question answered.
      expect(watch.oomKills).toBe((await vm.oomKills(10_000)) - killsBefore);
      expect(watch.unansweredQuestions()).toEqual([]);
      expect(watch.gaps()[0]).toBeLessThan(longestGapMs);
      expect(watch.monitor.state.kind).toBe('live');
    } finally {
      watch.monitor.stop();
    }
    await expect.poll(() => vm.programs(), { timeout: 10_000 }).toEqual(programs);
  });
});
