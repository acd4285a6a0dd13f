import { describe, expect, it } from 'vitest';
import type { ActionTarget } from '../../../../src/core/actions';
import { withSelected, type Plan, type PlannedTarget } from '../../../../src/core/actions/plan';
import { refusalText } from '../../../../src/core/actions/refusalText';
import {
  allRights,
  apiOnly,
  container,
  group,
  idOf,
  joined,
  MiB,
  noRights,
  plan,
  process,
  rootOnly,
} from './hosts';
import { english } from '../../../../src/core/translate';

const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')];
const host: ActionTarget = { kind: 'host' };

const selectedOf = ({ targets }: Plan): string[] =>
  targets.filter(({ selected }) => selected).map(({ name }) => name);
const only = ({ targets }: Plan): PlannedTarget => {
  const [first] = targets;
  if (!first || targets.length !== 1) throw new Error(`${targets.length} targets`);
  return first;
};

describe('a plan to kill all containers', () => {
  const web = joined(a, container(a, { name: 'web' }), group('/docker/a', { anon: 100 }));
  const db = joined(b, container(b, { name: 'db' }), group('/docker/b', { anon: 50 }));
  const stopped = joined(c, container(c, { name: 'old', state: 'exited' }), undefined);

  it('hits those that run, and expects what they hold', () => {
    const made = plan({ action: 'kill-all-containers', target: host, containers: [web, db, stopped] });
    expect(selectedOf(made)).toEqual(['web', 'db']);
    expect(made.targets).toHaveLength(2);
    expect(made.expected.leastBytes).toBe(150 * MiB);
    expect(made).toMatchObject({ refusal: undefined, apiOnly: false, obstacles: [] });
  });

  it('leaves protected ones unticked, and does not expect their memory', () => {
    const made = plan({
      action: 'kill-all-containers',
      target: host,
      containers: [web, db],
      protectedContainers: ['db'],
    });
    expect(selectedOf(made)).toEqual(['web']);
    expect(made.targets[1]).toMatchObject({ protection: { state: 'yes', pattern: 'db' } });
    expect(made.expected.leastBytes).toBe(100 * MiB);
  });

  it('follows what a person ticks', () => {
    const made = plan({
      action: 'kill-all-containers',
      target: host,
      containers: [web, db],
      protectedContainers: ['db'],
    });
    const changed = withSelected(made, new Set([b]));
    expect(selectedOf(changed)).toEqual(['db']);
    expect(changed.expected.leastBytes).toBe(50 * MiB);
    expect(withSelected(made, new Set()).refusal).toBe('nothing-to-do');
    expect(withSelected(made, new Set(['nobody'])).refusal).toBe('nothing-to-do');
    expect(selectedOf(made)).toEqual(['web']);
  });

  it('refuses what read-only mode forbids, whatever the rights', () => {
    const policy = { production: false, readOnly: true };
    expect(plan({ action: 'kill-all-containers', target: host, containers: [web], policy }).refusal).toBe(
      'read-only',
    );
    expect(plan({ action: 'open-terminal', target: host, policy }).refusal).toBeUndefined();
    expect(plan({ action: 'show-ledger', target: host, policy }).refusal).toBeUndefined();
  });

  it('says beforehand which rights are missing', () => {
    const made = plan({ action: 'kill-all-containers', target: host, containers: [web], rights: noRights });
    expect(made.refusal).toBe('right-missing');
    expect(made.obstacles.map(({ right, blocks }) => [right, blocks])).toEqual([
      ['container-api', true],
      ['root', true],
    ]);
  });

  it('may be tried where the rights are not known', () => {
    const rights = { ...noRights, containerApi: { ...noRights.containerApi, state: 'unknown' as const } };
    const made = plan({ action: 'kill-all-containers', target: host, containers: [web], rights });
    expect(made.refusal).toBeUndefined();
    expect(made.obstacles.some(({ blocks }) => blocks)).toBe(false);
  });

  it('says that there is the API only without root', () => {
    const made = plan({ action: 'kill-all-containers', target: host, containers: [web], rights: apiOnly });
    expect(made).toMatchObject({ apiOnly: true, refusal: undefined, obstacles: [] });
  });

  it('reaches containers by their cgroups where there is no API, which restart policies take for a failure', () => {
    const known = joined(a, container(a, { name: 'web', restartPolicy: { name: 'always' } }));
    const made = plan({
      action: 'kill-all-containers',
      target: host,
      containers: [known, joined(b, undefined)],
      rights: rootOnly,
    });
    expect(selectedOf(made)).toEqual(['web', 'bbbbbbbbbbbb']);
    expect(made.targets[0]?.restarters).toMatchObject([{ when: 'at-once', sure: true }]);
    expect(made.targets[1]).toMatchObject({ notes: ['cgroup-only'], restarters: [{ sure: false }] });
  });

  it('does not reach what only a cgroup tells of without root', () => {
    const made = plan({
      action: 'kill-all-containers',
      target: host,
      containers: [joined(b, undefined)],
      rights: apiOnly,
    });
    expect(made.refusal).toBe('out-of-reach');
    expect(only(made)).toMatchObject({ selected: false, notes: ['out-of-reach'] });
    expect(withSelected(made, new Set([b])).targets[0]?.selected).toBe(false);
  });

  it('does not tick what another runtime or Kubernetes looks after', () => {
    const pod = { uid: 'u', qos: 'burstable' } as const;
    const made = plan({
      action: 'kill-all-containers',
      target: host,
      containers: [
        joined(a, undefined, undefined, { runtime: 'cri-o' }),
        joined(b, undefined, group('/kubepods/x'), { runtime: 'docker', pod }),
        joined(c, undefined, group('/x/c'), { runtime: undefined }),
      ],
    });
    expect(selectedOf(made)).toEqual(['cccccccccccc']);
  });

  it('does not tick what may be protected', () => {
    const made = plan({
      action: 'kill-all-containers',
      target: host,
      containers: [joined(b, undefined)],
      protectedContainers: ['db'],
    });
    expect(only(made)).toMatchObject({ selected: false, protection: { state: 'unknown' } });
    expect(selectedOf(withSelected(made, new Set([b])))).toEqual(['bbbbbbbbbbbb']);
  });

  it('has nothing to do where nothing runs', () => {
    const made = plan({ action: 'kill-all-containers', target: host, containers: [stopped] });
    expect(made.refusal).toBe('nothing-to-do');
  });
});

