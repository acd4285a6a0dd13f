import type { Container } from '../core/containers/container';
import { joinContainers } from '../core/containers/joinContainers';
import { mostTasks } from '../core/proc/text';
import type { Survey } from '../core/survey/survey';
import type { Demand } from '../core/survey/surveySchedule';

/** So many containers are looked for in one slice; more of them after the next list. */
const mostAtOnce = 50;

export interface ListedHost {
  readonly survey: () => Survey | undefined;
  /** Whether the host has memory and time to spare for it. */
  readonly mayRead: () => boolean;
  /** Rejects where that cannot be. */
  readonly read: (demand: Demand) => Promise<unknown>;
}

/**
 * Has a container's cgroup read as soon as the API names the container. A survey finds a cgroup by its processes, and reads
 * both in their turn: of a container that was just started, or after the first list, that takes from 10 s to minutes, the
 * longer the busier the host is.
 */
export class NewContainers {
  /** Ids of those that were looked for. */
  private readonly asked = new Set<string>();
  private reading = false;

  constructor(private readonly host: ListedHost) {}

  /** To be called with each list. What could not be read is asked for again after the next one. */
  async listed(containers: readonly Container[]): Promise<void> {
    const { asked, host } = this;
    const ids = new Set(containers.map(({ id }) => id));
    for (const id of asked) if (!ids.has(id)) asked.delete(id);
    const survey = host.survey();
    if (!survey || this.reading || containers.every(({ id }) => asked.has(id)) || !host.mayRead()) return;
    const unknown = joinContainers(containers, survey.cgroups.all)
      .flatMap(({ cgroup, container }) => (cgroup || !container ? [] : [container]))
      .filter(({ id, pid }) => !asked.has(id) && pid !== undefined && pid > 1 && pid <= mostTasks)
      .slice(0, mostAtOnce);
    if (unknown.length === 0) return;
    const processes = unknown.map(({ pid = 0 }) => ({ pid, files: survey.filesOf(pid) }));
    this.reading = true;
    try {
      await host.read({ sets: [], allProcesses: false, processes, allCgroups: true });
      for (const { id } of unknown) asked.add(id);
    } catch {
      // Something else is being read, or the connection has ended.
    } finally {
      this.reading = false;
    }
  }
}
