import type { Action, ActionTarget } from '../actions';

/** `PATH_MAX` */
const longestPath = 4096;
/** 64 hexadecimal digits; BuildKit and others use letters and digits. */
const containerId = /^[0-9a-z]{12,64}$/;
const mostContainers = 2000;

/**
 * A target as it came in a message, where it has the shape of one; undefined otherwise. That there is such a container or
 * process is for the plan to find out.
 */
export function actionTargetOf(value: unknown): ActionTarget | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, id, ids, pid, startTicks, path } = value as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'host':
      return { kind };
    case 'container':
      return isContainerId(id) ? { kind, id } : undefined;
    case 'containers':
      return Array.isArray(ids) && ids.length <= mostContainers && ids.every(isContainerId)
        ? { kind, ids: [...new Set(ids)] }
        : undefined;
    case 'process':
      return isCount(pid) && pid > 0 && isCount(startTicks) ? { kind, pid, startTicks } : undefined;
    case 'cgroup':
      return typeof path === 'string' && path.startsWith('/') && path.length <= longestPath
        ? { kind, path }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether an action takes this kind of target. */
export function takesTarget({ target, alsoTargets = [] }: Action, { kind }: ActionTarget): boolean {
  return target === kind || alsoTargets.includes(kind);
}

function isContainerId(value: unknown): value is string {
  return typeof value === 'string' && containerId.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
