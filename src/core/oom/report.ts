import type { OomEvent, OomMissing, OomOutcome, OomScope, OomVictim } from './event';
import { present } from './present';
import type { KillCause, ReportLine } from './reportLine';

type Line<K extends ReportLine['kind']> = ReportLine & { kind: K };

/** One invocation of the killer while its lines come in. */
export class OomReport {
  header: Line<'header'> | undefined;
  oomKill: Line<'oom-kill'> | undefined;
  outcome: OomOutcome = 'unknown';
  /** The whole cgroup of the victim is being killed: more victims follow. */
  group = false;
  /** Some line spoke of a memory cgroup. */
  memcg = false;
  private triggerPid: number | undefined;
  private limit: string | undefined;
  private task: string | undefined;
  private cause: KillCause = 'none';
  private readonly victims = new Map<number, OomVictim>();

  /** @param timeMs time of its first line, then of its first kill. */
  constructor(private timeMs: number | undefined) {}

  addAskingTask({ pid, name }: Line<'asking-task'>): void {
    if (name === this.header?.name) this.triggerPid ??= pid;
  }

  addCgroups({ limit, task }: { readonly limit?: string; readonly task?: string }): void {
    this.memcg ||= limit !== undefined;
    this.limit ??= limit;
    this.task ??= task;
  }

  addOomKill(line: Line<'oom-kill'>): void {
    this.oomKill = line;
    this.addCgroups(line);
  }

  /** Whether a kill of this process is a part of this invocation. */
  mayKill(pid: number): boolean {
    if (this.group || this.victims.has(pid)) return true;
    return this.outcome === 'unknown' && (this.oomKill?.pid ?? pid) === pid;
  }

  /** @returns false for the second print of the same victim, which adds nothing. */
  addVictim(victim: OomVictim, cause: KillCause, timeMs: number | undefined): boolean {
    if (this.victims.has(victim.pid)) return false;
    if (this.victims.size === 0) {
      this.timeMs = timeMs;
      this.cause = cause;
    }
    this.victims.set(victim.pid, victim);
    this.outcome = 'killed';
    return true;
  }

  toEvent(): OomEvent {
    const [first] = this.victims.keys();
    const missing = this.missing();
    const cgroup = present<NonNullable<OomEvent['cgroup']>>({ limit: this.limit, task: this.task });
    return present<OomEvent>({
      id: `${this.timeMs ?? '?'}-${first ?? '?'}`,
      kernelTimeMs: this.timeMs,
      scope: this.scope(),
      constraint: this.oomKill?.constraint,
      cgroup: Object.keys(cgroup).length === 0 ? undefined : cgroup,
      trigger: this.trigger(),
      victims: [...this.victims.values()],
      outcome: this.outcome,
      complete: missing.length === 0,
      missing,
    });
  }

  private trigger(): OomEvent['trigger'] {
    if (this.header === undefined) return undefined;
    const { name, order, gfp } = this.header;
    return present<NonNullable<OomEvent['trigger']>>({ name, pid: this.triggerPid, order, gfp });
  }

  private scope(): OomScope {
    const constraint = this.oomKill?.constraint;
    if (this.header?.order === -1) return 'sysrq';
    // Before the constraint: 5.0 and 5.1 print CONSTRAINT_NONE for a memory cgroup as well.
    if (this.memcg || this.cause === 'memcg' || constraint === 'CONSTRAINT_MEMCG') return 'memcg';
    if (this.cause === 'cpuset' || constraint === 'CONSTRAINT_CPUSET') return 'cpuset';
    if (this.cause === 'mempolicy' || constraint === 'CONSTRAINT_MEMORY_POLICY') return 'mempolicy';
    // `Out of memory:` alone does not tell: cpuset and mempolicy kills say it too.
    return this.oomKill?.global === true ? 'global' : 'unknown';
  }

  private missing(): OomMissing[] {
    const victims = [...this.victims.values()];
    const scope = this.scope();
    const parts: readonly (readonly [OomMissing, boolean])[] = [
      ['trigger', this.header === undefined],
      ['scope', scope === 'unknown'],
      ['cgroup', scope === 'memcg' && this.limit === undefined],
      ['victim', this.outcome === 'unknown'],
      [
        'sizes',
        victims.some(({ totalVmBytes, anonRssBytes }) => (totalVmBytes ?? anonRssBytes) === undefined),
      ],
      ['kernel-time', this.timeMs === undefined],
    ];
    return parts.filter(([, isMissing]) => isMissing).map(([part]) => part);
  }
}
