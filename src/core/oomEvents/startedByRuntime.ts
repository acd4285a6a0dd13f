import type { Container } from '../containers/container';
import type { Aftermath, StartedBy } from './aftermath';

/** @param id of a container, as its cgroup has it; the API may tell the beginning of it only, or more. */
export function containerOfId(
  id: string | undefined,
  containers: readonly Container[] | undefined,
): Container | undefined {
  if (id === undefined) return undefined;
  return containers?.find((one) => id.startsWith(one.id) || one.id.startsWith(id));
}

/** @param container undefined: the API has not told of it. */
export function startedByRuntime(id: string, container: Container | undefined): StartedBy {
  const policy = container?.restartPolicy?.name;
  return {
    kind: 'container',
    id,
    ...(container && { name: container.name }),
    ...(policy !== undefined && { policy }),
  };
}

type CameBack = Aftermath & { kind: 'came-back' };

/** Whether the runtime of a container has started it, and by which policy is not known. */
export function lacksPolicy(aftermath: Aftermath): boolean {
  return (
    aftermath.kind === 'came-back' && aftermath.by?.kind === 'container' && aftermath.by.policy === undefined
  );
}

/** The same with the policy that the API has told since; the same object where it has not. */
export function withPolicy(aftermath: CameBack, containers: readonly Container[] | undefined): CameBack {
  const { by } = aftermath;
  if (by?.kind !== 'container' || by.policy !== undefined) return aftermath;
  const container = containerOfId(by.id, containers);
  return container?.restartPolicy ? { ...aftermath, by: startedByRuntime(by.id, container) } : aftermath;
}
