import type { ContainerLimits } from '../containers/container';
import { formatBytes, formatDuration } from '../units';
import { memoryLimitObstacle } from '../containers/memoryLimit';
import type { Plan, PlannedTarget, TargetNote } from './plan';
import { hostText } from './words';
import type { Translate } from '../translate';

const noteTexts: Readonly<Record<TargetNote, string>> = {
  'other-runtime': '“{0}” belongs to Kubernetes or another runtime than Docker and Podman.',
  'out-of-reach': '“{0}” cannot be reached: the API does not know it, and there is no root.',
  'holds-us': 'This connection to the host runs in “{0}”, and would stop with it.',
  'cgroup-only': '“{0}” is not known to the API, and is reached as root by its cgroup.',
  frozen: '“{0}” is frozen.',
  'kernel-thread': '“{0}” is a thread of the kernel: it cannot be ended.',
  'first-process': '“{0}” is the first process of the host: without it, the host stops.',
  'not-a-container': '“{0}” is no container: the host’s own services may be in that group.',
  machine: '“{0}” is a machine with a system of its own: all that runs in it is hit.',
  zombie: '“{0}” has ended already, and its memory is given back: only its parent can take it off the list.',
  uninterruptible: '“{0}” waits for a disk or for memory: it ends when that wait is over.',
  'core-dumping': 'A core dump of “{0}” is being written: it ends after that.',
  'ssh-server': 'Connections to the host depend on “{0}”, this one among them.',
  'container-runtime': 'Containers depend on “{0}”.',
};

/** What has to be said of one target, one sentence each. */
export function noteSentences(name: string, notes: readonly TargetNote[], t: Translate): string[] {
  return notes.map((note) => t(noteTexts[note], hostText(name)));
}

/** That a target is hit though a setting protects it, or may do so. */
export function protectionSentences(target: PlannedTarget, t: Translate): string[] {
  if (target.kind !== 'container' || target.protection.state === 'no') return [];
  const { name, protection } = target;
  return [
    protection.state === 'yes'
      ? t(
          '“{0}” is protected by “{1}”, and is hit all the same.',
          hostText(name),
          hostText(protection.pattern),
        )
      : t('It is not known whether “{0}” is protected.', hostText(name)),
  ];
}

/** What has to be said of a new limit: what the kernel makes of it, and what becomes of that of swap. */
export function limitSentences({ limitBytes, swapFreeBytes, targets }: Plan, t: Translate): string[] {
  const target = targets.find(({ selected }) => selected);
  if (limitBytes === undefined || target?.kind !== 'container') return [];
  const { cgroup, container } = target.joined;
  const obstacle = cgroup && memoryLimitObstacle(limitBytes, cgroup, swapFreeBytes);
  const held = target.holds?.currentBytes;
  const sentences: string[] = [];
  if (obstacle !== undefined) sentences.push(t(obstacle));
  else if (held !== undefined && held > limitBytes)
    sentences.push(
      t(
        'It holds {0} now, more than {1}: where the kernel cannot take enough back, it refuses the limit or kills processes in the container.',
        formatBytes(held),
        formatBytes(limitBytes),
      ),
    );
  return [...sentences, swapSentence(container?.limits, t)];
}

function swapSentence(limits: ContainerLimits | undefined, t: Translate): string {
  if (limits === undefined) return t('What it may swap stays as it is.');
  const { memoryBytes, memorySwapBytes } = limits;
  if (memoryBytes === undefined || memorySwapBytes === undefined)
    return t('What it may swap stays without a limit of its own.');
  const swapBytes = Math.max(0, memorySwapBytes - memoryBytes);
  return swapBytes === 0
    ? t('It may not swap, and that stays so.')
    : t('What it may swap stays at {0}.', formatBytes(swapBytes));
}

/** A list that is older than this is not as it is now: the API is asked before each action, and has not answered. */
const oldListMs = 15_000;

/** That the containers are those of a while ago, where it is so. */
export function listAgeSentences({ listAgeMs }: Pick<Plan, 'listAgeMs'>, t: Translate): string[] {
  if (listAgeMs === undefined || listAgeMs < oldListMs) return [];
  return [t('The API has not answered: these are the containers of {0} ago.', formatDuration(listAgeMs))];
}
