import { describe, expect, it } from 'vitest';
import { ownerName, ownerOf, type CgroupOwner } from '../../../../src/core/cgroups/cgroupOwner';
import { memoryGroupOf, ownerOfProcess } from '../../../../src/core/cgroups/processOwner';
import { cgroupMembership } from '../../../../src/core/proc/cgroupMembership';

const id = 'c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc';
const inner = 'deadbeef00112233445566778899aabbccddeeff00112233445566778899aabb';
const uid = '2f6c1a0e-8d7b-4c3a-9e21-5b0d4f8a7c66';
const uidInSlice = '2f6c1a0e_8d7b_4c3a_9e21_5b0d4f8a7c66';
const staticUid = '0123456789abcdef0123456789abcdef';
const buildId = 'r6qzq4o3g1d8x1bgi7pbsd7bh';
const manager = '/user.slice/user-1000.slice/user@1000.service';

const docker = { kind: 'container', runtime: 'docker', id } as const;
const podman = { kind: 'container', runtime: 'podman', id } as const;
const containerd = { kind: 'container', runtime: 'containerd', id } as const;
const unknown = { kind: 'container', runtime: undefined, id } as const;
const lxc = { kind: 'machine', manager: 'lxc', name: 'web' } as const;
const nspawn = { kind: 'machine', manager: 'nspawn', name: 'web' } as const;
const burstable = { uid, qos: 'burstable' } as const;
const ssh = { kind: 'unit', name: 'ssh.service' } as const;

