import { setTimeout as sleep } from 'node:timers/promises';
import { lacksPolicy } from '../../src/core/oomEvents/startedByRuntime';
import { reach } from '../../test/vm/lab/reach';
import { cacheFolder, kernelFolder, type VirtualMachine } from '../../test/vm/lab/virtualMachine';
import { Watch } from '../../test/vm/lab/watch';
import { containerCount, startRescueVm } from '../rescue/rescueVm';
import { report } from './report';

/** Where the images are: those of bench/rescue. */
export const folders = { machine: cacheFolder('rescue'), kernel: kernelFolder };

/** Each takes so much, and then holds it: together more than the machine has. */
const containerMb = 260;
/** So fast that the machine is full within a minute, and so slowly that it is near its end for a while. */
const mbPerSecond = 8;

/** What is on its way in the end has to come home: the last line of the log, who came back. */
const leastAfterwardsMs = 30_000;
/** A minute after a kill it is settled whether somebody came back, two where Docker does not answer; surveys are rare by then. */
const mostAfterwardsMs = 150_000;

/** Boots the machine, has its containers killed and restarted for so long. @returns Markdown. */
export async function killing(seconds: number): Promise<string> {
  console.error('booting …');
  const vm = await startRescueVm(folders.machine);
  const reached = reach(vm, 'kills');
  const watch = new Watch(reached.transport, undefined, {
    act: true,
    dockerSocket: () => '/var/run/docker.sock',
  });
  const progress = setInterval(() => console.error(progressText(watch)), 15_000);
  try {
    await vm.dockerReady(300_000);
    await watch.until(({ monitor }) => (monitor.containers?.warmChannels ?? 0) > 0, 120_000);
    await startContainers(vm);
    await watch.until(({ monitor }) => monitor.containerList?.containers.length === containerCount, 60_000);
    await vm.ssh('touch /srv/start');
    await sleep(seconds * 1000);
    // Who is killed from now on comes back and waits.
    await vm.ssh('rm /srv/start', 300_000);
    await sleep(leastAfterwardsMs);
    await watch.until(isSettled, mostAfterwardsMs).catch(() => console.error('not every kill is settled'));
    return report(watch);
  } finally {
    clearInterval(progress);
    watch.monitor.stop();
    reached.forget();
    await vm.stop();
  }
}

async function startContainers(vm: VirtualMachine): Promise<void> {
  const options = '--restart=always --network none --log-driver none -v /srv:/srv:ro';
  const eat = `until [ -e /srv/start ]; do sleep 1; done; exec eat ${containerMb} ${mbPerSecond}`;
  for (let number = 1; number <= containerCount; number++) {
    await vm.ssh(`docker run -d --name eater${number} ${options} load sh -c '${eat}'`, 300_000);
  }
}

function isSettled({ monitor }: Watch): boolean {
  return [...monitor.oom.events.values()].every(
    ({ aftermath }) => aftermath && aftermath.kind !== 'waiting' && !lacksPolicy(aftermath),
  );
}

function progressText({ monitor, moments }: Watch): string {
  const { oom, state } = monitor;
  return `${moments.length} samples, ${state.kind}, ${oom.events.size} events, ledger ${JSON.stringify(oom.ledger)}`;
}
