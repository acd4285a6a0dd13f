/** What plans are made from, made up in the shapes that the readers give. */
import { cgroupOf } from '../../../../src/core/cgroups/cgroupOf';
import type { WatchedCgroup } from '../../../../src/core/cgroups/cgroup';
import type { Container } from '../../../../src/core/containers/container';
import type { JoinedContainer } from '../../../../src/core/containers/joinContainers';
import { planOf, type Plan, type PlanInput } from '../../../../src/core/actions/plan';
import type { RightHeld, Rights } from '../../../../src/core/actions/rights';
import { cgroupMemoryStat } from '../../../../src/core/proc/cgroupMemoryStat';
import type { ProcessStat } from '../../../../src/core/proc/processStat';
import type { ProcessStatus } from '../../../../src/core/proc/processStatus';
import type { Process, ProcessDetails } from '../../../../src/core/processes/process';

export const MiB = 1024 * 1024;

export const idOf = (digit: string): string => digit.repeat(64);

export function container(id: string, more: Partial<Container> = {}): Container {
  return {
    id,
    name: `name-${id.slice(0, 1)}`,
    image: 'busybox',
    state: 'running',
    status: 'Up 3 minutes',
    restartPolicy: { name: 'no' },
    limits: {},
    labels: {},
    ...more,
  };
}

/** Sizes in MiB; the text is what a kernel 6.1 prints. */
export function group(
  path: string,
  sizes: Partial<
    Record<'anon' | 'file' | 'shmem' | 'kernel' | 'pagetables' | 'inactiveFile' | 'swap', number>
  > = {},
  readAtMs = 100_000,
): WatchedCgroup {
  const { anon = 0, file = 0, shmem = 0, kernel = 0, pagetables = 0, inactiveFile = 0, swap = 0 } = sizes;
  const text = [
    `anon ${anon * MiB}`,
    `file ${file * MiB}`,
    `kernel ${kernel * MiB}`,
    'kernel_stack 0',
    `pagetables ${pagetables * MiB}`,
    `shmem ${shmem * MiB}`,
    `inactive_file ${inactiveFile * MiB}`,
    '',
  ].join('\n');
  const stat = cgroupMemoryStat.parse(text, (line) => {
    throw new Error(`refused: ${line.text}`);
  });
  const facts = { current: (anon + file + kernel) * MiB, swapCurrent: swap * MiB, stat };
  return {
    ...cgroupOf(path, readAtMs, { version: 2, facts }),
    rates: undefined,
    happened: { sinceMs: 0, oomKills: 0, limitHits: 0 },
    effectiveMax: undefined,
    effectiveHigh: undefined,
  };
}

export function joined(
  id: string,
  container: Container | undefined,
  cgroup: WatchedCgroup | undefined = group(`/system.slice/docker-${id}.scope`),
  more: Partial<JoinedContainer> = {},
): JoinedContainer {
  return { id, container, cgroup, runtime: 'docker', ...more };
}

export function process(
  pid: number,
  stat: Partial<ProcessStat> = {},
  status: Partial<ProcessStatus> = {},
  details: Partial<ProcessDetails> = {},
): Process {
  return {
    pid,
    startTicks: stat.starttimeTicks ?? 4711,
    readAtMs: 100_000,
    stat: {
      pid,
      name: 'python3',
      state: 'S',
      ppid: 1,
      kernelThread: false,
      minflt: 0,
      majflt: 0,
      utimeTicks: 0,
      stimeTicks: 0,
      priority: 20,
      nice: 0,
      numThreads: 1,
      starttimeTicks: 4711,
      vsizeBytes: 0,
      rssPages: 0,
      processor: 0,
      delayacctBlkioTicks: 0,
      guestTimeTicks: 0,
      ...stat,
    },
    rssBytes: 0,
    processorPercent: undefined,
    minorFaultsPerSecond: undefined,
    majorFaultsPerSecond: undefined,
    growthBytesPerSecond: undefined,
    minuteGrowthBytesPerSecond: undefined,
    details: {
      readAtMs: 100_000,
      status: { uid: 1000, effectiveUid: 1000, ...status },
      cgroup: { unified: '/system.slice/web.service' },
      oomScore: 0,
      oomScoreAdj: 0,
      commandLine: 'python3 app.py --password=hunter2',
      ...details,
    },
  };
}

const held = (state: RightHeld['state']): RightHeld => ({
  state,
  why: { text: `It is ${state}.` },
  remedies: [],
});

export const allRights: Rights = { uid: 0, root: held('yes'), containerApi: held('yes') };
export const apiOnly: Rights = { uid: 1000, root: held('no'), containerApi: held('yes') };
export const rootOnly: Rights = { uid: 0, root: held('yes'), containerApi: held('no') };
export const noRights: Rights = { uid: 1000, root: held('no'), containerApi: held('no') };

/** Without anything that an input names, a host is empty and whoever asks may do everything. */
export function plan(
  input: Pick<PlanInput, 'action' | 'target'> &
    Partial<PlanInput> & {
      readonly processes?: readonly Process[];
      readonly cgroups?: readonly WatchedCgroup[];
    },
): Plan {
  const { processes = [], cgroups = [], ...rest } = input;
  return planOf({
    containers: [],
    process: (pid) => processes.find((one) => one.pid === pid),
    childrenOf: (pid) => processes.filter(({ stat }) => stat.ppid === pid),
    cgroup: (path) => cgroups.find((one) => one.path === path),
    rights: allRights,
    policy: { production: false, readOnly: false },
    protectedContainers: [],
    ...rest,
  });
}