const owners: readonly [string, string, CgroupOwner][] = [
  ['the root', '/', { kind: 'root' }],

  ['docker, cgroupfs', `/docker/${id}`, docker],
  ['docker, systemd', `/system.slice/docker-${id}.scope`, docker],
  ['docker, a slice of its own', `/my.slice/my-apps.slice/docker-${id}.scope`, docker],
  ['docker, a folder of its own', `/dockerd-x7/${id}`, unknown],
  ['docker, a sub-group that the container made', `/docker/${id}/init/workers`, docker],
  ['docker, systemd in the container', `/docker/${id}/system.slice/ssh.service`, { ...docker, inner: ssh }],
  [
    'docker, init of such a container',
    `/system.slice/docker-${id}.scope/init.scope`,
    { ...docker, inner: { kind: 'unit', name: 'init.scope' } },
  ],
  ['docker in docker', `/docker/${id}/docker/${inner}`, { ...docker, inner: { ...docker, id: inner } }],
  [
    'docker, thrice',
    `/docker/${id}/docker/${'0'.repeat(64)}/docker/${inner}`,
    { ...docker, inner: { ...docker, id: inner } },
  ],
  ['the daemon of docker', '/system.slice/docker.service', { kind: 'unit', name: 'docker.service' }],
  ['containers in the unit of their daemon', `/system.slice/docker.service/docker/${id}`, docker],
  ['rootless docker', `${manager}/user.slice/docker-${id}.scope`, { ...docker, user: 1000 }],
  ['BuildKit of buildx', `/docker/buildx/${id}`, docker],
  [
    'a build step within it',
    `/docker/buildx/${id}/buildkit/${buildId}`,
    { ...docker, inner: { kind: 'container', runtime: 'buildkit', id: buildId } },
  ],
  [
    'a build step of dockerd',
    `/docker/buildkit/${buildId}`,
    { kind: 'container', runtime: 'buildkit', id: buildId },
  ],
  ['a name that is no id', '/docker/c0ffee', { kind: 'other', path: '/docker/c0ffee' }],

  ['podman, systemd', `/machine.slice/libpod-${id}.scope`, podman],
  ['podman, its sub-group', `/machine.slice/libpod-${id}.scope/container`, podman],
  ['podman, cgroupfs', `/libpod_parent/libpod-${id}`, podman],
  ['podman, a pod', `/machine.slice/machine-libpod_pod_${inner}.slice/libpod-${id}.scope`, podman],
  ['podman, a pod with cgroupfs', `/libpod_parent/${inner}/libpod-${id}`, podman],
  ['podman, rootless', `${manager}/user.slice/libpod-${id}.scope/container`, { ...podman, user: 1000 }],
  ['podman, the monitor', `/machine.slice/libpod-conmon-${id}.scope`, { ...podman, monitor: true }],
  [
    'podman, the monitor of a user',
    `${manager}/user.slice/libpod-conmon-${id}.scope`,
    { ...podman, user: 1000, monitor: true },
  ],

  ['containerd', `/default/${id}`, containerd],
  ['nerdctl', `/system.slice/nerdctl-${id}.scope`, containerd],
  [
    'kubernetes, containerd',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uidInSlice}.slice/cri-containerd-${id}.scope`,
    { ...containerd, pod: burstable },
  ],
  [
    'kubernetes, CRI-O',
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uidInSlice}.slice/crio-${id}.scope`,
    { kind: 'container', runtime: 'cri-o', id, pod: { uid, qos: 'besteffort' } },
  ],
  [
    'kubernetes, the monitor of CRI-O',
    `/kubepods.slice/kubepods-pod${uidInSlice}.slice/crio-conmon-${id}.scope`,
    { kind: 'container', runtime: 'cri-o', id, pod: { uid, qos: 'guaranteed' }, monitor: true },
  ],
  [
    'kubernetes, docker',
    `/kubepods.slice/kubepods-pod${uidInSlice}.slice/docker-${id}.scope`,
    { ...docker, pod: { uid, qos: 'guaranteed' } },
  ],
  [
    'kubernetes, cgroupfs',
    `/kubepods/besteffort/pod${uid}/${id}`,
    { ...unknown, pod: { uid, qos: 'besteffort' } },
  ],
  [
    'kubernetes, cgroupfs, guaranteed',
    `/kubepods/pod${uid}/${id}`,
    { ...unknown, pod: { uid, qos: 'guaranteed' } },
  ],
  [
    'kubernetes, a static pod',
    `/kubepods/burstable/pod${staticUid}/${id}`,
    { ...unknown, pod: { uid: staticUid, qos: 'burstable' } },
  ],
  [
    'kubernetes, the pod itself',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uidInSlice}.slice`,
    { kind: 'pod', ...burstable },
  ],
  ['kubernetes, the pod itself, cgroupfs', `/kubepods/burstable/pod${uid}`, { kind: 'pod', ...burstable }],
  [
    'kubernetes, all pods of a kind',
    '/kubepods.slice/kubepods-burstable.slice',
    { kind: 'slice', name: 'kubepods-burstable.slice' },
  ],
  [
    'kubernetes under a root of its own',
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${uidInSlice}.slice/cri-containerd-${id}.scope`,
    { ...containerd, pod: { uid, qos: 'guaranteed' } },
  ],
  [
    'kubernetes, a name for systemd that runc could not read',
    `/system.slice/containerd.service/kubepods-burstable-pod${uidInSlice}.slice:cri-containerd:${id}`,
    { ...containerd, pod: burstable },
  ],
  [
    'kubernetes in docker (kind)',
    `/docker/${id}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${uidInSlice}.slice/cri-containerd-${inner}.scope`,
    { ...docker, inner: { ...containerd, id: inner, pod: { uid, qos: 'besteffort' } } },
  ],

  ['LXC, version 1', '/lxc/web', lxc],
  ['LXC, version 2', '/lxc.payload.web', lxc],
  ['LXC, a process of a service in it', '/lxc.payload.web/system.slice/ssh.service', { ...lxc, inner: ssh }],
  ['LXC, older', '/lxc.payload/web/init.scope', { ...lxc, inner: { kind: 'unit', name: 'init.scope' } }],
  ['LXC, its monitor', '/lxc.monitor.web', { ...lxc, monitor: true }],
  ['LXC, its monitor, older', '/lxc.monitor/web', { ...lxc, monitor: true }],
  [
    'Proxmox',
    '/lxc/101/ns/system.slice/ssh.service',
    { kind: 'machine', manager: 'lxc', name: '101', inner: ssh },
  ],
  ['docker in LXD', `/lxc.payload.web/system.slice/docker-${id}.scope`, { ...lxc, inner: docker }],
  ['Proxmox, a virtual machine', '/qemu.slice/104.scope', { kind: 'machine', manager: 'qemu', name: '104' }],
  ['systemd-nspawn', '/machine.slice/machine-web.scope', nspawn],
  [
    'systemd-nspawn, a name with a dash',
    '/machine.slice/machine-my\\x2dweb.scope',
    { ...nspawn, name: 'my-web' },
  ],
  [
    'systemd-nspawn, as a service',
    '/machine.slice/systemd-nspawn@web.service/payload/system.slice/ssh.service',
    { ...nspawn, inner: ssh },
  ],
  [
    'libvirt',
    '/machine.slice/machine-qemu\\x2d3\\x2dmy\\x2dweb.scope/libvirt/emulator',
    { kind: 'machine', manager: 'qemu', name: 'my-web' },
  ],

  ['a service', '/system.slice/ssh.service', ssh],
  ['a service with groups of its own', '/system.slice/ssh.service/a/b', ssh],
  [
    'an instance of a service',
    '/system.slice/system-getty.slice/getty@tty1.service',
    { kind: 'unit', name: 'getty@tty1.service' },
  ],
  ['a mount', '/system.slice/dev-hugepages.mount', { kind: 'unit', name: 'dev-hugepages.mount' }],
  [
    'a name that would be that of a file of the kernel',
    '/system.slice/_memory.service',
    { kind: 'unit', name: 'memory.service' },
  ],
  ['init', '/init.scope', { kind: 'unit', name: 'init.scope' }],
  ['a slice', '/system.slice', { kind: 'slice', name: 'system.slice' }],
  [
    'the slice of a user',
    '/user.slice/user-1000.slice',
    { kind: 'slice', name: 'user-1000.slice', user: 1000 },
  ],
  ['a login', '/user.slice/user-1000.slice/session-3.scope', { kind: 'session', id: '3', user: 1000 }],
  [
    'a login on a console',
    '/user.slice/user-0.slice/session-c12.scope',
    { kind: 'session', id: 'c12', user: 0 },
  ],
  ['the manager of a user', manager, { kind: 'unit', name: 'user@1000.service' }],
  ['its own group', `${manager}/init.scope`, { kind: 'unit', name: 'init.scope', user: 1000 }],
  [
    'a service of a user',
    `${manager}/app.slice/backup.service`,
    { kind: 'unit', name: 'backup.service', user: 1000 },
  ],
  [
    'a program of a desktop',
    `${manager}/app.slice/app-gnome-org.gnome.Terminal\\x2d1.scope`,
    { kind: 'unit', name: 'app-gnome-org.gnome.Terminal\\x2d1.scope', user: 1000 },
  ],
  [
    'a snap of a user',
    `${manager}/app.slice/snap.firefox.firefox-0b1c.scope`,
    { kind: 'unit', name: 'snap.firefox.firefox-0b1c.scope', user: 1000, snap: 'firefox' },
  ],
  [
    'a service of a snap',
    '/system.slice/snap.lxd.daemon.service',
    { kind: 'unit', name: 'snap.lxd.daemon.service', snap: 'lxd' },
  ],

  ['a folder', '/batch/job-7', { kind: 'other', path: '/batch/job-7' }],
  ['out of a cgroup namespace', `/../../system.slice/docker-${id}.scope`, docker],
  ['out of a cgroup namespace, the root', '/../..', { kind: 'other', path: '/../..' }],
  ['no path at all', '', { kind: 'root' }],
];

