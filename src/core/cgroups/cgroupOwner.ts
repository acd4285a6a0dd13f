import { unescapedUnitName } from './unitName';

export type ContainerRuntime = 'docker' | 'podman' | 'containerd' | 'cri-o' | 'buildkit';

/** Quality of service of a Kubernetes pod: `besteffort` is killed first. */
export type PodQos = 'guaranteed' | 'burstable' | 'besteffort';

export interface Pod {
  /** With dashes, as Kubernetes says it; that of a static pod is 32 hexadecimal digits. */
  readonly uid: string;
  readonly qos: PodQos;
}

interface ContainerOwner {
  readonly kind: 'container';
  /** Undefined: the path does not tell, as with one's own `--cgroup-parent`. */
  readonly runtime: ContainerRuntime | undefined;
  readonly id: string;
  /** The pod it is part of. */
  readonly pod?: Pod;
  /** The user, by number, whose rootless container it is. */
  readonly user?: number;
  /** It is not the container but the process that looks after it (conmon). */
  readonly monitor?: true;
}

interface PodOwner extends Pod {
  readonly kind: 'pod';
}

/** A whole system in a container, or a virtual machine. */
interface MachineOwner {
  readonly kind: 'machine';
  /** `lxc` is LXD, Incus and Proxmox as well; `nspawn` is any machine that systemd itself started. */
  readonly manager: 'lxc' | 'nspawn' | 'qemu';
  readonly name: string;
  readonly user?: number;
  /** It is not the machine but the process that looks after it. */
  readonly monitor?: true;
}

/** A unit of systemd: a service, a scope, a mount, a socket, a swap. */
interface UnitOwner {
  readonly kind: 'unit';
  /** As systemctl takes it, e.g. `app-gnome\x2dterminal.scope`. */
  readonly name: string;
  /** Of that user's manager (`systemctl --user`), by number. Undefined: of the system's. */
  readonly user?: number;
  /** The snap it belongs to. */
  readonly snap?: string;
}

/** A login. */
interface SessionOwner {
  readonly kind: 'session';
  readonly id: string;
  readonly user?: number;
}

/** A group of units. */
interface SliceOwner {
  readonly kind: 'slice';
  readonly name: string;
  readonly user?: number;
}

/** What a cgroup belongs to, without what is nested in it. */
export type SingleOwner =
  | ContainerOwner
  | PodOwner
  | MachineOwner
  | UnitOwner
  | SessionOwner
  | SliceOwner
  | { readonly kind: 'root' }
  | { readonly kind: 'other'; readonly path: string };

/**
 * What a cgroup belongs to. Where containers and machines are nested it is the outermost, the one that this host's own
 * programs know; `inner` is the innermost container, machine, unit or session within it.
 */
export type CgroupOwner = SingleOwner & { readonly inner?: SingleOwner };

/** What is known of the segments gone by: the user and the pod that they are in. */
interface Around {
  user?: number;
  pod?: Pod;
}

/**
 * Says what a cgroup belongs to, by its path: the same names are used in both versions, in every hierarchy of version 1,
 * and by systemd's and by the plain (`cgroupfs`) drivers of the runtimes. A group deep in a container's own belongs to the
 * container.
 * @param path as `/proc/PID/cgroup` has it, e.g. `/system.slice/docker-4f….scope`. One that leads out of a cgroup
 * namespace (`/../…`) tells what its other segments tell.
 */
export function ownerOf(path: string): CgroupOwner {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '..');
  if (segments.length === 0) return path.includes('..') ? { kind: 'other', path } : { kind: 'root' };

  let around: Around = {};
  let outer: SingleOwner | undefined;
  let inner: SingleOwner | undefined;
  let unit: SingleOwner | undefined;
  let slice: SingleOwner | undefined;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    const parent = segments[index - 1];
    const boundary = containerOf(segment, parent, around) ?? machineOf(segment, parent, around);
    if (boundary !== undefined) {
      if (outer === undefined) outer = boundary;
      else inner = boundary;
      around = {};
      unit = undefined;
      slice = undefined;
      continue;
    }
    around = { ...around, ...podOf(segment, parent), ...userOf(segment) };
    slice = sliceOf(segment, around) ?? slice;
    // The manager of a user is a unit that holds that user's units; within another unit are its own affairs.
    if (unit === undefined || isUserManager(unit))
      unit = sessionOf(segment, around) ?? unitOf(segment, around) ?? unit;
  }

  const last = podOwnerOf(around) ?? unit ?? slice;
  if (outer === undefined) return last ?? { kind: 'other', path };
  const innermost = last !== undefined && last.kind !== 'slice' ? last : inner;
  return innermost === undefined ? outer : { ...outer, inner: innermost };
}

