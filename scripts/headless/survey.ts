import { ledgerInputsOf } from '../../src/core/ledger/inputs';
import { ledgerOf } from '../../src/core/ledger/ledger';
import { reconcile } from '../../src/core/ledger/reconcile';
import { dockerMemoryOf } from '../../src/core/cgroups/dockerStats';
import { ownerOfProcess } from '../../src/core/cgroups/processOwner';
import type { Process } from '../../src/core/processes/process';
import type { Survey } from '../../src/core/survey/survey';
import { familySources, slowSources } from '../../src/core/survey/sources';
import type { HostMonitor, Moment } from '../../src/monitor/hostMonitor';
import { attached, print, type HostOptions } from './attached';
import { untilLive } from './untilLive';

/**
 * Watches a host for a while and prints what is known of it then: processes, cgroups, slow sources, as one JSON object.
 * Command lines may hold secrets, so they are printed only where that is asked for.
 * @returns the exit code.
 */
export function survey(options: HostOptions, seconds: number, commandLines: boolean): Promise<number> {
  return attached({ ...options, survey: true }, async (monitor, { finish, over }) => {
    const { latest, known } = await surveyed(monitor, over, seconds);
    const { processes, cgroups, slow, families } = known;
    const memTotalBytes = latest.sample.meminfo?.memTotalBytes;
    print({
      host: options.host,
      ...measuredAt(latest),
      cost: monitor.cost,
      inside: insideOf(known, latest),
      processes: processes.processes.map((process) => describeProcess(process, commandLines)),
      cgroups: cgroups.all.map((cgroup) => ({ ...cgroup, docker: dockerMemoryOf(cgroup, memTotalBytes) })),
      sources: {
        ...slow,
        ...families,
        passwd: slow.passwd && { ...slow.passwd, value: Object.fromEntries(slow.passwd.value ?? []) },
      },
      problems: { ...processes.problems, ...cgroups.problems },
    });
    finish(0);
  });
}

/** Prints where the memory of a host is, and what other tools say, as one JSON object. @returns the exit code. */
export function ledger(options: HostOptions): Promise<number> {
  return attached({ ...options, survey: true }, async (monitor, { finish, over }) => {
    const { latest, known } = await surveyed(monitor, over, 0);
    const { sample, facts, available } = latest;
    if (!sample.meminfo) throw new Error('the host has no /proc/meminfo that can be read');
    const { pageSizeBytes } = facts;
    const fast = { meminfo: sample.meminfo, vmstat: sample.vmstat, pageSizeBytes };
    const rssSumBytes = known.processes.processes.reduce((sum, { rssBytes = 0 }) => sum + rssBytes, 0);
    print({
      host: options.host,
      ...measuredAt(latest),
      inside: insideOf(known, latest),
      ledger: ledgerOf(ledgerInputsOf(fast, known.slow, known.families)),
      reconciliation: reconcile({ meminfo: sample.meminfo, available, rssSumBytes }),
    });
    finish(0);
  });
}

const sources = [...Object.keys(slowSources), ...Object.keys(familySources)];

/** Waits until a host is known: all processes once, and each slow source that it has. */
async function surveyed(
  monitor: HostMonitor,
  over: AbortSignal,
  seconds: number,
): Promise<{ latest: Moment; known: Survey }> {
  const startedAtMs = performance.now();
  await untilLive(monitor, over, () => {
    if (monitor.surveys === false) throw new Error('the host answers no surveys: there is no awk');
    const { survey } = monitor;
    if (!survey || performance.now() - startedAtMs < seconds * 1000) return false;
    return survey.roundsDone > 0 && sources.every((source) => survey.hasRead(source));
  });
  const { latest, survey: known } = monitor;
  if (!latest || !known) throw new Error('there is no sample');
  return { latest, known };
}

function measuredAt({ wallMs, sample }: Moment): object {
  return { time: new Date(wallMs).toISOString(), bootId: sample.bootId, uptimeMs: sample.at };
}

function insideOf(known: Survey, { sample, facts }: Moment): object | undefined {
  const { zones, pageSizeBytes } = facts;
  return known.inside({ memTotalBytes: sample.meminfo?.memTotalBytes, zones, pageSizeBytes });
}

function describeProcess({ details, ...process }: Process, commandLines: boolean): object {
  if (!details) return process;
  const { commandLine, ...others } = details;
  return {
    ...process,
    details: { ...others, ...(commandLines && { commandLine }) },
    owner: details.cgroup && ownerOfProcess(details.cgroup),
  };
}
