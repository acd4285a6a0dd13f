import { actions } from '../core/actions';
import { ownerOfProcess } from '../core/cgroups/processOwner';
import type { Container } from '../core/containers/container';
import type { Process } from '../core/processes/process';
import { formatBytes, formatDuration } from '../core/units';
import type { FactView, ProcessRow, PssView } from '../protocol';
import { cleanText } from '../transport/cleanText';
import { agoText } from './surveyAge';
import { ownerWords } from './surveyOwner';
import type { Translate } from '../core/translate';

const processActions = actions.filter(({ place }) => place === 'processes').map(({ id }) => id);

const longestName = 64;
const longestCommandLine = 240;
const longestUser = 32;

/** `USER_HZ` is 100. */
const msPerTick = 10;

/** What the processes of a host are named with. */
export interface ProcessContext {
  /** Names by uid; undefined: not known. */
  readonly users: ReadonlyMap<number, string> | undefined;
  /** The host's uptime in ms; undefined: not known. */
  readonly nowMs: number | undefined;
  /** Whether that is the uptime of a container (lxcfs): processes count from the boot of the machine under it. */
  readonly ownUptime: boolean;
  /** What the API tells of the container with this id. */
  readonly containerOf: (id: string) => Container | undefined;
  /** What has been found of owners, by cgroup: many processes may be asked about, and most share theirs with others. */
  readonly owners: Map<string, string | undefined>;
}

/** What is told of a process besides what is known of it. */
export interface ToldWith {
  readonly pss?: PssView | undefined;
  readonly parentPid?: number | undefined;
  readonly placesOthers?: true | undefined;
}

/** All that a person may know a process by, the cheap first; as the host has it. */
export function* processTexts(process: Process, context: ProcessContext, t: Translate): Iterable<string> {
  yield process.stat.name;
  yield process.details?.commandLine ?? '';
  yield userNameOf(process, context.users) ?? '';
  yield ownerText(process, context, t) ?? '';
}

export function processRowOf(
  process: Process,
  context: ProcessContext,
  toldWith: ToldWith,
  t: Translate,
): ProcessRow {
  const { stat, details, readAtMs } = process;
  const status = details?.status;
  const { rssAnonBytes, rssFileBytes, rssShmemBytes } = status ?? {};
  const growth = process.minuteGrowthBytesPerSecond ?? process.growthBytesPerSecond;
  const split =
    rssAnonBytes === undefined || rssFileBytes === undefined || rssShmemBytes === undefined
      ? undefined
      : ([rssAnonBytes, rssFileBytes, rssShmemBytes] as const);
  const name = cleanText(stat.name, longestName);
  return known<ProcessRow>({
    pid: process.pid,
    startTicks: process.startTicks,
    // As ps writes it.
    name: stat.kernelThread === true ? `[${name}]` : name,
    commandLine: nonEmpty(cleanText(details?.commandLine ?? '', longestCommandLine)),
    user: cleaned(userNameOf(process, context.users), longestUser),
    memoryBytes:
      split && details && details.readAtMs > readAtMs ? split[0] + split[1] + split[2] : process.rssBytes,
    split,
    swapBytes: status?.vmSwapBytes,
    growthBytesPerMinute: growth === undefined ? undefined : growth * 60,
    majorFaultsPerSecond: process.majorFaultsPerSecond,
    processorPercent: process.processorPercent,
    oomScore: details?.oomScore,
    oomScoreAdj: details?.oomScoreAdj,
    owner: ownerText(process, context, t),
    pss: stat.kernelThread === true ? undefined : toldWith.pss,
    parentPid: toldWith.parentPid,
    placesOthers: toldWith.placesOthers,
    facts: factsOf(process, context, t),
    actions: process.pid === 1 || stat.kernelThread === true ? [] : processActions,
  });
}

function userNameOf(
  { details, stat }: Process,
  users: ReadonlyMap<number, string> | undefined,
): string | undefined {
  const uid = details?.status?.uid;
  if (uid === undefined) return stat.kernelThread === true ? 'root' : undefined;
  return users?.get(uid) ?? (uid === 0 ? 'root' : String(uid));
}

function ownerText(
  { details, stat }: Process,
  { containerOf, owners }: ProcessContext,
  t: Translate,
): string | undefined {
  if (stat.kernelThread === true) return t('kernel');
  if (!details?.cgroup) return undefined;
  const { memoryV1, systemdV1, unified } = details.cgroup;
  const key = [memoryV1, systemdV1, unified].join('\n');
  if (owners.has(key)) return owners.get(key);
  const owner = ownerOfProcess(details.cgroup);
  const words = owner && ownerWords(owner, t);
  const name = owner?.kind === 'container' ? containerOf(owner.id)?.name : undefined;
  const text = words && `${words.kind} ${name === undefined ? words.name : cleanText(name, longestName)}`;
  owners.set(key, text);
  return text;
}

/** What is told of a process beside the columns. */
function factsOf(process: Process, context: ProcessContext, t: Translate): FactView[] {
  const { stat, details, readAtMs } = process;
  const status = details?.status;
  const bytes = (value: number | undefined): string | undefined =>
    value === undefined || value === 0 ? undefined : formatBytes(value);
  const pageTables =
    status?.vmPteBytes === undefined ? undefined : status.vmPteBytes + (status.vmPmdBytes ?? 0);
  const group = details?.cgroup?.memoryV1 ?? details?.cgroup?.unified;
  const innerPid = status?.nsPids?.at(-1);
  const facts: (readonly [string, string | undefined])[] = [
    [t('Page tables'), bytes(pageTables)],
    [t('Locked'), bytes(status?.vmLckBytes)],
    [t('Huge pages'), bytes(status?.hugetlbPagesBytes)],
    [t('Most it ever had'), bytes(status?.vmHwmBytes)],
    [t('Threads'), stat.numThreads === undefined ? undefined : String(stat.numThreads)],
    [t('State'), stateText(stat.state, t)],
    [t('Started'), startedText(process, context, t)],
    [t('Read'), agoText(readAtMs, context.nowMs, t)],
    [
      t('Pid in its container'),
      status?.nsPids !== undefined && status.nsPids.length > 1 && innerPid !== undefined
        ? String(innerPid)
        : undefined,
    ],
    [t('Memory cgroup'), nonEmpty(cleanText(group ?? '', 300))],
  ];
  return facts.filter((fact): fact is FactView => fact[1] !== undefined);
}

function startedText(
  { startTicks }: Process,
  { nowMs, ownUptime }: ProcessContext,
  t: Translate,
): string | undefined {
  const startMs = startTicks * msPerTick;
  if (nowMs === undefined || ownUptime || startMs > nowMs) return undefined;
  return t('{0} ago', formatDuration(nowMs - startMs));
}

/** The letters of fs/proc/array.c. */
function stateText(state: string, t: Translate): string {
  switch (state) {
    case 'R':
      return t('running');
    case 'S':
    case 'I':
      return t('sleeping');
    case 'D':
      return t('waiting for a disk or the kernel, cannot be killed now');
    case 'Z':
      return t('ended, not yet waited for (zombie)');
    case 'T':
    case 't':
      return t('stopped');
    default:
      return state;
  }
}

function cleaned(text: string | undefined, longest: number): string | undefined {
  return text === undefined ? undefined : cleanText(text, longest);
}

function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** Leaves out the keys that are undefined: a missing fact is not there. */
export function known<T extends object>(value: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, fact]) => fact !== undefined)) as T;
}
