import { setTimeout as sleep } from 'node:timers/promises';
import { reach } from '../../test/vm/lab/reach';
import { cacheFolder, kernelFolder } from '../../test/vm/lab/virtualMachine';
import { Observer } from './observer';
import { OurWay, type OurRun } from './ourWay';
import { recoveryOf, type Recovery } from './recovery';
import { report } from './report';
import { containerCount, startRescueVm, type RescueVm } from './rescueVm';
import { killBySsh, patienceMs, type SshRun } from './sshWay';

/** Where the images are. */
export const folders = { machine: cacheFolder('rescue'), kernel: kernelFolder };

export interface RescueOptions {
  /** So many pairs of boots. */
  readonly runs: number;
  /** One of the two ways. Absent: both. */
  readonly only?: 'ours' | 'ssh' | undefined;
}

/** What one boot brought. */
export interface Rescued<Run> {
  readonly run: Run;
  readonly recovery: Recovery;
  /** What Docker says of each container in the end. */
  readonly containers: readonly string[];
}

export interface RescuePair {
  readonly ours?: Rescued<OurRun>;
  readonly bySsh?: Rescued<SshRun>;
}

/** PSI memory full (avg10) from which the machine counts as thrashing, and for how long it has to before the rescue. */
const thrashPercent = 40;
const thrashMs = 60_000;
/** So long is waited for that. */
const untilThrashMs = 900_000;
/** What was told is seen within so long. */
const graceMs = 10_000;
/** All is watched so long after the last container is dead: it must not come back. */
const afterwardsMs = 60_000;

/** Boots the machine, has its containers make it thrash, and kills them; both ways, so often. @returns Markdown. */
export async function rescuing({ runs, only }: RescueOptions): Promise<string> {
  const texts: string[] = [];
  for (let run = 1; run <= runs; run++) {
    const pair: RescuePair = {
      ...(only !== 'ssh' && { ours: await ourRescue() }),
      ...(only !== 'ours' && { bySsh: await sshRescue() }),
    };
    texts.push(report(pair, `Run ${run}`));
    console.error(texts.at(-1));
  }
  return texts.join('\n\n');
}

async function ourRescue(): Promise<Rescued<OurRun>> {
  return withMachine(async (vm, observer) => {
    const reached = reach(vm, 'rescue');
    const ours = new OurWay(reached.transport, 'rescue');
    const progress = setInterval(() => console.error(ours.stateText), 15_000);
    try {
      await ours.ready(120_000);
      await vm.startContainers();
      await ours.knows(containerCount, 60_000);
      await vm.startThrashing();
      await untilItThrashes(observer);
      return await rescued(vm, observer, () => ours.killAll());
    } finally {
      clearInterval(progress);
      ours.stop();
      reached.forget();
    }
  });
}

async function sshRescue(): Promise<Rescued<SshRun>> {
  return withMachine(async (vm, observer) => {
    await vm.startContainers();
    await vm.startThrashing();
    await untilItThrashes(observer);
    return rescued(vm, observer, () => killBySsh(vm));
  });
}

async function withMachine<T>(work: (vm: RescueVm, observer: Observer) => Promise<T>): Promise<T> {
  console.error('booting …');
  const vm = await startRescueVm(folders.machine);
  const observer = new Observer(vm);
  const progress = setInterval(() => console.error(JSON.stringify(observer.latest)), 15_000);
  try {
    await vm.dockerReady(300_000);
    await vm.startObserving();
    return await work(vm, observer);
  } finally {
    clearInterval(progress);
    observer.stop();
    await vm.stop();
  }
}

/** Resolves when it has thrashed without a pause for so long. @throws Error where it does not come to that. */
async function untilItThrashes(observer: Observer): Promise<void> {
  let since: number | undefined;
  const thrashed = await observer.until(({ at, fullPercent }) => {
    if (fullPercent <= thrashPercent) since = undefined;
    else since ??= at;
    return since !== undefined && at - since >= thrashMs;
  }, untilThrashMs);
  if (!thrashed) throw new Error(`it does not thrash: ${JSON.stringify(observer.latest)}`);
}

async function rescued<Run>(
  vm: RescueVm,
  observer: Observer,
  kill: () => Promise<Run>,
): Promise<Rescued<Run>> {
  console.error('the rescue begins');
  const startAt = observer.uptimeAt(Date.now());
  const endAtMs = performance.now() + patienceMs;
  const run = await kill();
  const leftMs = Math.max(graceMs, endAtMs - performance.now());
  const isDead = await observer.until(({ containers }) => containers === 0, leftMs);
  if (isDead) await sleep(afterwardsMs);
  const recovery = recoveryOf(observer.all, startAt, containerCount);
  const containers = isDead ? await vm.containersAfterwards(300_000) : ['nothing: it thrashes on'];
  console.error(JSON.stringify({ run, recovery, containers }));
  return { run, recovery, containers };
}
