import { actions, type ActionId } from '../actions';
import type { HostName } from './hostPolicy';
import type { MemoryReturned } from './memoryReturned';
import type { Plan, PlannedTarget } from './plan';
import { resultsOf, type SentBy, type TargetOutcome, type TargetResult } from './result';

/** Who pressed the button. */
export interface Confirmer {
  /** Name of the user of this machine's operating system. */
  readonly user: string;
  /** The window of VS Code, where there are several. */
  readonly window?: string;
}

export interface RecordedTarget {
  readonly kind: PlannedTarget['kind'];
  /** Of a container. */
  readonly id?: string;
  /** Name of the container, or of the program (`comm`). Command lines, which may hold secrets, are not recorded. */
  readonly name: string;
  readonly pid?: number;
  readonly startTicks?: number;
  /** Of a cgroup. */
  readonly path?: string;
  readonly by?: SentBy;
  /** See `TargetResult.sent`. */
  readonly sent?: string;
  readonly sentAt?: string;
  readonly outcome: TargetOutcome;
  readonly reason?: string;
  readonly endedAt?: string;
}

/**
 * How far an action was when a line was written: `begun`: about to be sent; where no further line follows, the window ended
 * in the midst of it, and what became of its targets is unknown; `ended`: each has its result; `measured`: the memory that came
 * back is known as well.
 */
export type RecordStage = 'begun' | 'ended' | 'measured';

/**
 * One action, as it stands in the file: a line for each stage, of which the last one counts. Times are ISO 8601 in UTC by our
 * clock, sizes bytes.
 */
export interface ActionRecord {
  readonly version: 1;
  /** Tells it from other actions: random, the same on all of its lines. */
  readonly id: string;
  readonly stage: RecordStage;
  readonly time: string;
  /** Absent: it has only begun. */
  readonly endedAt?: string;
  readonly host: string;
  readonly action: ActionId;
  readonly confirmedBy: Confirmer;
  readonly limitBytes?: number;
  readonly targets: readonly RecordedTarget[];
  /** So many further targets are left out. */
  readonly moreTargets?: number;
  readonly availableBeforeBytes?: number;
  readonly availableAfterBytes?: number;
  readonly swapGainBytes?: number;
  readonly targetsBytes?: number;
}

export interface RecordInput {
  readonly id: string;
  /** Our clock, ms since the epoch. */
  readonly atMs: number;
  readonly host: HostName;
  readonly plan: Plan;
  readonly confirmedBy: Confirmer;
  /** Undefined: it is about to be sent. */
  readonly ended?: { readonly atMs: number; readonly results: readonly TargetResult[] };
  /** Undefined: it was not measured, or not yet. */
  readonly returned?: MemoryReturned;
}

/** A line is bounded: one host may have any number of containers. */
const mostTargets = 1000;
const longestText = 300;

/** What is written of an action that is about to be sent, or that has ended or was cut off or cancelled in the middle. */
export function actionRecordOf(input: RecordInput): ActionRecord {
  const { plan, ended, host, confirmedBy, returned } = input;
  const results = ended?.results ?? resultsOf(plan.targets, [], 'unknown');
  const targets = new Map(plan.targets.map((target) => [target.key, target]));
  const known = results.flatMap((result) => {
    const target = targets.get(result.key);
    return target ? [recordedTarget(target, result)] : [];
  });
  const moreTargets = known.length - mostTargets;
  return withoutUndefined<ActionRecord>({
    version: 1,
    id: input.id,
    stage: !ended ? 'begun' : returned ? 'measured' : 'ended',
    time: isoTime(input.atMs) ?? '',
    endedAt: ended && (isoTime(ended.atMs) ?? ''),
    host: cut(host.target),
    action: plan.action.id,
    confirmedBy: withoutUndefined<Confirmer>({
      user: cut(confirmedBy.user),
      window: confirmedBy.window === undefined ? undefined : cut(confirmedBy.window),
    }),
    limitBytes: plan.limitBytes,
    targets: known.slice(0, mostTargets),
    moreTargets: moreTargets > 0 ? moreTargets : undefined,
    availableBeforeBytes: returned?.availableBeforeBytes,
    availableAfterBytes: returned?.availableAfterBytes,
    swapGainBytes: returned?.swapGainBytes,
    targetsBytes: returned?.targetsBytes,
  });
}

/**
 * The record as one line with its line feed. What JSON leaves as it is and a terminal or an editor acts on is escaped too, so
 * that the file can be looked at with anything.
 */
export function recordLine(record: ActionRecord): string {
  const json = JSON.stringify(record).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${json}\n`;
}

/** Reads a line of the file. Undefined: it was cut off, or is none of ours. */
export function readRecordLine(line: string): ActionRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ActionRecord {
  if (!isFields(value)) return false;
  const { version, id, stage, time, endedAt, host, action, confirmedBy, targets } = value;
  return (
    version === 1 &&
    [id, time, host, endedAt ?? ''].every((text) => typeof text === 'string') &&
    stages.some((one) => one === stage) &&
    actions.some(({ id }) => id === action) &&
    isFields(confirmedBy) &&
    typeof confirmedBy.user === 'string' &&
    Array.isArray(targets) &&
    targets.every(
      (target) => isFields(target) && typeof target.name === 'string' && typeof target.outcome === 'string',
    )
  );
}

const stages: readonly RecordStage[] = ['begun', 'ended', 'measured'];

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function recordedTarget(target: PlannedTarget, result: TargetResult): RecordedTarget {
  const { outcome, reason, by, sent, sentAtMs, endedAtMs } = result;
  return withoutUndefined<RecordedTarget>({
    kind: target.kind,
    id: target.kind === 'container' ? cut(target.id) : undefined,
    name: cut(target.name),
    pid: target.kind === 'process' ? target.pid : undefined,
    startTicks: target.kind === 'process' ? target.startTicks : undefined,
    path: target.kind === 'cgroup' ? cut(target.path) : undefined,
    by,
    sent: sent === undefined ? undefined : cut(sent),
    sentAt: isoTime(sentAtMs),
    outcome,
    reason: reason === undefined ? undefined : cut(reason),
    endedAt: isoTime(endedAtMs),
  });
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}

/** Undefined where it is no time: the greatest date is 8.64e15 ms. */
function isoTime(atMs: number | undefined): string | undefined {
  return atMs !== undefined && Math.abs(atMs) <= 8.64e15 ? new Date(atMs).toISOString() : undefined;
}

type Undefinable<T> = { readonly [Key in keyof T]: T[Key] | undefined };

function withoutUndefined<T extends object>(value: Undefinable<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, fact]) => fact !== undefined)) as T;
}
