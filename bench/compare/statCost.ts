import { setTimeout as sleep } from 'node:timers/promises';
import { unlimited } from '../../src/monitor/programAwk';
import { ownClockFor } from '../../src/monitor/ownClock';
import { Session } from '../../src/monitor/session';
import type { Transport } from '../../src/transport/connection';
import { neverAsked } from '../../test/host/prompts';
import { preparedBy } from '../ways';
import { ControlGroup } from './controlGroup';

/** Of one slice, as the extension asks for every second. */
const statsPerSlice = 33;
/** Slices to which all processes are looked up once: about a round through 300 of them. */
const slicesPerRound = 9;
const rounds = 20;

/** What one `/proc/PID/stat` costs that is read in slices of a survey. */
export interface StatCost {
  readonly statsRead: number;
  /** Of the remote program, for each, in µs. */
  readonly microsecondsEach: number;
}

/**
 * Asks for rounds of slices in which nothing but `stat` is read, and in turn for the same without any `stat`: what they
 * cost more is the reading, comparing with what it was, and sending what has changed.
 */
export async function statCostOf(transport: Transport, signal: AbortSignal): Promise<StatCost> {
  const group = ControlGroup.of('cpuacct', 'stat');
  const inGroup = preparedBy(`echo 0 >${group.folder}/cgroup.procs`, transport);
  try {
    const session = await Session.open(inGroup, neverAsked, signal, { budget: unlimited, survey: true });
    try {
      const spent = { with: { ms: 0, stats: 0 }, without: { ms: 0, stats: 0 } };
      await roundOf(session, statsPerSlice, signal);
      await roundOf(session, 0, signal);
      for (let round = 0; round < rounds; round++) {
        for (const which of ['with', 'without'] as const) {
          const before = group.usedMs;
          spent[which].stats += await roundOf(session, which === 'with' ? statsPerSlice : 0, signal);
          spent[which].ms += group.usedMs - before;
        }
      }
      const statsRead = spent.with.stats - spent.without.stats;
      return { statsRead, microsecondsEach: ((spent.with.ms - spent.without.ms) * 1000) / statsRead };
    } finally {
      session.close();
    }
  } finally {
    await group.remove();
  }
}

/** @returns how many `stat` were read. */
async function roundOf(session: Session, stats: number, signal: AbortSignal): Promise<number> {
  let read = 0;
  for (let slice = 0; slice < slicesPerRound; slice++) {
    const answered = new Promise<void>((resolve) => {
      session.onSurvey = ({ unchangedPids, text }) => {
        read += unchangedPids.length + Object.keys(text).filter((path) => path.endsWith('/stat')).length;
        resolve();
      };
    });
    await session.collect(ownClockFor(1000), () => ({
      list: slice === 0,
      stats,
      cgroups: 0,
      sets: [],
      processes: [],
    }));
    await answered;
    await sleep(50, undefined, { signal });
  }
  return read;
}
