import { describe, expect, it } from 'vitest';
import type { WatchedCgroup } from '../../../../src/core/cgroups/cgroup';
import { ownerOf } from '../../../../src/core/cgroups/cgroupOwner';
import { composeGroupsOf } from '../../../../src/core/containers/composeGroups';
import type { Container } from '../../../../src/core/containers/container';
import { joinContainers } from '../../../../src/core/containers/joinContainers';

const [a, b, c] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];

function container(id: string, more: Partial<Container> = {}): Container {
  const known = {
    name: id.slice(0, 12),
    image: 'busybox',
    state: 'running',
    status: 'Up 3 minutes',
  } as const;
  return { id, ...known, restartPolicy: undefined, limits: {}, labels: {}, ...more };
}

function cgroup(path: string, currentBytes?: number): WatchedCgroup {
  return {
    path,
    version: 2,
    owner: ownerOf(path),
    readAtMs: 1000,
    limits: {},
    ...(currentBytes !== undefined && { currentBytes }),
    rates: undefined,
    happened: { sinceMs: 1000, oomKills: undefined, limitHits: undefined },
    effectiveMax: undefined,
    effectiveHigh: undefined,
  };
}

describe('containers and cgroups', () => {
  it('meet by id, in the order of the API; what only a cgroup tells of comes after', () => {
    const groups = [
      cgroup('/'),
      cgroup('/system.slice/ssh.service'),
      cgroup(`/system.slice/docker-${b}.scope`, 20),
      cgroup(`/system.slice/docker-${b}.scope/init.scope`, 5),
      cgroup(`/machine.slice/libpod-conmon-${a}.scope`, 1),
      cgroup(`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${c}.scope`, 30),
    ];
    const joined = joinContainers([container(a), container(b)], groups);
    expect(joined).toEqual([
      { id: a, container: container(a), cgroup: undefined, runtime: undefined },
      { id: b, container: container(b), cgroup: groups[2], runtime: 'docker' },
      { id: c, container: undefined, cgroup: groups[5], runtime: 'podman', user: 1000 },
    ]);
  });

  it('are known by their cgroups alone where the API is not to be had', () => {
    const groups = [cgroup(`/docker/${a}`), cgroup(`/kubepods/burstable/pod${'1'.repeat(32)}/${b}`)];
    expect(joinContainers(undefined, groups)).toEqual([
      { id: a, container: undefined, cgroup: groups[0], runtime: 'docker' },
      {
        id: b,
        container: undefined,
        cgroup: groups[1],
        runtime: undefined,
        pod: { uid: '1'.repeat(32), qos: 'burstable' },
      },
    ]);
  });

  it('meet by the beginning of an id, and one that is listed twice counts once', () => {
    const groups = [cgroup(`/docker/${a}`)];
    const short = container(a.slice(0, 12));
    expect(joinContainers([short, short], groups)).toEqual([
      { id: short.id, container: short, cgroup: groups[0], runtime: 'docker' },
    ]);
  });

  it('take the outer group of a container that is found under two paths', () => {
    const groups = [cgroup(`/${'x/'.repeat(3)}docker/${a}`, 1), cgroup(`/docker/${a}`, 2)];
    expect(joinContainers([container(a)], groups).map((one) => one.cgroup?.currentBytes)).toEqual([2]);
  });

  it('are grouped by compose project', () => {
    const joined = joinContainers(
      [
        container(a, { composeProject: 'shop' }),
        container(b),
        container(c, { composeProject: 'shop' }),
        container('d'.repeat(64), { composeProject: 'idle' }),
      ],
      [cgroup(`/docker/${a}`, 20), cgroup(`/docker/${b}`, 40), cgroup(`/docker/${c}`)],
    );
    const groups = composeGroupsOf(joined);
    expect(groups.map(({ project, currentBytes }) => [project, currentBytes])).toEqual([
      ['shop', 20],
      ['idle', undefined],
    ]);
    expect(groups[0]?.containers.map(({ id }) => id)).toEqual([a, c]);
  });
});
