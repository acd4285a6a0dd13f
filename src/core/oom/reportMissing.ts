import type { OomEvent, OomMissing } from './event';

/** The parts that a report should have and an event lacks. `sharers`: victims of whom the kernel prints no sizes. */
export function missingIn(
  event: Omit<OomEvent, 'complete' | 'missing'>,
  sharers: ReadonlySet<number>,
): OomMissing[] {
  const { scope, victims } = event;
  const parts: readonly (readonly [OomMissing, boolean])[] = [
    ['trigger', event.trigger === undefined],
    ['scope', scope === 'unknown'],
    ['cgroup', scope === 'memcg' && event.cgroup?.limit === undefined],
    ['victim', event.outcome === 'unknown'],
    [
      'sizes',
      victims.some(
        ({ pid, totalVmBytes, anonRssBytes }) =>
          !sharers.has(pid) && totalVmBytes === undefined && anonRssBytes === undefined,
      ),
    ],
    ['kernel-time', event.kernelTimeMs === undefined],
    [
      'memory-information',
      scope === 'memcg' ? event.cgroupMemory?.memory === undefined : !hasMachine(event.memory),
    ],
    ['task-table', event.tasks?.whole !== true],
  ];
  return parts.filter(([, isMissing]) => isMissing).map(([part]) => part);
}

/** Whether the first block is there, which a log that is cut at its head loses first. */
function hasMachine(memory: OomEvent['memory']): boolean {
  return memory !== undefined && Object.keys(memory.machine).length > 0;
}
