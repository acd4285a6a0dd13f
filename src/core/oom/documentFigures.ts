import { formatBytes } from '../units';
import { bytesText, numberText, textTable, type Column } from './documentTable';
import type { OomEvent, OomVictim } from './event';
import { machineUseOf, usableRamOf } from './explanation/memoryUse';
import { requestKind } from './explanation/requestKind';
import { nameText, pathText, taskText } from './explanation/words';
import { gfpFlagsOf } from './gfpFlags';
import type { CgroupCounter, CgroupMemory, MemoryInformation, ZoneInformation } from './memoryInformation';
import type { Translate } from '../translate';

const mostVictims = 200;
const mostZones = 64;
const mostStats = 60;

/** The figures of an event as the log has them: facts, victims, memory of the machine or of the cgroup. */
export function figureLines(event: OomEvent, t: Translate): string[] {
  return [
    ...factLines(event, t),
    ...blockOf(victimLines(event, t)),
    ...blockOf(event.cgroupMemory === undefined ? [] : groupLines(event.cgroupMemory, t)),
    ...blockOf(event.memory === undefined ? [] : machineLines(event.memory, t)),
    ...blockOf(event.memory === undefined ? [] : zoneLines(event.memory, t)),
  ];
}

function blockOf(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Label and value, one a line; what is not told is left out. */
function listOf(facts: readonly (readonly [label: string, value: string | undefined])[]): string[] {
  const told = facts.filter(([, value]) => value !== undefined);
  const width = told.reduce((widest, [label]) => Math.max(widest, label.length), 0);
  return told.map(([label, value = '']) => `${`${label}:`.padEnd(width + 1)}  ${value}`);
}

function factLines(event: OomEvent, t: Translate): string[] {
  const { trigger, cgroup } = event;
  const flags = trigger?.gfp === undefined ? undefined : gfpFlagsOf(trigger.gfp);
  return listOf([
    [t('Killed by'), event.kind],
    [t('Outcome'), t(outcomeWords[event.outcome])],
    [t('Scope'), event.scope],
    [t('Constraint'), textOf(event.constraint)],
    [t('Limit of'), cgroup?.limit === undefined ? undefined : pathText(cgroup.limit)],
    [t('Victim lived in'), cgroup?.task === undefined ? undefined : pathText(cgroup.task)],
    [t('Killed as a whole'), event.oomGroup === undefined ? undefined : pathText(event.oomGroup)],
    [t('Container'), textOf(event.container)],
    [t('Asked'), trigger && taskText(trigger, t)],
    [t('Order'), numberText(trigger?.order)],
    [t('Flags'), trigger?.gfp === undefined ? undefined : nameText(trigger.gfp, 200)],
    [t('Flags in words'), requestKind(event, t)],
    [t('May wait'), flags?.maySleep === undefined ? undefined : flags.maySleep ? t('yes') : t('no')],
    [t('Highest zone'), flags?.none === true ? undefined : flags?.highestZone],
    [t('Time'), textOf(event.localTime)],
    [
      t('Since the start'),
      event.kernelTimeMs === undefined ? undefined : t('{0} s', (event.kernelTimeMs / 1000).toFixed(3)),
    ],
    [t('Host'), textOf(event.host)],
    [t('Boot'), textOf(event.bootId) ?? numberText(event.boot)],
    [t('Reason'), event.reason === undefined ? undefined : nameText(event.reason, 1000)],
  ]).filter((line) => !line.endsWith(':'));
}

const outcomeWords: Readonly<Record<OomEvent['outcome'], string>> = {
  killed: 'killed',
  'no-killable-process': 'no process could be killed',
  'already-exiting': 'a process was ending already',
  deadlock: 'deadlocked on memory',
  panic: 'the kernel panicked',
  unknown: 'not in this text',
};

function textOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : nameText(text, 200);
}

function victimLines({ victims }: OomEvent, t: Translate): string[] {
  if (victims.length === 0) return [];
  const columns: readonly Column<OomVictim>[] = [
    { title: t('killed'), text: ({ name }) => nameText(name) },
    { title: t('pid'), text: ({ pid }) => String(pid), right: true },
    { title: t('user'), text: ({ uid }) => numberText(uid), right: true },
    { title: t('memory'), text: ({ rssBytes }) => bytesText(rssBytes), right: true },
    { title: t('anonymous'), text: ({ anonRssBytes }) => bytesText(anonRssBytes), right: true },
    { title: t('files'), text: ({ fileRssBytes }) => bytesText(fileRssBytes), right: true },
    { title: t('shared'), text: ({ shmemRssBytes }) => bytesText(shmemRssBytes), right: true },
    { title: t('page tables'), text: ({ pgtablesBytes }) => bytesText(pgtablesBytes), right: true },
    { title: t('address space'), text: ({ totalVmBytes }) => bytesText(totalVmBytes), right: true },
    { title: t('score'), text: ({ score }) => numberText(score), right: true },
    { title: 'oom_score_adj', text: ({ oomScoreAdj }) => numberText(oomScoreAdj), right: true },
    { title: t('signal'), text: ({ signal }) => textOf(signal) },
    { title: t('cgroup'), text: ({ cgroup }) => (cgroup === undefined ? undefined : pathText(cgroup)) },
  ];
  const more = victims.length - mostVictims;
  return [
    ...textTable(columns, victims.slice(0, mostVictims)),
    ...(more > 0 ? [t('and {0} more', more)] : []),
  ];
}

