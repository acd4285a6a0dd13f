import type { OomCgroups, OomEvent, OomTrigger, OomVictim } from '../oom/event';
import type {
  CgroupCounter,
  CgroupMemory,
  FreeBlocks,
  MemoryInformation,
  ZoneInformation,
} from '../oom/memoryInformation';
import type { TaskRow, TaskTable } from '../oom/taskRow';
import type { Aftermath, StartedBy } from './aftermath';
import {
  cutTextOf,
  either,
  kindOf,
  listOf,
  NotOfShape,
  number,
  objectOf,
  oneOf,
  optional,
  recordOf,
  textOf,
  truth,
} from './checkedShape';
import { EventBook, type BookChange } from './eventBook';
import type { GoneProcess, HostOomEvent, MinutesBefore, WitnessedKills } from './hostEvent';

/** Of the form below. A file of a later one is left alone. */
const version = 1;

/** A file may have 16 MiB, and a character of a text up to three bytes. */
const longestText = 5 << 20;

/** A path of a cgroup may be as long as a path may be. What is longer is cut when it is written: these texts are a host's. */
const path = cutTextOf(4096);
/** A word of a log, which is cut at 64 KiB there. */
const word = cutTextOf(64 * 1024);
const name = cutTextOf(1024);
const figures = recordOf(number, 500);

const victim = objectOf<OomVictim>({
  pid: number,
  name,
  uid: optional(number),
  totalVmBytes: optional(number),
  anonRssBytes: optional(number),
  fileRssBytes: optional(number),
  shmemRssBytes: optional(number),
  rssBytes: optional(number),
  pgtablesBytes: optional(number),
  oomScoreAdj: optional(number),
  score: optional(number),
  signal: optional(name),
  cgroup: optional(path),
});

const trigger = objectOf<OomTrigger>({
  name,
  pid: optional(number),
  order: optional(number),
  gfp: optional(word),
});

const cgroups = objectOf<OomCgroups>({ limit: optional(path), task: optional(path) });

const freeBlocks = objectOf<FreeBlocks>({ blockBytes: number, count: number, types: name });

const zone = objectOf<ZoneInformation>({
  node: number,
  name,
  freeBytes: optional(number),
  boostBytes: optional(number),
  minBytes: optional(number),
  lowBytes: optional(number),
  highBytes: optional(number),
  reservedHighatomicBytes: optional(number),
  freeCmaBytes: optional(number),
  managedBytes: optional(number),
  presentBytes: optional(number),
  lowmemReserveBytes: optional(listOf(number, 100)),
  allUnreclaimable: optional(truth),
  figures,
  freeBlocks: optional(listOf(freeBlocks, 100)),
});

const memory = objectOf<MemoryInformation>({
  machine: figures,
  zones: listOf(zone, 10_000),
  totalSwapBytes: optional(number),
  freeSwapBytes: optional(number),
  swapCacheBytes: optional(number),
  pageCacheBytes: optional(number),
  ramBytes: optional(number),
  reservedBytes: optional(number),
  hugePagesBytes: optional(number),
  slabs: listOf(
    objectOf<MemoryInformation['slabs'][number]>({ name, usedBytes: number, totalBytes: number }),
    10_000,
  ),
});

const counter = objectOf<CgroupCounter>({
  usageBytes: number,
  limitBytes: either(number, oneOf('max')),
  failures: optional(number),
});

const cgroupMemory = objectOf<CgroupMemory>({
  memory: optional(counter),
  memoryAndSwap: optional(counter),
  swap: optional(counter),
  kernel: optional(counter),
  stats: listOf(objectOf<CgroupMemory['stats'][number]>({ path, figures }), 10_000),
});

const row = objectOf<TaskRow>({
  pid: number,
  tgid: optional(number),
  uid: optional(number),
  name,
  totalVmBytes: optional(number),
  rssBytes: optional(number),
  anonRssBytes: optional(number),
  fileRssBytes: optional(number),
  shmemRssBytes: optional(number),
  pgtablesBytes: optional(number),
  swapBytes: optional(number),
  oomScoreAdj: optional(number),
});

const tasks = objectOf<TaskTable>({ rows: listOf(row, 10_000), moreRows: number, whole: truth });

const oomEvent = objectOf<OomEvent>({
  kind: oneOf('kernel', 'systemd-oomd', 'earlyoom', 'nohang', 'oomd', 'runtime'),
  id: name,
  kernelTimeMs: optional(number),
  wallMs: optional(number),
  localTime: optional(name),
  bootId: optional(name),
  kernelTimeMicroseconds: optional(number),
  boot: optional(number),
  host: optional(name),
  scope: oneOf('global', 'memcg', 'cpuset', 'mempolicy', 'sysrq', 'unknown'),
  constraint: optional(name),
  cgroup: optional(cgroups),
  container: optional(name),
  trigger: optional(trigger),
  victims: listOf(victim, 10_000),
  outcome: oneOf('killed', 'no-killable-process', 'already-exiting', 'deadlock', 'panic', 'unknown'),
  allocatingTask: optional(oneOf(true)),
  orChild: optional(oneOf(true)),
  oomGroup: optional(path),
  reason: optional(word),
  memory: optional(memory),
  cgroupMemory: optional(cgroupMemory),
  tasks: optional(tasks),
  complete: truth,
  missing: listOf(
    oneOf('trigger', 'scope', 'cgroup', 'victim', 'sizes', 'kernel-time', 'memory-information', 'task-table'),
    8,
  ),
});

