import type { ContainerOutcome } from '../../src/core/containers/containerAction';
import type { GroupAnswer } from '../../src/core/rescue/answer';
import type { RescueReply, RescueShell } from '../../src/monitor/rescue/rescueShell';
import type { ActingApi, ActingShell } from '../../src/ui/actions/means';
import type { NoteStep } from './step';

/** The shell that acts, with a note of each request that changes something, and of its answer. */
export function watchedShell(
  shell: RescueShell,
  nameOf: (cgroup: string) => string,
  note: NoteStep,
): ActingShell {
  const watched =
    (what: string, act: (cgroup: string) => Promise<RescueReply<GroupAnswer>>) =>
    async (cgroup: string): Promise<RescueReply<GroupAnswer>> => {
      const container = nameOf(cgroup);
      note({ what, container });
      const reply = await act(cgroup);
      note({ what, container, ...outcomeOf(reply) });
      return reply;
    };
  return {
    isRoot: shell.isRoot,
    ended: shell.ended,
    leaseMs: shell.leaseMs,
    mayTake: (cgroup) => shell.mayTake(cgroup),
    state: (cgroup) => shell.state(cgroup),
    signal: (process, signal) => shell.signal(process, signal),
    look: (process) => shell.look(process),
    membership: (pid) => shell.membership(pid),
    freeze: (cgroup, leased) => watched('freeze', () => shell.freeze(cgroup, leased))(cgroup),
    thaw: (cgroup, leased) => watched('thaw', () => shell.thaw(cgroup, leased))(cgroup),
    killGroup: watched('cgroup.kill', (cgroup) => shell.killGroup(cgroup)),
  };
}

function outcomeOf(reply: RescueReply<GroupAnswer>): { outcome: string; hostUptimeMs?: number } {
  if (reply.kind !== 'answered') return { outcome: `${reply.kind}: ${reply.why}` };
  const { value, hostUptimeMs } = reply;
  const outcome = value.kind === 'group' ? value.state.freezer : value.kind;
  return { outcome, ...(hostUptimeMs !== undefined && { hostUptimeMs }) };
}

/** The same of the API. */
export function watchedApi(api: ActingApi, note: NoteStep): ActingApi {
  return {
    act: async (action, containers, options) => {
      for (const { name } of containers) note({ what: `API ${action.kind}`, container: name });
      const results = await api.act(action, containers, options);
      for (const { container, outcome, message } of results)
        note({ what: `API ${action.kind}`, container: container.name, outcome: told(outcome, message) });
      return results;
    },
  };
}

function told(outcome: ContainerOutcome, message: string | undefined): string {
  return message === undefined ? outcome : `${outcome}: ${message}`;
}