describe('a plan for chosen containers', () => {
  const web = joined(a, container(a, { name: 'web', restartPolicy: { name: 'always' } }));
  const db = joined(b, container(b, { name: 'db' }));
  const containers = [web, db];
  const protectedContainers = ['web'];

  it('hits a protected one that was chosen alone, and not one among several', () => {
    const kill = (target: ActionTarget): string[] =>
      selectedOf(plan({ action: 'kill-containers', target, containers, protectedContainers }));
    expect(kill({ kind: 'container', id: a })).toEqual(['web']);
    expect(kill({ kind: 'containers', ids: [a] })).toEqual(['web']);
    expect(kill({ kind: 'containers', ids: [a, b] })).toEqual(['db']);
  });

  it('thaws protected ones with the others', () => {
    const target: ActionTarget = { kind: 'containers', ids: [a, b] };
    const made = plan({ action: 'thaw-containers', target, containers, protectedContainers });
    expect(selectedOf(made)).toEqual(['web', 'db']);
  });

  it('knows one by the beginning of its id, of at least 12 digits', () => {
    const kill = (id: string): Plan =>
      plan({ action: 'kill-containers', target: { kind: 'container', id }, containers });
    expect(selectedOf(kill(a.slice(0, 12)))).toEqual(['web']);
    expect(kill(a.slice(0, 11)).refusal).toBe('gone');
    expect(kill('').refusal).toBe('gone');
    expect(kill(c).refusal).toBe('gone');
  });

  it('tells restarters only where the targets end', () => {
    const of = (action: 'kill-containers' | 'freeze-containers' | 'restart-containers'): number =>
      only(plan({ action, target: { kind: 'container', id: a }, containers })).restarters.length;
    expect([of('kill-containers'), of('freeze-containers'), of('restart-containers')]).toEqual([1, 0, 0]);
  });

  it('needs the API to stop, even as root', () => {
    const target: ActionTarget = { kind: 'container', id: a };
    const made = plan({ action: 'stop-containers', target, containers, rights: rootOnly });
    expect(made.refusal).toBe('right-missing');
    expect(made.obstacles.map(({ right }) => right)).toEqual(['container-api']);
  });

  it('sets a limit for one container at a time', () => {
    const target: ActionTarget = { kind: 'containers', ids: [a, b] };
    const made = plan({ action: 'set-memory-limit', target, containers });
    expect(refusalText(made, 'web', english)?.message).toBe(
      'This is done with one container at a time: nothing was done on web.',
    );
    const gone = plan({
      action: 'set-memory-limit',
      target: { kind: 'container', id: idOf('f') },
      containers,
    });
    expect(refusalText(gone, 'web', english)?.message).toBe('That is not on web any more: it has ended.');
  });

  it('says of a machine that all in it is hit', () => {
    const path = '/machine.slice/machine-qemu\\x2d1\\x2dvm.scope';
    const made = plan({
      action: 'kill-containers',
      target: { kind: 'cgroup', path },
      cgroups: [group(path)],
    });
    expect(only(made)).toMatchObject({ notes: ['machine'], selected: true });
  });

  it('refuses a target that the action does not take', () => {
    const target: ActionTarget = { kind: 'process', pid: 1, startTicks: 1 };
    expect(plan({ action: 'kill-containers', target, containers })).toMatchObject({
      refusal: 'wrong-target',
      targets: [],
    });
  });
});