function groupLines(memory: CgroupMemory, t: Translate): string[] {
  const [own] = memory.stats;
  return [
    t('Memory of the cgroup at its limit'),
    ...listOf([
      [t('memory'), counterText(memory.memory, t)],
      [t('memory and swap'), counterText(memory.memoryAndSwap, t)],
      [t('swap'), counterText(memory.swap, t)],
      [t('kernel memory'), counterText(memory.kernel, t)],
      ...Object.entries(own?.figures ?? {})
        .slice(0, mostStats)
        .map(([name, value]) => [nameText(name), statText(name, value)] as const),
    ]).map((line) => `  ${line}`),
  ];
}

function counterText(counter: CgroupCounter | undefined, t: Translate): string | undefined {
  if (counter === undefined) return undefined;
  const limit = counter.limitBytes === 'max' ? t('no limit') : formatBytes(counter.limitBytes);
  const text = t('{0} of {1}', formatBytes(counter.usageBytes), limit);
  return counter.failures === undefined ? text : t('{0}, met {1} times', text, counter.failures);
}

/** Of memory.stat, what the kernel counts in events (`pgfault`, `workingset_refault_file`) is no amount of memory. */
function statText(name: string, value: number): string {
  return /^(?:pg|workingset_|thp_|zswp|swpin|swpout|numa_)/.test(name) && name !== 'pgtables'
    ? String(value)
    : formatBytes(value);
}

function machineLines(memory: MemoryInformation, t: Translate): string[] {
  const { parts, notShownBytes } = machineUseOf(memory);
  const { freeSwapBytes, totalSwapBytes } = memory;
  return [
    t('Memory of the machine'),
    ...listOf([
      [t('usable memory'), bytesText(usableRamOf(memory))],
      ...parts.map(({ what, bytes }) => [t(what), formatBytes(bytes)] as const),
      [
        t('in no counter'),
        notShownBytes !== undefined && notShownBytes > 0 ? formatBytes(notShownBytes) : undefined,
      ],
      [
        t('free swap'),
        totalSwapBytes === 0
          ? t('there is no swap')
          : freeSwapBytes === undefined || totalSwapBytes === undefined
            ? bytesText(freeSwapBytes)
            : t('{0} of {1}', formatBytes(freeSwapBytes), formatBytes(totalSwapBytes)),
      ],
    ]).map((line) => `  ${line}`),
  ];
}

function zoneLines({ zones }: MemoryInformation, t: Translate): string[] {
  if (zones.length === 0) return [];
  const columns: readonly Column<ZoneInformation>[] = [
    { title: t('node'), text: ({ node }) => String(node), right: true },
    { title: t('zone'), text: ({ name }) => nameText(name) },
    { title: t('free'), text: ({ freeBytes }) => bytesText(freeBytes), right: true },
    { title: t('min'), text: ({ minBytes }) => bytesText(minBytes), right: true },
    { title: t('low'), text: ({ lowBytes }) => bytesText(lowBytes), right: true },
    { title: t('high'), text: ({ highBytes }) => bytesText(highBytes), right: true },
    {
      title: t('highatomic'),
      text: ({ reservedHighatomicBytes }) => bytesText(reservedHighatomicBytes),
      right: true,
    },
    { title: t('free CMA'), text: ({ freeCmaBytes }) => bytesText(freeCmaBytes), right: true },
    { title: t('managed'), text: ({ managedBytes }) => bytesText(managedBytes), right: true },
    { title: t('largest free block'), text: largestBlock, right: true },
  ];
  return textTable(columns, zones.slice(0, mostZones));
}

function largestBlock({ freeBlocks }: ZoneInformation): string | undefined {
  if (freeBlocks === undefined) return undefined;
  return formatBytes(
    freeBlocks.reduce((most, { count, blockBytes }) => (count > 0 ? Math.max(most, blockBytes) : most), 0),
  );
}