describe('says by its path what a cgroup belongs to', () => {
  it.each(owners)('%s: %s', (_, path, owner) => {
    expect(ownerOf(path)).toStrictEqual(owner);
  });
});

/** Texts of /proc/PID/cgroup. Hybrid: systemd's own tree is in version 2. */
const processes: readonly [
  string,
  string,
  { path: string; version: 1 | 2 } | undefined,
  CgroupOwner | undefined,
][] = [
  [
    'v2, a container',
    `0::/system.slice/docker-${id}.scope\n`,
    { path: `/system.slice/docker-${id}.scope`, version: 2 },
    docker,
  ],
  ['v2, a service', '0::/system.slice/ssh.service\n', { path: '/system.slice/ssh.service', version: 2 }, ssh],
  [
    'v2, a service that has ended and was removed',
    '0::/system.slice/ssh.service (deleted)\n',
    { path: '/system.slice/ssh.service', version: 2 },
    ssh,
  ],
  [
    'v1, a container',
    `11:memory:/docker/${id}\n10:cpu,cpuacct:/docker/${id}\n1:name=systemd:/docker/${id}\n`,
    { path: `/docker/${id}`, version: 1 },
    docker,
  ],
  [
    'v1, a service that systemd does not account for',
    '9:cpu,memory:/\n1:name=systemd:/system.slice/ssh.service\n',
    { path: '/', version: 1 },
    ssh,
  ],
  [
    'hybrid, a service that systemd does not account for',
    '4:memory:/system.slice\n1:name=systemd:/system.slice/ssh.service\n0::/system.slice/ssh.service\n',
    { path: '/system.slice', version: 1 },
    ssh,
  ],
  [
    'hybrid, a container',
    `4:memory:/docker/${id}\n1:name=systemd:/docker/${id}\n0::/system.slice/containerd.service\n`,
    { path: `/docker/${id}`, version: 1 },
    docker,
  ],
  [
    'hybrid, a pod',
    `4:memory:/kubepods/burstable/pod${uid}/${id}\n0::/\n`,
    { path: `/kubepods/burstable/pod${uid}/${id}`, version: 1 },
    { ...unknown, pod: burstable },
  ],
  [
    'hybrid without systemd',
    '9:name=systemd:/\n4:memory:/batch\n0::/\n',
    { path: '/batch', version: 1 },
    { kind: 'other', path: '/batch' },
  ],
  ['v1 without the memory controller', '1:name=systemd:/system.slice/ssh.service\n', undefined, ssh],
  ['a colon in a name', '0::/a:b/c\n', { path: '/a:b/c', version: 2 }, { kind: 'other', path: '/a:b/c' }],
];

