import type { JoinedContainer } from './joinContainers';

type Member = Pick<JoinedContainer, 'cgroup' | 'container'>;

/** The containers of one compose project. */
export interface ComposeGroup<Of extends Member = JoinedContainer> {
  readonly project: string;
  /** In the order given. */
  readonly containers: readonly Of[];
  /** Memory charged to those of them whose cgroups are known. Undefined: none is. */
  readonly currentBytes: number | undefined;
}

/** By project, in the order in which they come first; containers without a project are in none. */
export function composeGroupsOf<Of extends Member>(joined: readonly Of[]): readonly ComposeGroup<Of>[] {
  const projects = new Map<string, Of[]>();
  for (const one of joined) {
    const project = one.container?.composeProject;
    if (project === undefined) continue;
    const containers = projects.get(project);
    if (containers) containers.push(one);
    else projects.set(project, [one]);
  }
  return [...projects].map(([project, containers]) => ({
    project,
    containers,
    currentBytes: sumOf(containers.map(({ cgroup }) => cgroup?.currentBytes)),
  }));
}

function sumOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}