describe('a plan for a process', () => {
  const target: ActionTarget = { kind: 'process', pid: 7, startTicks: 4711 };
  const kill = (processes: readonly ReturnType<typeof process>[], rights = allRights): Plan =>
    plan({ action: 'kill-process', target, processes, rights });

  it('does not hit another process with the same pid', () => {
    expect(kill([process(7)]).refusal).toBeUndefined();
    expect(kill([process(7, { starttimeTicks: 4712 })])).toMatchObject({ refusal: 'gone', targets: [] });
    expect(kill([])).toMatchObject({ refusal: 'gone', targets: [] });
  });

  it.each([
    ['own', { ...noRights, uid: 1000 }, undefined],
    ['of another user', { ...noRights, uid: 1001 }, 'right-missing'],
    ['of another user, as root', { ...rootOnly, uid: 0 }, undefined],
    ['of a user not known', { ...noRights, uid: undefined }, undefined],
  ])('%s', (_whose, rights, refusal) => {
    expect(kill([process(7)], rights).refusal).toBe(refusal);
  });

  it.each([
    [{ kernelThread: true }, {}, 'kernel-thread', 'impossible'],
    [{ state: 'Z' }, {}, 'zombie', 'impossible'],
    [{ state: 'D' }, {}, 'uninterruptible', undefined],
    [{}, { coreDumping: true }, 'core-dumping', undefined],
    [{ name: 'sshd' }, {}, 'ssh-server', undefined],
    [{ name: 'dockerd' }, {}, 'container-runtime', undefined],
  ] as const)('%j %j: %s', (stat, status, note, refusal) => {
    const made = kill([process(7, stat, status)]);
    expect(only(made).notes).toEqual([note]);
    expect(made.refusal).toBe(refusal);
  });

  it('never hits the first process', () => {
    const first = plan({
      action: 'kill-process',
      target: { kind: 'process', pid: 1, startTicks: 4711 },
      processes: [process(1, { ppid: 0 })],
    });
    expect(first.refusal).toBe('impossible');
    expect(only(first).selected).toBe(false);
  });

  it('doubts what a master and its workers share', () => {
    const [master, worker] = [process(3, { name: 'gunicorn' }), process(7, { name: 'gunicorn', ppid: 3 })];
    expect(only(kill([master, worker]))).toMatchObject({ forked: true });
    const child = process(8, { name: 'gunicorn', ppid: 7 });
    expect(only(kill([process(7, { name: 'gunicorn' }), child]))).toMatchObject({ forked: true });
    expect(only(kill([process(3, { name: 'bash' }), process(7, { ppid: 3 })]))).toMatchObject({
      forked: false,
    });
  });

  it('holds no command line', () => {
    expect(JSON.stringify(kill([process(7)]))).not.toContain('hunter2');
  });
});

describe('a plan for a cgroup', () => {
  const kill = (path: string, rights = allRights): Plan =>
    plan({
      action: 'kill-containers',
      target: { kind: 'cgroup', path },
      cgroups: [group(path, { anon: 10 })],
      rights,
    });

  it.each([
    [`/docker/${a}`, undefined],
    [`/kubepods/burstable/pod${'0'.repeat(32)}`, undefined],
    ['/lxc.payload.web', undefined],
    ['/lxc.monitor.web', 'impossible'],
    ['/', 'impossible'],
    ['/system.slice', 'impossible'],
    ['/system.slice/ssh.service', 'impossible'],
    ['/user.slice/user-0.slice/session-1.scope', 'impossible'],
    ['/init.scope', 'impossible'],
  ])('%s: %s', (path, refusal) => {
    expect(kill(path).refusal).toBe(refusal);
  });

  it('needs root', () => {
    expect(kill(`/docker/${a}`, apiOnly).refusal).toBe('out-of-reach');
    expect(kill(`/docker/${a}`, noRights).refusal).toBe('right-missing');
    expect(kill(`/docker/${a}`).expected.leastBytes).toBe(10 * MiB);
  });
});
