import { setTimeout as sleep } from 'node:timers/promises';
import type { Capture } from '../../src/core/capture';
import type { Transport } from '../../src/transport/connection';
import { reach } from '../../test/vm/lab/reach';
import { cacheFolder, kernelFolder } from '../../test/vm/lab/virtualMachine';
import { Watch } from '../../test/vm/lab/watch';
import { catLoop } from '../ways';
import { askAgainAndAgain, freshLogins } from './probes';
import { writeRecording } from './recording';
import { report } from './report';
import { startThrashVm, type ThrashVm } from './thrashVm';

/** Where the images are. */
export const folders = { machine: cacheFolder('thrash'), kernel: kernelFolder };

export interface ThrashOptions {
  /** For how long memory is made short. Most of the first minute passes until it is. */
  readonly seconds: number;
  /** A file for what came from the host, one JSON line per capture; compressed where it ends in `.gz`. */
  readonly record?: string | undefined;
  /** Whether nothing is opened to act on the host: no root's shell, and the SSH server's files are not locked in memory. */
  readonly watchOnly: boolean;
}

/** What is measured before anything is wrong, for comparison. */
const peaceMs = 20_000;
/** After the end everything in flight has to come home. */
const recoveryMs = 180_000;

/** Boots the machine, makes it thrash and watches it in three ways at once. @returns what is to be printed, as Markdown. */
export async function thrashing(options: ThrashOptions): Promise<string> {
  const vm = await startThrashVm(folders.machine);
  const reached = reach(vm, 'thrash');
  try {
    return await measure(vm, reached.transport, options);
  } finally {
    await vm.stop();
    reached.forget();
  }
}

async function measure(
  vm: ThrashVm,
  transport: Transport,
  { seconds, record, watchOnly }: ThrashOptions,
): Promise<string> {
  const captures: Capture[] = [];
  // As the extension does it: it logs in as root here.
  const acting = { act: true, dockerSocket: () => '/var/run/docker.sock' };
  const watch = new Watch(transport, (capture) => captures.push(capture), watchOnly ? {} : acting);
  const over = new AbortController();
  const progress = setInterval(() => console.error(progressText(vm, watch)), 15_000);
  try {
    const loop = await catLoop('a resident loop', transport).open();
    const fresh = freshLogins(vm, over.signal);
    const looped = askAgainAndAgain(loop, over.signal);
    await watch.until(({ moments }) => moments.length >= 5, 60_000);
    if (!watchOnly) {
      await watch.until(({ monitor }) => monitor.rescue?.isRoot === true, 60_000);
      console.error(`root's shell: ${JSON.stringify(await watch.monitor.rescue?.serverLock)}`);
    }
    await sleep(peaceMs);
    await vm.startThrashing(seconds);
    await vm.thrashed(seconds * 1000 + recoveryMs);
    const lastAt = vm.timeline.at(-1)?.at ?? 0;
    await watch.until(({ latest }) => latest.sample.at > lastAt + 3000, recoveryMs);
    over.abort();
    if (record !== undefined) writeRecording(record, captures);
    return report({ watch, timeline: vm.timeline, fresh: await fresh, loop: await looped });
  } finally {
    clearInterval(progress);
    over.abort();
    watch.monitor.stop();
  }
}

function progressText(vm: ThrashVm, watch: Watch): string {
  const now = vm.timeline.at(-1);
  const machine = now
    ? `PSI memory full ${now.fullPercent} %, ${now.fileMb} MB of file pages, ${now.oomKills} OOM kills`
    : 'at peace';
  return `${machine}; ${watch.moments.length} samples, ${watch.monitor.state.kind}`;
}