describe('says by /proc/PID/cgroup what a process belongs to and what it is charged to', () => {
  it.each(processes)('%s', (_, text, group, owner) => {
    const membership = cgroupMembership.parse(text, (line, reason) => {
      throw new Error(`${reason}: ${line.text}`);
    });
    expect(memoryGroupOf(membership)).toEqual(group);
    expect(ownerOfProcess(membership)).toEqual(owner);
  });
});

it.each<[CgroupOwner, string]>([
  [docker, 'c0ffee001122'],
  [{ kind: 'pod', ...burstable }, uid],
  [lxc, 'web'],
  [{ kind: 'unit', name: 'app-my\\x2dterminal.scope' }, 'app-my-terminal.scope'],
  [{ kind: 'unit', name: 'caf\\xc3\\xa9.service' }, 'café.service'],
  [{ kind: 'unit', name: 'half\\xc3.service' }, 'half\\xc3.service'],
  [{ kind: 'unit', name: 'two\\x0alines.service' }, 'two\\x0alines.service'],
  [{ kind: 'session', id: '3', user: 1000 }, 'session 3'],
  [{ kind: 'other', path: '/a/b' }, '/a/b'],
])('names %o for people: %s', (owner, name) => {
  expect(ownerName(owner)).toBe(name);
});
