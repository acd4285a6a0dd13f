import type { Container } from '../../core/containers/container';
import type { ContainerAction } from '../../core/containers/containerAction';
import type { ContainerRuntimeFacts } from '../../core/containers/containerRuntime';
import { memoryUpdateOf } from '../../core/containers/memoryLimit';
import type { ApiRequest } from './apiChannel';

/** What is sent for one container with `POST`. */
export type ActionRequest = Omit<ApiRequest, 'method'>;

/** Nothing has to be sent, or nothing can be: why. */
export interface NothingToSend {
  readonly outcome: 'done' | 'failed';
  readonly message: string;
}

const longestTimeOutSeconds = 3600;

/**
 * The request to the Docker API that carries out an action on a container. Ids are hexadecimal digits by
 * {@link Container}, and checked once more: they are the only words of a host in a path.
 */
export function actionRequestOf(
  action: ContainerAction,
  container: Container,
  facts: ContainerRuntimeFacts,
): ActionRequest | NothingToSend {
  if (!isContainerId(container.id)) return { outcome: 'failed', message: 'It has no proper id.' };
  const path = (request: string): string => `/containers/${container.id}/${request}`;
  switch (action.kind) {
    case 'kill':
      return { path: path('kill?signal=SIGKILL') };
    case 'stop':
      return { path: path(`stop${timeOutOf(action.timeOutSeconds)}`) };
    case 'restart':
      return { path: path(`restart${timeOutOf(action.timeOutSeconds)}`), once: true };
    case 'pause':
    case 'unpause':
      return { path: path(action.kind) };
    case 'set-memory-limit': {
      const update = memoryUpdateOf(action.memoryBytes, action.swapBytes, container.limits, facts);
      if (typeof update === 'string') return { outcome: 'failed', message: update };
      if (facts.runtime === 'docker') return { path: path('update'), body: update };
      const { Memory: limit, MemorySwap: swap } = update;
      // Its compatible API has no such request before 5.0, its own since 4.3: the limits as the OCI runtime takes them.
      const memory = { limit, ...(swap !== undefined && { swap }) };
      return { path: `/v4.3.0/libpod/containers/${container.id}/update`, body: { memory } };
    }
    case 'disable-restart':
      if (container.autoRemove === true)
        return { outcome: 'done', message: 'It has no restart policy: it is removed when it ends.' };
      if (facts.runtime === 'docker')
        return { path: path('update'), body: { RestartPolicy: { Name: 'no' } } };
      // Before that the parameter is passed over in silence, and the answer is that all is well.
      if (!isAtLeast(facts.version, 5, 1)) {
        const message = `Podman ${facts.version ?? ''} cannot change the restart policy of a container (since 5.1).`;
        return container.restartPolicy?.name === 'no'
          ? { outcome: 'done', message: 'It has no restart policy.' }
          : { outcome: 'failed', message };
      }
      return { path: `/v5.1.0/libpod/containers/${container.id}/update?restartPolicy=no`, body: {} };
  }
}

/** Whether it may stand in the path of a request. */
export function isContainerId(id: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(id);
}

function timeOutOf(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  return `?t=${Math.min(longestTimeOutSeconds, Math.max(0, Math.round(seconds)))}`;
}

function isAtLeast(version: string | undefined, major: number, minor: number): boolean {
  const [, first, second] = /^(\d{1,4})\.(\d{1,4})/.exec(version ?? '') ?? [];
  if (first === undefined) return false;
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
