import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostMonitor } from '../../../src/monitor/hostMonitor';
import { openSshTransport, type OpenSshOptions } from '../../../src/transport/openssh/openSsh';
import { dockerdObstacle, PrivateDockerd } from '../lab/dockerd';
import { kernelLogObstacle } from '../lab/kernelLog';
import { markSessions, sessionProcesses } from '../lab/sessions';
import { trust } from '../lab/trust';
import { until } from '../lab/until';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { kinds, more, reach, watch, type Watching, type WatchOptions } from '../watching';
import { optionsFor, scripted } from './attaching';
import { sshPrograms, withoutServersKey } from './opensshAttaching';

const mark = `openssh-monitor-${process.pid}`;

let sshd: Sshd;
let watched: Watching | undefined;
beforeEach(async () => {
  sshd = await startSshd({ config: [markSessions(mark)] });
  trust(sshd);
});
afterEach(async () => {
  watched?.monitor.stop();
  watched = undefined;
  await sshd.stop();
});

/** A key that needs a passphrase, which counts alone. */
function withLockedKey(): OpenSshOptions {
  const file = sshd.file('locked');
  makeKey(file, { passphrase: 'open sesame' });
  sshd.authorize(`${file}.pub`);
  return withoutServersKey(sshd, optionsFor(sshd, [`IdentityFile ${file}`]));
}

function watchOver(options: OpenSshOptions, more: WatchOptions = {}): Watching {
  watched = watch(openSshTransport(options), more);
  return watched;
}

async function readyToAct(monitor: HostMonitor): Promise<void> {
  await until(() => monitor.rescue?.isRoot === true, 20_000);
  expect(await monitor.rescue?.ping()).toMatchObject({ kind: 'answered' });
}

describe('a host that is watched over the system ssh', () => {
  it('is live, with samples, kernel log, rescue shell and the containers, over one ssh program', async ({
    skip,
  }) => {
    const obstacle = dockerdObstacle() ?? kernelLogObstacle();
    skip(obstacle !== undefined, obstacle);
    const dockerd = await PrivateDockerd.start();
    try {
      await dockerd.run('web');
      const options = optionsFor(sshd);
      const dockerSocket = dockerd.socketPath;
      const watching = watchOver(options, { act: true, dockerSocket, survey: true, kernelLog: true });
      const { monitor } = watching;
      await reach(watching, 'live');
      await more(watching, 5);
      await readyToAct(monitor);
      await until(() => monitor.oom.logState?.kind === 'reading');
      await until(() => monitor.containerList !== undefined, 20_000);
      expect(monitor.containerList?.containers.map(({ name }) => name)).toEqual(['web']);
      expect(sshPrograms(options.configFile ?? '')).toHaveLength(1);
      monitor.stop();
      await until(() => sshPrograms(options.configFile ?? '').length + sessionProcesses(mark).length === 0);
    } finally {
      await dockerd.stop();
    }
  });

  it('is silent, not closed, while its server stands still, and live again over the same connection', async () => {
    const watching = watchOver(optionsFor(sshd), { timing: { secondMs: 60_000 } });
    await reach(watching, 'live');
    await more(watching, 5);
    const { connection } = watching.monitor;
    sshd.signalSessions('SIGSTOP');
    await reach(watching, 'silent');
    sshd.signalSessions('SIGCONT');
    await reach(watching, 'live');
    await more(watching, 5);
    expect(watching.monitor.connection).toBe(connection);
    expect(kinds(watching)).not.toContain('reconnecting');
  });

  it('is connected again when its server was killed, and nobody is asked again', async () => {
    const prompts = scripted({ secret: () => Promise.resolve('open sesame') });
    const watching = watchOver(withLockedKey(), { prompts });
    await reach(watching, 'live');
    await more(watching, 3);
    sshd.kill9();
    await reach(watching, 'reconnecting');
    await sshd.start();
    await reach(watching, 'live', 20_000);
    await more(watching, 3);
    expect(prompts.asked).toHaveLength(1);
  });

  it('without multiplexing, as on Windows (here on Linux, with it turned off): live, a rescue shell, nobody asked again', async () => {
    const options = { ...withLockedKey(), multiplexing: false };
    const prompts = scripted({ secret: () => Promise.resolve('open sesame') });
    const watching = watchOver(options, {
      prompts,
      act: true,
      dockerSocket: '/run/no-such-docker.sock',
      survey: true,
    });
    await reach(watching, 'live');
    await more(watching, 5);
    await readyToAct(watching.monitor);
    expect(prompts.asked).toHaveLength(1);
    watching.monitor.stop();
    await until(() => sshPrograms(options.configFile ?? '').length + sessionProcesses(mark).length === 0);
  });
});
