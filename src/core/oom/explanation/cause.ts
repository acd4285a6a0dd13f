import { formatBytes } from '../../units';
import type { OomEvent } from '../event';
import { gfpFlagsOf } from '../gfpFlags';
import type { MemoryInformation } from '../memoryInformation';
import { limitReached } from './cgroupLimit';
import { cgroupUseOf, machineUseOf, usableRamOf, type MemoryPart } from './memoryUse';
import { placementText, watermarkText } from './watermarkText';
import { nameText, sentence } from './words';
import type { Translate } from '../../translate';

/** So many parts of the memory are named. */
const mostParts = 3;

/** Memory in no counter is told from this share on: less is lost in rounding and in small users that are not printed. */
const notShownShare = 0.1;
const leastNotShownBytes = 100 * 1024 * 1024;

/** Why it failed: figures against limits, swap, and what the memory consisted of. */
export function causeSentence(event: OomEvent, t: Translate): string {
  if (event.kind === 'runtime') return sentence([t('Why, the notice does not tell')]);
  if (event.kind !== 'kernel') return sentence([killerText(event, t)]);
  switch (event.scope) {
    case 'memcg':
      return sentence([usageText(event, t), groupSwapText(event, t), groupPartsText(event, t)]);
    case 'sysrq':
      return sentence([
        t('There is no failure to explain: the kill was asked for'),
        ...machineTexts(event, t),
      ]);
    case 'cpuset':
    case 'mempolicy':
      return sentence([
        placementText(event, t) ?? withoutZones(event, t),
        ...(event.memory === undefined ? [] : [swapText(event.memory, t)]),
      ]);
    case 'global':
    case 'unknown':
      return sentence([watermarkText(event, t) ?? withoutZones(event, t), ...machineTexts(event, t)]);
  }
}

function killerText({ kind, reason }: OomEvent, t: Translate): string {
  return reason === undefined
    ? t('Why {0} acted is not in this text', kind)
    : t('{0} says why: “{1}”', kind, nameText(reason, 600));
}

/** Where free pages cannot be held against minimums. */
function withoutZones({ memory, trigger }: OomEvent, t: Translate): string {
  if (trigger?.gfp !== undefined && gfpFlagsOf(trigger.gfp).none)
    return t('No request had failed, so free pages do not tell why');
  if (memory === undefined || memory.zones.length === 0)
    return t('Why is not in this text: the state of the memory is missing');
  return t('Which zone was short cannot be told, since the request is not in this text');
}

function usageText({ cgroupMemory }: OomEvent, t: Translate): string {
  const reached = limitReached(cgroupMemory);
  if (reached !== undefined) {
    const text = t(
      'The group used {0} of {1}',
      formatBytes(reached.usageBytes),
      formatBytes(reached.limitBytes),
    );
    return reached.failures === undefined || reached.failures === 0
      ? text
      : t('{0}, a limit that has been met {1} times', text, reached.failures);
  }
  const counter = cgroupMemory?.memory;
  if (counter === undefined) return t('How much the group used is not in this text');
  return counter.limitBytes === 'max'
    ? t('The group used {0}; a memory limit of its own is not set', formatBytes(counter.usageBytes))
    : t(
        'The group used {0} of {1} when the report was printed: some had been freed in between',
        formatBytes(counter.usageBytes),
        formatBytes(counter.limitBytes),
      );
}

function groupSwapText({ cgroupMemory }: OomEvent, t: Translate): string | undefined {
  const { swap, memoryAndSwap, memory } = cgroupMemory ?? {};
  if (swap !== undefined) {
    if (swap.limitBytes === 'max') {
      return swap.usageBytes === 0
        ? t('none of it was in swap')
        : t('it had {0} in swap, without a limit', formatBytes(swap.usageBytes));
    }
    if (swap.limitBytes === 0) return t('it may not use swap');
    const text = t('it had {0} of {1} in swap', formatBytes(swap.usageBytes), formatBytes(swap.limitBytes));
    return swap.usageBytes >= swap.limitBytes ? t('{0}, which was full', text) : text;
  }
  if (memoryAndSwap === undefined || memory === undefined) return undefined;
  const swapped = memoryAndSwap.usageBytes - memory.usageBytes;
  if (swapped <= 0) return t('none of it was in swap');
  return memoryAndSwap.limitBytes === 'max'
    ? t('it had about {0} in swap', formatBytes(swapped))
    : t(
        'it had about {0} in swap, {1} of {2} together',
        formatBytes(swapped),
        formatBytes(memoryAndSwap.usageBytes),
        formatBytes(memoryAndSwap.limitBytes),
      );
}

function groupPartsText({ cgroupMemory }: OomEvent, t: Translate): string | undefined {
  return cgroupMemory === undefined ? undefined : partsText(cgroupUseOf(cgroupMemory), t);
}

function machineTexts({ memory }: OomEvent, t: Translate): (string | undefined)[] {
  if (memory === undefined) return [];
  const { parts, notShownBytes } = machineUseOf(memory);
  return [swapText(memory, t), partsText(parts, t), notShownText(memory, notShownBytes, t)];
}

/** What the kernel keeps no counter for must not be laid at the door of a process. */
function notShownText(
  memory: MemoryInformation,
  bytes: number | undefined,
  t: Translate,
): string | undefined {
  const ram = usableRamOf(memory);
  if (bytes === undefined || ram === undefined || bytes < Math.max(leastNotShownBytes, ram * notShownShare))
    return undefined;
  return t(
    '{0} are in no counter that the kernel printed: drivers (a graphics card, a balloon of the hypervisor), ZFS’s cache or large tables of the kernel may hold them; no process is charged with them',
    formatBytes(bytes),
  );
}

function swapText({ totalSwapBytes, freeSwapBytes }: MemoryInformation, t: Translate): string | undefined {
  if (totalSwapBytes === undefined) return undefined;
  if (totalSwapBytes === 0) return t('there was no swap');
  if (freeSwapBytes === undefined) return t('there were {0} of swap', formatBytes(totalSwapBytes));
  const total = formatBytes(totalSwapBytes);
  if (freeSwapBytes < totalSwapBytes / 100)
    return t('swap was full ({0} of {1} free)', formatBytes(freeSwapBytes), total);
  return t('swap was not full ({0} of {1} free)', formatBytes(freeSwapBytes), total);
}

/** `it consisted of 861 MiB programs’ own memory, …`: the largest parts. */
function partsText(parts: readonly MemoryPart[], t: Translate): string | undefined {
  if (parts.length === 0) return undefined;
  const named = parts.slice(0, mostParts).map(({ what, bytes }) => t('{0} {1}', formatBytes(bytes), t(what)));
  return t('the largest parts of the memory were {0}', named.join(', '));
}
