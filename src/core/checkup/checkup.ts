import { processorStat } from '../proc/processorStat';
import { freeSection } from './freeSection';
import type { CheckupInputs } from './inputs';
import { iostatSection } from './iostatSection';
import { kernelLogSection } from './kernelLogSection';
import { mpstatSection } from './mpstatSection';
import { pidstatSection } from './pidstatSection';
import { pairOf } from './readings';
import { sarDevSection } from './sarDevSection';
import { sarTcpSection } from './sarTcpSection';
import type { Section, SectionId } from './section';
import { tasksOf } from './tasks';
import { topSection } from './topSection';
import { uptimeSection } from './uptimeSection';
import type { Verdict } from './verdict';
import { vmstatSection } from './vmstatSection';

/** The ten sections by what they stand for. */
export interface CheckupSections {
  readonly uptime: ReturnType<typeof uptimeSection>;
  readonly dmesg: ReturnType<typeof kernelLogSection>;
  readonly vmstat: ReturnType<typeof vmstatSection>;
  readonly mpstat: ReturnType<typeof mpstatSection>;
  readonly pidstat: ReturnType<typeof pidstatSection>;
  readonly iostat: ReturnType<typeof iostatSection>;
  readonly free: ReturnType<typeof freeSection>;
  readonly sarDev: ReturnType<typeof sarDevSection>;
  readonly sarTcp: ReturnType<typeof sarTcpSection>;
  readonly top: ReturnType<typeof topSection>;
}

/** A verdict and where it belongs. */
export interface SectionVerdict extends Verdict {
  readonly section: SectionId;
}

/**
 * Ten commands' worth of figures over one span, computed from /proc alone, with a verdict on each: the first minute of
 * Brendan Gregg's "Linux Performance Analysis in 60,000 Milliseconds".
 */
export interface Checkup {
  readonly hostname: string | undefined;
  readonly osrelease: string | undefined;
  readonly processors: number | undefined;
  /** The host's clock, ms since the epoch. */
  readonly endedAtMs: number;
  /** Undefined: the host's uptime did not advance, so that nothing a second is known. */
  readonly spanMs: number | undefined;
  readonly sections: CheckupSections;
  /** The three worst, trouble first, at most one of a section; fewer where less is wrong. */
  readonly worst: readonly SectionVerdict[];
}

/** Makes a checkup of two readings of a host. Never throws: what is missing is told in the sections. */
export function checkupOf(inputs: CheckupInputs): Checkup {
  const stats = pairOf(processorStat, inputs);
  const online = stats.end?.facts.processors.length ?? 0;
  const processors = online > 0 ? online : undefined;
  const tasks = tasksOf(inputs);
  const sections: CheckupSections = {
    uptime: uptimeSection(inputs, processors),
    dmesg: kernelLogSection(inputs),
    vmstat: vmstatSection(inputs),
    mpstat: mpstatSection(inputs),
    pidstat: pidstatSection(inputs, tasks),
    iostat: iostatSection(inputs),
    free: freeSection(inputs),
    sarDev: sarDevSection(inputs),
    sarTcp: sarTcpSection(inputs),
    top: topSection(inputs, tasks),
  };
  const startMs = inputs.start[0]?.hostUptimeMs;
  const endMs = inputs.end[0]?.hostUptimeMs;
  const spanMs = startMs === undefined || endMs === undefined ? NaN : endMs - startMs;
  return {
    hostname: inputs.hostname,
    osrelease: inputs.osrelease,
    processors,
    endedAtMs: inputs.endedAtMs,
    spanMs: spanMs > 0 && Number.isFinite(spanMs) ? spanMs : undefined,
    sections,
    worst: worstOf(sectionsOf({ sections })),
  };
}

/** The sections in the order of the document. */
export function sectionsOf({ sections }: Pick<Checkup, 'sections'>): readonly Section<unknown>[] {
  return Object.values(sections) as readonly Section<unknown>[];
}

/** So many are named at the head. */
const mostWorst = 3;

function worstOf(sections: readonly Section<unknown>[]): readonly SectionVerdict[] {
  return sections
    .flatMap(({ id, verdicts }) => {
      const [worst] = verdicts.map((verdict) => ({ ...verdict, section: id })).sort(byWeight);
      return worst === undefined || rankOf(worst) === 0 ? [] : [worst];
    })
    .sort(byWeight)
    .slice(0, mostWorst);
}

function byWeight(a: Verdict, b: Verdict): number {
  return rankOf(b) - rankOf(a) || b.weight - a.weight;
}

function rankOf({ sign }: Verdict): number {
  return sign === 'trouble' ? 2 : sign === 'look' ? 1 : 0;
}