/** A container's own group: not that of the process that looks after it, nor one that the container has made within. */
export function isOwnOfContainer(owner: CgroupOwner): owner is Extract<CgroupOwner, { kind: 'container' }> {
  return owner.kind === 'container' && owner.monitor !== true && owner.inner === undefined;
}

/** A short name for people, e.g. `4f3c2a1b0d9e`, `ssh.service`, `web`; systemd's escapes are decoded. */
export function ownerName(owner: SingleOwner): string {
  switch (owner.kind) {
    case 'container':
      return owner.id.slice(0, 12);
    case 'pod':
      return owner.uid;
    case 'machine':
      return owner.name;
    case 'unit':
    case 'slice':
      return unescapedUnitName(owner.name);
    case 'session':
      return `session ${owner.id}`;
    case 'root':
      return '/';
    case 'other':
      return owner.path;
  }
}

/** Prefixes of scopes, `docker-<id>.scope`, and of `slice:docker:<id>`, which runc makes of a name that it cannot read. */
const runtimes = new Map<string, ContainerRuntime>([
  ['docker', 'docker'],
  ['libpod', 'podman'],
  ['cri-containerd', 'containerd'],
  ['nerdctl', 'containerd'],
  ['crio', 'cri-o'],
  ['buildkit', 'buildkit'],
]);

/** Containers' folders where there is no systemd to make scopes. */
const parents = new Map<string, ContainerRuntime>([
  ['docker', 'docker'],
  ['buildx', 'docker'],
  ['k8s.io', 'containerd'],
  ['default', 'containerd'],
  ['buildkit', 'buildkit'],
]);

function containerOf(
  segment: string,
  parent: string | undefined,
  around: Around,
): ContainerOwner | undefined {
  const container = (runtime: ContainerRuntime | undefined, id: string, monitor = false): ContainerOwner => ({
    kind: 'container',
    runtime,
    id,
    ...(around.pod && { pod: around.pod }),
    ...(around.user !== undefined && { user: around.user }),
    ...(monitor && { monitor: true }),
  });

  const [, prefix = '', conmon, scopeId] =
    /^([a-z]{1,10}(?:-containerd)?)-(conmon-)?([0-9a-f]{64})(?:\.scope)?$/.exec(segment) ?? [];
  const runtime = runtimes.get(prefix);
  if (scopeId !== undefined && runtime !== undefined)
    return container(runtime, scopeId, conmon !== undefined);

  const [, colonSlice = '', colonPrefix = '', colonId] =
    /^([^:]{1,255}):([a-z-]{1,20}):([0-9a-z]{20,64})$/.exec(segment) ?? [];
  const colonRuntime = runtimes.get(colonPrefix);
  if (colonId !== undefined && colonRuntime !== undefined) {
    const { pod } = podOf(colonSlice, undefined);
    return { ...container(colonRuntime, colonId), ...(pod && { pod }) };
  }

  const folder = parent === undefined ? undefined : parents.get(parent);
  // Under libpod_parent it is a pod of podman's.
  if (parent !== 'libpod_parent' && /^[0-9a-f]{64}$/.test(segment)) return container(folder, segment);
  if (folder === 'buildkit' && /^[0-9a-z]{20,32}$/.test(segment)) return container(folder, segment);
  return undefined;
}

