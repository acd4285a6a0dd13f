import type {
  Container,
  ContainerHealth,
  ContainerLimits,
  ContainerState,
  RestartPolicy,
} from '../../core/containers/container';
import type { ContainerRuntimeFacts } from '../../core/containers/containerRuntime';
import { cleanText } from '../../transport/cleanText';

/** Docker makes ids of 64 digits; nothing else gets into the path of a request. */
const containerId = /^[0-9a-f]{12,64}$/;

/** More containers are not looked at: a host may say anything. */
export const mostContainers = 2000;

const mostLabels = 64;
const longestName = 80;
const longestLabel = 200;

const states: readonly ContainerState[] = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
];
const healths: readonly ContainerHealth[] = ['starting', 'healthy', 'unhealthy'];
const policies: readonly RestartPolicy['name'][] = ['no', 'always', 'unless-stopped', 'on-failure'];

type Facts = Readonly<Record<string, unknown>>;

/** @returns undefined where the text is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The message of an error, in the runtime's words: `{"message":"…"}`, or the text itself. */
export function errorMessageOf(body: string): string {
  const message = factsOf(parsedJson(body)).message;
  return cleanText(typeof message === 'string' ? message : body, 300);
}

/**
 * `GET /containers/json`: what the list tells, the first {@link mostContainers}. Never throws; an entry without an id is
 * left out.
 * @returns undefined where it is no list.
 */
export function listedContainersOf(answer: unknown): readonly Container[] | undefined {
  if (!Array.isArray(answer)) return undefined;
  return answer.slice(0, mostContainers).flatMap((entry) => listedContainerOf(factsOf(entry)) ?? []);
}

function listedContainerOf(entry: Facts): Container | undefined {
  const { Id: id, Names: names, Image: image, State: state, Status: status, Created: created } = entry;
  if (typeof id !== 'string' || !containerId.test(id)) return undefined;
  const [first] = Array.isArray(names) ? (names as unknown[]) : [];
  const labelled = labelsOf(entry.Labels);
  const createdAtMs = millisecondsOf(typeof created === 'number' ? created * 1000 : undefined);
  const name = nameOf(first, id);
  return {
    id,
    name,
    ...(typeof first === 'string' && first.replace(/^\//, '') !== name && { nameCut: true }),
    image: textOf(image, longestName) ?? '',
    state: oneOf(states, state) ?? 'unknown',
    status: textOf(status, longestName) ?? '',
    ...(createdAtMs !== undefined && { createdAtMs }),
    ...labelFacts(labelled.labels),
    restartPolicy: undefined,
    ...labelled,
  };
}

/** What only an inspection tells. */
export type InspectedFacts = Pick<
  Container,
  'restartPolicy' | 'limits' | 'startedAtMs' | 'restartCount' | 'health' | 'oomKilled' | 'pid' | 'autoRemove'
>;

/** `GET /containers/ID/json`. Never throws; what is not as it should be is left out. */
export function inspectedFactsOf(answer: unknown): InspectedFacts {
  const inspected = factsOf(answer);
  const host = factsOf(inspected.HostConfig);
  const state = factsOf(inspected.State);
  const health = oneOf(healths, factsOf(state.Health).Status);
  const startedAtMs = timeOf(state.StartedAt);
  const restartCount = countOf(inspected.RestartCount);
  const pid = countOf(state.Pid);
  return {
    restartPolicy: restartPolicyOf(factsOf(host.RestartPolicy)),
    ...(Number.isSafeInteger(host.Memory) && { limits: limitsOf(host) }),
    ...(startedAtMs !== undefined && { startedAtMs }),
    ...(restartCount !== undefined && { restartCount }),
    ...(health !== undefined && { health }),
    ...(typeof state.OOMKilled === 'boolean' && { oomKilled: state.OOMKilled }),
    ...(pid !== undefined && pid > 0 && { pid }),
    ...(typeof host.AutoRemove === 'boolean' && { autoRemove: host.AutoRemove }),
  };
}

/** `GET /version` and `GET /info`. @returns undefined where the first is not what a runtime answers. */
export function runtimeFactsOf(version: unknown, info: unknown): ContainerRuntimeFacts | undefined {
  const { Version, ApiVersion, Components } = factsOf(version);
  if (typeof Version !== 'string' && typeof ApiVersion !== 'string') return undefined;
  const said = factsOf(info);
  const components = Array.isArray(Components) ? (Components.slice(0, 20) as unknown[]) : [];
  const isPodman = components.some((component) => factsOf(component).Name === 'Podman Engine');
  const security = Array.isArray(said.SecurityOptions)
    ? (said.SecurityOptions.slice(0, 50) as unknown[])
    : [];
  const swarm = textOf(factsOf(said.Swarm).LocalNodeState, 40);
  return {
    runtime: isPodman ? 'podman' : 'docker',
    version: textOf(Version, 40),
    apiVersion: textOf(ApiVersion, 20),
    cgroupVersion: said.CgroupVersion === '1' ? 1 : said.CgroupVersion === '2' ? 2 : undefined,
    cgroupDriver: textOf(said.CgroupDriver, 20),
    memoryLimit: flagOf(said.MemoryLimit),
    swapLimit: flagOf(said.SwapLimit),
    oomKillDisable: flagOf(said.OomKillDisable),
    rootless: flagOf(said.Rootless) ?? (security.length > 0 ? security.includes('name=rootless') : undefined),
    liveRestore: flagOf(said.LiveRestoreEnabled),
    swarm: swarm === undefined ? undefined : swarm === 'active',
  };
}

function factsOf(value: unknown): Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Facts) : {};
}

