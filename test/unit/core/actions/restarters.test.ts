import { describe, expect, it } from 'vitest';
import {
  restartersOfContainer,
  restartersOfProcess,
  type Ending,
} from '../../../../src/core/actions/restarters';
import { ownerOf } from '../../../../src/core/cgroups/cgroupOwner';
import type { RestartPolicy } from '../../../../src/core/containers/container';
import { container, idOf, process } from './hosts';

const id = idOf('a');

describe('what brings a container back', () => {
  it.each<[RestartPolicy | undefined, Ending, string]>([
    [{ name: 'no' }, 'api', 'nothing'],
    [{ name: 'no' }, 'signal', 'nothing'],
    [{ name: 'always' }, 'api', 'runtime-start, sure'],
    [{ name: 'always' }, 'signal', 'at-once, sure'],
    [{ name: 'unless-stopped' }, 'api', 'nothing'],
    [{ name: 'unless-stopped' }, 'signal', 'at-once, sure'],
    [{ name: 'on-failure' }, 'api', 'runtime-start, unsure'],
    [{ name: 'on-failure' }, 'signal', 'at-once, sure'],
    [{ name: 'on-failure', maximumRetryCount: 0 }, 'signal', 'at-once, sure'],
    [{ name: 'on-failure', maximumRetryCount: 3 }, 'signal', 'at-once, unsure'],
    [undefined, 'api', 'runtime-start, unsure'],
    [undefined, 'signal', 'at-once, unsure'],
  ])('the policy %j, ended by %s: %s', (restartPolicy, ending, expected) => {
    const found = restartersOfContainer({ container: container(id, { restartPolicy }) }, ending);
    const said = found.map((one) =>
      one.kind === 'restart-policy' ? `${one.when}, ${one.sure ? 'sure' : 'unsure'}` : one.kind,
    );
    expect(said.join() || 'nothing').toBe(expected);
  });

  it('is nothing where it is removed as it ends', () => {
    const removed = container(id, { autoRemove: true, restartPolicy: undefined });
    expect(restartersOfContainer({ container: removed }, 'signal')).toEqual([]);
  });

  it('is Swarm, by the name of the service where there is a label', () => {
    const task = container(id, {
      swarmServiceId: 'xyz',
      labels: { 'com.docker.swarm.service.name': 'shop_web' },
    });
    expect(restartersOfContainer({ container: task }, 'api')).toEqual([
      { kind: 'swarm', service: 'shop_web', sure: true },
    ]);
    expect(restartersOfContainer({ container: { ...task, labels: {} } }, 'api')).toMatchObject([
      { service: 'xyz' },
    ]);
  });

  it('is Kubernetes, also where only the cgroup tells of the pod', () => {
    expect(restartersOfContainer({ container: container(id, { kubernetesPod: 'web-1' }) }, 'api')).toEqual([
      { kind: 'kubernetes', pod: 'web-1', sure: false },
    ]);
    const pod = { uid: 'u', qos: 'burstable' } as const;
    expect(restartersOfContainer({ container: undefined, pod }, 'signal')).toEqual([
      { kind: 'kubernetes', pod: undefined, sure: false },
    ]);
  });

  it('may be a unit of systemd, Nomad or ECS beside its policy', () => {
    const labels = { 'com.hashicorp.nomad.alloc_id': '1', 'com.amazonaws.ecs.task-arn': '2' };
    const one = container(id, { systemdUnit: 'web.service', labels, restartPolicy: { name: 'always' } });
    expect(restartersOfContainer({ container: one }, 'api').map(({ kind }) => kind)).toEqual([
      'restart-policy',
      'orchestrator',
      'orchestrator',
      'systemd',
    ]);
  });
});

describe('what brings a process back', () => {
  const nothing = { parent: undefined, owner: undefined, container: undefined };

  it.each([
    ['/system.slice/web.service', 'web.service'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/mail.service', 'mail.service'],
    ['/user.slice/user-1000.slice/session-3.scope', undefined],
    ['/user.slice/user-1000.slice/user@1000.service/init.scope', undefined],
    ['/system.slice/docker.socket', undefined],
    ['/', undefined],
  ])('of %s: the unit %s may', (path, unit) => {
    const found = restartersOfProcess(process(7), { ...nothing, owner: ownerOf(path) });
    expect(found).toEqual(unit === undefined ? [] : [{ kind: 'systemd', unit, sure: false }]);
  });

  it('is the policy of the container whose first process it is, and not that of another process in it', () => {
    const owner = ownerOf(`/system.slice/docker-${id}.scope`);
    const restarted = container(id, { restartPolicy: { name: 'always' }, pid: 7 });
    const first = process(7, {}, { nsPids: [7, 1] });
    const other = process(8, {}, { nsPids: [8, 22] });
    const always = { kind: 'restart-policy', policy: 'always', when: 'at-once', sure: true };
    expect(restartersOfProcess(first, { ...nothing, owner, container: restarted })).toEqual([always]);
    expect(restartersOfProcess(other, { ...nothing, owner, container: restarted })).toEqual([]);
    // The API is not to be had: that it is the first one is told by its pid in there.
    expect(restartersOfProcess(first, { ...nothing, owner })).toMatchObject([{ sure: false }]);
  });

  it.each([
    ['supervisord', 'python3', true],
    ['runsv', 'web', true],
    ['PM2 v5.3.0: God', 'node', true],
    ['gunicorn', 'gunicorn', true],
    ['bash', 'python3', false],
    ['systemd', 'python3', false],
  ])('the parent %s of %s: %s', (parentName, name, expected) => {
    const parent = process(3, { name: parentName });
    const child = process(7, { name, ppid: 3 });
    expect(restartersOfProcess(child, { ...nothing, parent })).toEqual(
      expected ? [{ kind: 'supervisor', name: parentName, pid: 3, sure: false }] : [],
    );
  });

  it('is no parent of another process, and not process 1', () => {
    const parent = process(3, { name: 'runsv' });
    expect(restartersOfProcess(process(7, { ppid: 4 }), { ...nothing, parent })).toEqual([]);
    const init = process(1, { name: 'python3' });
    expect(restartersOfProcess(process(7, { ppid: 1 }), { ...nothing, parent: init })).toEqual([]);
  });
});
