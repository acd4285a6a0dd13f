import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../../src/monitor/session';
import type { Transport } from '../../src/transport/connection';
import { transportTo } from '../../src/transport/transportTo';
import { findHoles } from '../../src/webview/rows';
import { neverAsked } from '../host/prompts';
import { startTinyVm, type TinyVm } from './lab/tinyVm';
import { Watch } from './lab/watch';

/** Slow enough that programs wait seconds for their own code when memory is short. */
const diskBytesPerSecond = 10 << 20;

describe('a tiny machine of another kernel, with busybox and dropbear', () => {
  let vm: TinyVm;
  let transport: Transport;

  beforeAll(async () => {
    vm = await startTinyVm({ diskBytesPerSecond });
    const folder = mkdtempSync(join(tmpdir(), 'attach-'));
    const configFile = join(folder, 'ssh_config');
    writeFileSync(join(folder, 'known_hosts'), `${vm.knownHostsLine}\n`);
    writeFileSync(configFile, vm.sshConfig('tiny', join(folder, 'known_hosts')));
    transport = transportTo('tiny', { configFile });
    return async () => {
      await vm.stop();
      rmSync(folder, { recursive: true });
    };
  });

  it('tells what it is, by means of its own shell and awk', async () => {
    const session = await Session.open(transport, neverAsked, new AbortController().signal);
    session.close();
    expect(session.hello).toMatchObject({ shell: 'sh', awk: 'awk' });
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

  it('stays watched while its processes are killed over and over', async () => {
    const programs = await vm.programs();
    const watch = new Watch(transport);
    try {
      await watch.until(({ monitor }) => monitor.oom.logState?.kind === 'reading', 20_000);
      await watch.until(({ moments }) => moments.length >= 5, 20_000);
      expect(watch.latest.sample.problems).toEqual({});
      expect(watch.latest.sample.vmstat?.oomKill).toBe(0);

      await vm.startRespawningLoad();
      const killed = (): string[] => watch.victims.filter((name) => name === 'jupyter-noteboo');
      await watch.until(
        () => watch.oomKills >= 8 && killed().length >= 3 && watch.silences.length > 0,
        120_000,
      );
      await vm.endRespawningLoad(60_000);
      const answers = watch.moments.length;
      await watch.until(({ moments }) => moments.length >= answers + 5, 30_000);
      console.info(watch.figures());

      // Nothing was missed: each kill counted once over the gaps, each question answered, the silence a hole in the chart.
      expect(watch.oomKills).toBe(await vm.oomKills());
      expect(watch.unansweredQuestions()).toEqual([]);
      expect(findHoles(watch.monitor.history.since().map(({ at }) => at))).not.toEqual([]);
      expect(watch.monitor.state.kind).toBe('live');
    } finally {
      watch.monitor.stop();
    }
    await expect.poll(() => vm.programs(), { timeout: 15_000 }).toEqual(programs);
  });
});