function nameOf(name: unknown, id: string): string {
  const clean = typeof name === 'string' ? cleanText(name.replace(/^\//, ''), longestName) : '';
  return clean === '' ? id.slice(0, 12) : clean;
}

function labelsOf(value: unknown): Pick<Container, 'labels' | 'labelsCut' | 'labelValuesCut'> {
  // Without a prototype: `__proto__` is a label as any other.
  const labels = Object.create(null) as Record<string, string>;
  const labelValuesCut: string[] = [];
  const said = Object.entries(factsOf(value));
  for (const [key, label] of said) {
    if (Object.keys(labels).length === mostLabels) break;
    if (typeof label !== 'string' || key in labels || cleanText(key, longestLabel) !== key) continue;
    labels[key] = cleanText(label, longestLabel);
    if (labels[key] !== label.trim()) labelValuesCut.push(key);
  }
  return {
    labels,
    ...(Object.keys(labels).length < said.length && { labelsCut: true }),
    ...(labelValuesCut.length > 0 && { labelValuesCut }),
  };
}

function labelFacts(
  labels: Readonly<Record<string, string>>,
): Pick<Container, 'composeProject' | 'composeService' | 'swarmServiceId' | 'kubernetesPod' | 'systemdUnit'> {
  const first = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => labels[key]).find((label) => label !== undefined && label !== '');
  const composeProject = first('com.docker.compose.project', 'io.podman.compose.project');
  const composeService = first('com.docker.compose.service', 'io.podman.compose.service');
  const swarmServiceId = first('com.docker.swarm.service.id');
  const kubernetesPod = first('io.kubernetes.pod.name');
  const systemdUnit = first('PODMAN_SYSTEMD_UNIT');
  return {
    ...(composeProject !== undefined && { composeProject }),
    ...(composeService !== undefined && { composeService }),
    ...(swarmServiceId !== undefined && { swarmServiceId }),
    ...(kubernetesPod !== undefined && { kubernetesPod }),
    ...(systemdUnit !== undefined && { systemdUnit }),
  };
}

/** Docker says `''` or `no` for none, Podman `''` too. */
function restartPolicyOf({ Name, MaximumRetryCount }: Facts): RestartPolicy | undefined {
  const name = Name === '' ? 'no' : oneOf(policies, Name);
  if (name === undefined) return undefined;
  const most = countOf(MaximumRetryCount);
  return {
    name,
    ...(name === 'on-failure' && most !== undefined && most > 0 && { maximumRetryCount: most }),
  };
}

/** 0 and −1 mean none. */
function limitsOf({ Memory, MemorySwap, MemoryReservation }: Facts): ContainerLimits {
  const [memoryBytes, memorySwapBytes, reservationBytes] = [Memory, MemorySwap, MemoryReservation].map(
    (value) => {
      const bytes = countOf(value);
      return bytes === 0 ? undefined : bytes;
    },
  );
  return {
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(memorySwapBytes !== undefined && { memorySwapBytes }),
    ...(reservationBytes !== undefined && { reservationBytes }),
  };
}

function textOf(value: unknown, max: number): string | undefined {
  return typeof value === 'string' ? cleanText(value, max) : undefined;
}

function flagOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** `2026-11-23T06:00:55.417218545Z`; the year 1 means never. */
function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' && value.length < 64 ? millisecondsOf(Date.parse(value)) : undefined;
}

function millisecondsOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value > 0 && value < 8.64e15 ? value : undefined;
}

function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word | undefined {
  return words.find((word) => word === value);
}
