import type { OomEvent } from '../../../../src/core/oom/event';
import type { Container } from '../../../../src/core/containers/container';
import type { Aftermath } from '../../../../src/core/oomEvents/aftermath';
import { Aftermaths } from '../../../../src/core/oomEvents/aftermaths';
import type { HostOomEvent } from '../../../../src/core/oomEvents/hostEvent';
import type { KnownContainers } from '../../../../src/core/oomEvents/knownContainers';
import { ProcessTable } from '../../../../src/core/processes/processTable';
import { slice, statText } from '../processes/slices';
import { kill } from './kills';

/** Containers as an API that is open would tell them at that moment of the host's uptime. */
export function knownAt(
  askedMs: number,
  containers: readonly Container[],
  more: Partial<KnownContainers> = {},
): KnownContainers {
  return { containers, askedMs, inspectedMs: () => askedMs, isOpen: true, ...more };
}

export interface Shown {
  readonly pid: number;
  readonly name: string;
  readonly ppid: number;
  readonly startSeconds: number;
  readonly cgroup?: string;
}

/** A host whose processes are told. */
export class Watched {
  readonly aftermaths = new Aftermaths(60_000);
  private readonly processes = new ProcessTable(4096);
  /** What the API has told, where it was not told just now. */
  known: KnownContainers | undefined;

  /** @param containers as the API, which is asked before each survey, tells them. */
  constructor(private readonly containers?: readonly Container[]) {}

  show(
    atSeconds: number,
    ...told: readonly (Shown | string)[]
  ): readonly { key: string; aftermath: Aftermath }[] {
    const bootId = told.find((one) => typeof one === 'string') ?? 'boot';
    const shown = told.filter((one) => typeof one !== 'string');
    const text: Record<string, string> = {};
    for (const { pid, name, ppid, startSeconds, cgroup } of shown) {
      const stat = statText(pid, { name, start: startSeconds * 100 });
      text[`proc/${pid}/stat`] = stat.replace(/\) S 1 /, `) S ${ppid} `);
      if (cgroup !== undefined) text[`proc/${pid}/cgroup`] = `0::${cgroup}\n`;
    }
    this.processes.add(slice(atSeconds, { bootId, pids: shown.map(({ pid }) => pid), text }));
    const survey = { bootId, processes: this.processes, roundsDone: 1 };
    const atMs = atSeconds * 1000;
    const known = this.containers ? knownAt(atMs, this.containers) : this.known;
    return this.aftermaths.noteSurvey(survey, atMs, known);
  }

  kill(
    pid: number,
    atSeconds: number,
    name: string,
    task: string,
    more: Partial<OomEvent> = {},
    bootId = 'boot',
  ): void {
    const event = kill(pid, atSeconds * 1000, { name, cgroup: { task }, ...more });
    const told: HostOomEvent = {
      key: `k${pid}`,
      event,
      bootId,
      atMs: undefined,
      sources: ['kernel-log'],
    };
    this.aftermaths.noteEvent(told);
  }
}

export const init: Shown = { pid: 1, name: 'systemd', ppid: 0, startSeconds: 0, cgroup: '/init.scope' };
