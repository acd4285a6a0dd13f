import type { HostFacts } from '../hostFacts';
import type { Sample } from '../sample';

/** What is known of a host's kernel and tools; undefined: not known. */
export interface HostTools {
  /** e.g. `4.18.0-553.el8_10.x86_64`. */
  readonly osrelease: string | undefined;
  /** Whether /proc/pressure/memory can be read. */
  readonly pressure: boolean | undefined;
  /** Whether /proc/meminfo has MemAvailable; `refused`: it has, with a value that cannot be. */
  readonly memAvailable: 'yes' | 'no' | 'refused' | undefined;
  /** Whether the shell there can wait with a time-out (`read -t`), so that samples are taken while nobody can ask. */
  readonly ownClock: boolean | undefined;
}

/** The tools of a host as its last sample shows them. */
export function hostToolsOf(
  sample: Sample | undefined,
  facts: HostFacts | undefined,
  ownClock: boolean | undefined,
): HostTools {
  const unreadable = sample?.problems.memoryPressure?.kind === 'unreadable';
  return {
    osrelease: facts?.osrelease,
    pressure: sample?.memoryPressure ? true : unreadable ? false : undefined,
    memAvailable: sample && memAvailableOf(sample),
    ownClock,
  };
}

function memAvailableOf({ meminfo, problems }: Sample): HostTools['memAvailable'] {
  if (!meminfo) return undefined;
  if (meminfo.memAvailableBytes !== undefined) return 'yes';
  // It is one of the first lines, so that it is among the refused values that are told.
  const refused = problems.meminfo?.refused ?? [];
  return refused.some((text) => text.includes('MemAvailable:')) ? 'refused' : 'no';
}
