import type { CgroupOwner, SingleOwner } from '../cgroups/cgroupOwner';
import type { Container, RestartPolicy } from '../containers/container';
import type { JoinedContainer } from '../containers/joinContainers';
import type { Process } from '../processes/process';

/**
 * How a target ends: `api` – the runtime is asked, which counts as being stopped by hand; `signal` – its processes are
 * killed past the runtime, which takes it for a failure.
 */
export type Ending = 'api' | 'signal';

/** What may bring a target back to life. Names are the host's: to be cleaned before they are shown. */
export type Restarter =
  | {
      readonly kind: 'restart-policy';
      /** Undefined: not known. */
      readonly policy: RestartPolicy['name'] | undefined;
      /** `at-once`, or when the runtime itself starts again, as after a boot of the host. */
      readonly when: 'at-once' | 'runtime-start';
      readonly sure: boolean;
    }
  | { readonly kind: 'swarm'; readonly service: string; readonly sure: true }
  /** Undefined: the pod's name is not known. A pod may have the restart policy Never. */
  | { readonly kind: 'kubernetes'; readonly pod: string | undefined; readonly sure: false }
  | { readonly kind: 'orchestrator'; readonly name: 'Nomad' | 'Amazon ECS'; readonly sure: false }
  /** What the unit says in `Restart=` is not known. */
  | { readonly kind: 'systemd'; readonly unit: string; readonly sure: false }
  /** Its parent, which is known for starting its children again, or runs the same program. */
  | { readonly kind: 'supervisor'; readonly name: string; readonly pid: number; readonly sure: false };

/** What may bring a container back after it has ended. */
export function restartersOfContainer(
  { container, pod }: Pick<JoinedContainer, 'container' | 'pod'>,
  ending: Ending,
): Restarter[] {
  if (container === undefined) {
    const byPolicy: Restarter = {
      kind: 'restart-policy',
      policy: undefined,
      when: 'at-once',
      sure: false,
    };
    return pod ? [{ kind: 'kubernetes', pod: undefined, sure: false }] : [byPolicy];
  }
  const { swarmServiceId, kubernetesPod, systemdUnit, labels } = container;
  const found: Restarter[] = [];
  // A task of Swarm's and a pod's container have no policy of the runtime's own.
  if (swarmServiceId !== undefined) {
    const service = ownLabel(labels, 'com.docker.swarm.service.name') ?? swarmServiceId;
    found.push({ kind: 'swarm', service, sure: true });
  } else if (kubernetesPod !== undefined || pod) {
    found.push({ kind: 'kubernetes', pod: kubernetesPod, sure: false });
  } else {
    found.push(...byRestartPolicy(container, ending));
  }
  if (ownLabel(labels, 'com.hashicorp.nomad.alloc_id') !== undefined)
    found.push({ kind: 'orchestrator', name: 'Nomad', sure: false });
  if (ownLabel(labels, 'com.amazonaws.ecs.task-arn') !== undefined)
    found.push({ kind: 'orchestrator', name: 'Amazon ECS', sure: false });
  if (systemdUnit !== undefined) found.push({ kind: 'systemd', unit: systemdUnit, sure: false });
  return found;
}

/**
 * A container that was killed or stopped through the API stays dead, until the runtime itself starts again: then `always`
 * counts (moby/moby, daemon/kill.go and internal/restartmanager). One whose processes were killed past the runtime has failed (exit code 137) in its eyes.
 */
function byRestartPolicy({ restartPolicy, autoRemove }: Container, ending: Ending): Restarter[] {
  if (autoRemove === true) return [];
  const kind = 'restart-policy';
  switch (restartPolicy?.name) {
    case 'no':
      return [];
    case undefined: {
      const when = ending === 'api' ? 'runtime-start' : 'at-once';
      return [{ kind, policy: undefined, when, sure: false }];
    }
    case 'always':
      return [{ kind, policy: 'always', when: ending === 'api' ? 'runtime-start' : 'at-once', sure: true }];
    case 'unless-stopped':
      return ending === 'api' ? [] : [{ kind, policy: 'unless-stopped', when: 'at-once', sure: true }];
    case 'on-failure': {
      // 137 counts as a failure again when dockerd reads it at its start, though its manual says otherwise.
      if (ending === 'api') return [{ kind, policy: 'on-failure', when: 'runtime-start', sure: false }];
      const endless = (restartPolicy.maximumRetryCount ?? 0) === 0;
      return [{ kind, policy: 'on-failure', when: 'at-once', sure: endless }];
    }
  }
}

/** Programs whose work it is to start their children again; `comm`, at most 15 characters. */
const supervisors: ReadonlySet<string> = new Set([
  'circusd',
  'forego',
  'honcho',
  'monit',
  'overmind',
  'runsv',
  's6-supervise',
  'supervise',
  'supervisord',
  'god',
  'perpd',
]);

/** What is known of a process's surroundings. */
export interface ProcessSurroundings {
  /** Undefined: not known, or it has gone. */
  readonly parent: Process | undefined;
  readonly owner: CgroupOwner | undefined;
  /** The container that it is part of, where the API knows it. */
  readonly container: Container | undefined;
}

/** What may bring a process back after it was signalled. */
export function restartersOfProcess(
  process: Process,
  { parent, owner, container }: ProcessSurroundings,
): Restarter[] {
  const found: Restarter[] = [];
  const nsPids = process.details?.status?.nsPids ?? [];
  // The first process of a container is the container: it ends with it.
  const isContainer =
    container?.pid === process.pid ||
    (owner?.kind === 'container' && nsPids.length > 1 && nsPids.at(-1) === 1);
  if (owner?.kind === 'container' && owner.monitor !== true && isContainer) {
    found.push(...restartersOfContainer({ container, ...(owner.pod && { pod: owner.pod }) }, 'signal'));
  }
  const unit = serviceOf(owner);
  if (unit !== undefined) found.push({ kind: 'systemd', unit, sure: false });
  const supervisor = supervisorOf(process, parent);
  if (supervisor) found.push(supervisor);
  return found;
}

/** The service that a process belongs to. A container's inner units are started by its own systemd. */
function serviceOf(owner: CgroupOwner | undefined): string | undefined {
  const isService = (one: SingleOwner | undefined): one is SingleOwner & { kind: 'unit' } =>
    one?.kind === 'unit' && one.name.endsWith('.service') && !/^user@\d+\.service$/.test(one.name);
  if (isService(owner)) return owner.name;
  return isService(owner?.inner) ? owner.inner.name : undefined;
}

function supervisorOf(process: Process, parent: Process | undefined): Restarter | undefined {
  if (parent === undefined || process.stat.ppid !== parent.pid || parent.pid <= 1) return undefined;
  const { name } = parent.stat;
  // PM2 names itself `PM2 v5.3.0: God`; masters such as gunicorn, nginx and uwsgi run the same program as their workers.
  const known = supervisors.has(name.toLowerCase()) || name.startsWith('PM2 ');
  if (!known && name !== process.stat.name) return undefined;
  return { kind: 'supervisor', name, pid: parent.pid, sure: false };
}

function ownLabel(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