function machineOf(segment: string, parent: string | undefined, { user }: Around): MachineOwner | undefined {
  const machine = (manager: MachineOwner['manager'], name: string, monitor = false): MachineOwner => ({
    kind: 'machine',
    manager,
    name,
    ...(user !== undefined && { user }),
    ...(monitor && { monitor: true }),
  });
  const [, lxcPart, lxcName] = /^lxc\.(payload|monitor)\.(.+)$/s.exec(segment) ?? [];
  if (lxcName !== undefined) return machine('lxc', lxcName, lxcPart === 'monitor');
  if (parent === 'lxc' || parent === 'lxc.payload') return machine('lxc', segment);
  if (parent === 'lxc.monitor') return machine('lxc', segment, true);

  const [, nspawn] = /^systemd-nspawn@(.+)\.service$/s.exec(segment) ?? [];
  if (nspawn !== undefined) return machine('nspawn', unescapedUnitName(nspawn));
  if (parent === 'qemu.slice' && segment.endsWith('.scope')) return machine('qemu', segment.slice(0, -6));
  const [, registered] = /^machine-(.+)\.scope$/s.exec(segment) ?? [];
  if (registered === undefined) return undefined;
  const name = unescapedUnitName(registered);
  // libvirt: `qemu-3-web`, its third domain since it was started.
  const [, driver, domain] = /^(qemu|lxc)-\d{1,10}-(.+)$/s.exec(name) ?? [];
  if (domain !== undefined) return machine(driver === 'qemu' ? 'qemu' : 'lxc', domain);
  return machine('nspawn', name);
}

function podOf(segment: string, parent: string | undefined): { pod?: Pod } {
  // systemd's driver, with dashes of the uid as underscores since a dash means a slice within: kubepods-burstable-pod<uid>.slice
  const [, sliceQos, sliceUid] =
    /(?:^|-)kubepods(?:-(burstable|besteffort))?-pod([0-9a-f_]{32,36})\.slice$/.exec(segment) ?? [];
  if (sliceUid !== undefined) return { pod: { uid: sliceUid.replaceAll('_', '-'), qos: qosOf(sliceQos) } };
  const [, uid] = /^pod([0-9a-f-]{32,36})$/.exec(segment) ?? [];
  if (uid === undefined || parent === undefined) return {};
  return ['kubepods', 'burstable', 'besteffort'].includes(parent) ? { pod: { uid, qos: qosOf(parent) } } : {};
}

function qosOf(word: string | undefined): PodQos {
  return word === 'burstable' || word === 'besteffort' ? word : 'guaranteed';
}

function podOwnerOf({ pod }: Around): PodOwner | undefined {
  return pod && { kind: 'pod', ...pod };
}

function userOf(segment: string): { user?: number } {
  const [, user] = /^user-(\d{1,10})\.slice$/.exec(segment) ?? [];
  return user === undefined ? {} : { user: Number(user) };
}

function sliceOf(segment: string, { user }: Around): SliceOwner | undefined {
  if (!segment.endsWith('.slice')) return undefined;
  return { kind: 'slice', name: unitNameOf(segment), ...(user !== undefined && { user }) };
}

function sessionOf(segment: string, { user }: Around): SessionOwner | undefined {
  const [, id] = /^session-([0-9a-z]{1,20})\.scope$/.exec(segment) ?? [];
  return id === undefined ? undefined : { kind: 'session', id, ...(user !== undefined && { user }) };
}

function unitOf(segment: string, { user }: Around): UnitOwner | undefined {
  if (!/\.(?:service|scope|mount|socket|swap)$/.test(segment)) return undefined;
  const name = unitNameOf(segment);
  const [, snap] = /^snap\.([a-z0-9-]{1,40})[._]/.exec(unescapedUnitName(name)) ?? [];
  const ofManager = user !== undefined && !/^user@\d+\.service$/.test(name);
  return { kind: 'unit', name, ...(ofManager && { user }), ...(snap !== undefined && { snap }) };
}

function isUserManager(owner: SingleOwner): boolean {
  return owner.kind === 'unit' && /^user@\d+\.service$/.test(owner.name);
}

/** systemd puts `_` before a name that would be that of a file of the kernel's, e.g. `_memory.service`. */
function unitNameOf(segment: string): string {
  return segment.startsWith('_') ? segment.slice(1) : segment;
}