const gone = objectOf<GoneProcess>({ pid: number, name, rssBytes: optional(number), cgroup: optional(path) });

const witnessed = objectOf<WitnessedKills>({
  count: number,
  fromCount: number,
  toCount: number,
  fromMs: number,
  toMs: number,
  cgroups: listOf(objectOf<WitnessedKills['cgroups'][number]>({ path, kills: number }), 20),
  gone: listOf(gone, 10),
});

type Of<T, Kind> = Extract<T, { readonly kind: Kind }>;

const startedBy = kindOf<StartedBy>({
  systemd: objectOf<Of<StartedBy, 'systemd'>>({
    kind: oneOf('systemd'),
    unit: path,
    restart: optional(name),
  }),
  container: objectOf<Of<StartedBy, 'container'>>({
    kind: oneOf('container'),
    id: name,
    name: optional(name),
    policy: optional(name),
  }),
  kubernetes: objectOf<Of<StartedBy, 'kubernetes'>>({ kind: oneOf('kubernetes'), pod: name }),
  parent: objectOf<Of<StartedBy, 'parent'>>({ kind: oneOf('parent'), pid: number, name }),
});

const aftermath = kindOf<Aftermath>({
  waiting: objectOf<Of<Aftermath, 'waiting'>>({ kind: oneOf('waiting') }),
  'stayed-dead': objectOf<Of<Aftermath, 'stayed-dead'>>({ kind: oneOf('stayed-dead'), watchedMs: number }),
  'came-back': objectOf<Of<Aftermath, 'came-back'>>({
    kind: oneOf('came-back'),
    afterMs: optional(number),
    pid: number,
    by: optional(startedBy),
  }),
});

const values = listOf(either(number, oneOf(null)), 1000);

const before = objectOf<MinutesBefore>({
  fromMs: number,
  stepMs: number,
  availableBytes: values,
  pageCacheBytes: values,
  memoryFullPercent: values,
});

const hostEvent = objectOf<HostOomEvent>({
  key: textOf(80),
  event: oomEvent,
  bootId: optional(textOf(36)),
  atMs: optional(number),
  sources: listOf(oneOf('kernel-log', 'journal', 'log-file', 'counters'), 4),
  witnessed: optional(witnessed),
  aftermath: optional(aftermath),
  before: optional(before),
});

const kept = objectOf<{ version: number; event: HostOomEvent }>({ version: number, event: hostEvent });

/** Whether a key may be the name of a file: letters, digits and dashes. */
export function isKey(key: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,79}$/.test(key);
}

/**
 * An event as the text of a file that can be read back: long texts are cut, and figures and tables of the report that are beyond
 * all bounds are left out.
 * @throws {Error} where that is not enough.
 */
export function keptText(event: HostOomEvent): string {
  const whole = tryText(event);
  if (whole !== undefined) return whole;
  const { tasks, memory, cgroupMemory, ...others } = event.event;
  const least = (tasks ?? memory ?? cgroupMemory) && tryText({ ...event, event: others });
  if (least === undefined) throw new Error('an event is too large to be kept');
  return least;
}

function tryText(event: HostOomEvent): string | undefined {
  const read = tried(() => hostEvent(event));
  const text = read && `${JSON.stringify({ version, event: read })}\n`;
  return text && text.length <= longestText ? text : undefined;
}

/**
 * Reads the text of a file, which may be anything.
 * @returns undefined where it is no event with this key, and where a later version of us has written it.
 */
export function readKeptEvent(text: string, key: string): HostOomEvent | undefined {
  const event = tried(() => kept(JSON.parse(text)));
  if (event?.version !== version || event.event.key !== key) return undefined;
  return { ...event.event, bootId: event.event.bootId, atMs: event.event.atMs };
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotOfShape || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * What two windows know of one event, together.
 * @returns `kept` itself where the other one adds nothing.
 */
export function mergedEvent(keptBefore: HostOomEvent, event: HostOomEvent): HostOomEvent {
  const change = changeBy(keptBefore, event);
  return change?.event.key === keptBefore.key ? change.event : keptBefore;
}

/** Whether what is kept lacks something that `event` has. Never true both ways, so that windows come to an end. */
export function addsTo(keptBefore: HostOomEvent, event: HostOomEvent): boolean {
  if (keptBefore.witnessed && !event.witnessed) return true;
  return changeBy(keptBefore, event)?.isNew === false;
}

function changeBy(keptBefore: HostOomEvent, event: HostOomEvent): BookChange | undefined {
  // A log has explained what counters had told.
  if (keptBefore.witnessed && !event.witnessed) return { event, isNew: true };
  if (!keptBefore.witnessed && event.witnessed) return undefined;
  const book = new EventBook();
  book.load(keptBefore);
  return book.load(event);
}
