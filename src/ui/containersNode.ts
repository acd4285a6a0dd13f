import * as vscode from 'vscode';
import { hostText } from '../core/actions/words';
import { isFrozenContainer, type JoinedContainer } from '../core/containers/joinContainers';
import { containerFigures, containerName, containerRowsOf, containersFigures } from './containerRows';
import type { AttachedHost } from './hosts';

/** A row that has others below it is drawn anew no more often than this, in ms: they are with it. */
const groupRedrawMs = 10_000;

/** A row of the view: a host, a compose project, or a container. */
export class ContainersNode {
  /** Every word that is drawn of it. */
  private drawn: string;
  private drawnAtMs = -Infinity;

  private constructor(
    readonly kind: 'host' | 'project' | 'container',
    readonly host: AttachedHost,
    /** Tells it from the others of its kind and host. */
    readonly key: string,
    /** What an action on it hits. */
    public joined: readonly JoinedContainer[],
    readonly children: readonly ContainersNode[],
  ) {
    this.drawn = JSON.stringify([this.label, this.description, this.context]);
  }

  /** @param shown those of them that have a row, in their order. */
  static ofHost(
    host: AttachedHost,
    joined: readonly JoinedContainer[],
    shown: readonly JoinedContainer[],
  ): ContainersNode {
    const children = containerRowsOf(shown).map((row) =>
      row.kind === 'container'
        ? ContainersNode.ofContainer(host, row.joined)
        : ContainersNode.ofProject(host, row.project, row.containers),
    );
    return new ContainersNode('host', host, '', joined, children);
  }

  private static ofProject(
    host: AttachedHost,
    project: string,
    joined: readonly JoinedContainer[],
  ): ContainersNode {
    const children = joined.map((one) => ContainersNode.ofContainer(host, one));
    return new ContainersNode('project', host, project, joined, children);
  }

  private static ofContainer(host: AttachedHost, joined: JoinedContainer): ContainersNode {
    return new ContainersNode('container', host, joined.id, [joined], []);
  }

  /** Of the containers. */
  get ids(): readonly string[] {
    return this.joined.map(({ id }) => id);
  }

  get label(): string {
    const [one] = this.joined;
    if (this.kind === 'container' && one) return containerName(one);
    return this.kind === 'host' ? this.host.label : hostText(this.key);
  }

  get description(): string {
    const [one] = this.joined;
    const { survey } = this.host.monitor;
    return this.kind === 'container' && one
      ? containerFigures(one, isFrozenContainer(one), (path) => survey?.cgroups.get(path), vscode.l10n.t)
      : containersFigures(this.joined, hasToldContainers(this.host), vscode.l10n.t);
  }

  /** What its menu depends on. */
  get context(): string {
    const [one] = this.joined;
    if (this.kind !== 'container' || !one) return `containers.${this.kind}`;
    return `container.${one.container ? 'api' : 'cgroup'}.${isFrozenContainer(one) ? 'frozen' : 'running'}`;
  }

  /** Whether that is the same row with the same ones below it, maybe read later. */
  isSameAs({ kind, host, key, children }: ContainersNode): boolean {
    return (
      kind === this.kind && host === this.host && key === this.key && areSameRows(this.children, children)
    );
  }

  /**
   * Takes over what was read later of it and of those below it.
   * @returns the rows that are to be drawn anew.
   */
  take(later: ContainersNode, nowMs: number): readonly ContainersNode[] {
    this.joined = later.joined;
    const below = takenRows(this.children, later.children, nowMs);
    const isDue = this.children.length === 0 || nowMs - this.drawnAtMs >= groupRedrawMs;
    if (later.drawn === this.drawn || !isDue) return below;
    this.drawn = later.drawn;
    this.drawnAtMs = nowMs;
    return [this, ...below];
  }
}

/** @returns the rows that are to be drawn anew, with what was read later; undefined: there are other rows. */
export function changedRows(
  rows: readonly ContainersNode[],
  later: readonly ContainersNode[],
  nowMs: number,
): ContainersNode[] | undefined {
  return areSameRows(rows, later) ? takenRows(rows, later, nowMs) : undefined;
}

function takenRows(
  rows: readonly ContainersNode[],
  later: readonly ContainersNode[],
  nowMs: number,
): ContainersNode[] {
  return rows.flatMap((row, index) => {
    const same = later[index];
    return same ? row.take(same, nowMs) : [];
  });
}

function areSameRows(rows: readonly ContainersNode[], others: readonly ContainersNode[]): boolean {
  return (
    rows.length === others.length &&
    rows.every((row, index) => {
      const other = others[index];
      return other !== undefined && row.isSameAs(other);
    })
  );
}

/** Whether what is not shown of a host is not there. */
export function hasToldContainers({ monitor: { containerList, survey } }: AttachedHost): boolean {
  return containerList !== undefined || (survey?.cgroups.turnsDone ?? 0) > 0;
}
