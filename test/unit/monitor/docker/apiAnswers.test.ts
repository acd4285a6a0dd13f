import { describe, expect, it } from 'vitest';
import {
  errorMessageOf,
  inspectedFactsOf,
  listedContainersOf,
  runtimeFactsOf,
} from '../../../../src/monitor/docker/apiAnswers';

const id = '0123456789abcdef'.repeat(4);
const hostile = `"'\`$(reboot)\`<script>alert(1)</script>\u001b[31mred\u001b]0;t\u0007\nnext\u202e\u0000${'x'.repeat(1000)}`;

describe('what the API tells of a container', () => {
  it('is cleaned, cut and never markup or a control character', () => {
    const [container] =
      listedContainersOf([
        {
          Id: id,
          Names: [`/${hostile}`],
          Image: hostile,
          Status: hostile,
          State: hostile,
          Created: 1e300,
          Labels: JSON.parse(
            `{"__proto__": "p", "com.docker.compose.project": ${JSON.stringify(hostile)}, "number": 5, ${JSON.stringify('k'.repeat(300))}: "x"}`,
          ) as unknown,
        },
      ]) ?? [];
    if (!container) throw new Error('no container');
    const start = `"'\`$(reboot)\`<script>alert(1)</script>red next`;
    for (const text of [container.name, container.image, container.status, container.composeProject ?? '']) {
      expect(text.startsWith(start)).toBe(true);
      expect(text.length).toBeLessThanOrEqual(200);
      // eslint-disable-next-line no-control-regex -- control characters are what this is about
      expect(text).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
    expect(container.state).toBe('unknown');
    expect(container).not.toHaveProperty('createdAtMs');
    expect(Object.keys(container.labels)).toEqual(['__proto__', 'com.docker.compose.project']);
    expect(container).toMatchObject({
      nameCut: true,
      labelsCut: true,
      labelValuesCut: ['com.docker.compose.project'],
    });
    expect({}).not.toHaveProperty('p');
  });

  it('has no more labels than are kept, and a name always', () => {
    const Labels = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`l${index}`, 'x']));
    const [container] = listedContainersOf([{ Id: id, Names: null, Labels }]) ?? [];
    expect(Object.keys(container?.labels ?? {})).toHaveLength(64);
    expect(container).toMatchObject({ name: '0123456789ab', image: '', status: '', labelsCut: true });
  });

  it('is said to be cut only where it is', () => {
    const Labels = { tier: 'data ', 'org.opencontainers.image.title': 'Größe' };
    const [container] = listedContainersOf([{ Id: id, Names: ['/web'], Labels }]) ?? [];
    expect(container?.labels).toEqual({ tier: 'data', 'org.opencontainers.image.title': 'Größe' });
    for (const key of ['nameCut', 'labelsCut', 'labelValuesCut']) expect(container).not.toHaveProperty(key);
  });

  it.each(['', 'abc', '../../etc', `${id}0`, id.toUpperCase(), `${id}\n`, 7, null, {}])(
    'is nothing where the id is %j',
    (Id) => {
      expect(listedContainersOf([{ Id, Names: ['/x'] }])).toEqual([]);
    },
  );

  it('is no list where it is none', () => {
    for (const answer of [undefined, null, {}, 'x', 5]) expect(listedContainersOf(answer)).toBeUndefined();
    expect(listedContainersOf([null, [], 'x', 3])).toEqual([]);
  });

  it('is what an inspection says, and nothing of what cannot be', () => {
    expect(
      inspectedFactsOf({
        RestartCount: 3,
        State: {
          Pid: 77,
          OOMKilled: true,
          StartedAt: '2026-11-23T06:00:55.417218545Z',
          Health: { Status: 'unhealthy' },
        },
        HostConfig: {
          AutoRemove: false,
          Memory: 1000,
          MemorySwap: -1,
          MemoryReservation: 0,
          RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 },
        },
      }),
    ).toEqual({
      restartPolicy: { name: 'on-failure', maximumRetryCount: 5 },
      limits: { memoryBytes: 1000 },
      startedAtMs: Date.UTC(2026, 10, 23, 6, 0, 55, 417),
      restartCount: 3,
      health: 'unhealthy',
      oomKilled: true,
      pid: 77,
      autoRemove: false,
    });
    const nothing = { restartPolicy: undefined };
    for (const answer of [undefined, null, [], 'x', { State: 5, HostConfig: [] }])
      expect(inspectedFactsOf(answer)).toEqual(nothing);
    expect(
      inspectedFactsOf({
        RestartCount: -1,
        State: { Pid: 0, OOMKilled: 'yes', StartedAt: '0001-01-01T00:00:00Z', Health: { Status: 'none' } },
        HostConfig: { Memory: 1e300, MemorySwap: '5', RestartPolicy: { Name: 'sometimes' } },
      }),
    ).toEqual(nothing);
    expect(inspectedFactsOf({ HostConfig: { RestartPolicy: { Name: '' } } }).restartPolicy).toEqual({
      name: 'no',
    });
  });
});

describe('who answers', () => {
  it('is Docker or Podman, with what its kernel can do', () => {
    expect(
      runtimeFactsOf(
        { Version: '28.2.2', ApiVersion: '1.50', Components: [{ Name: 'Engine' }] },
        {
          CgroupVersion: '2',
          CgroupDriver: 'systemd',
          SwapLimit: true,
          MemoryLimit: true,
          SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
          LiveRestoreEnabled: true,
          Swarm: { LocalNodeState: 'active' },
        },
      ),
    ).toEqual({
      runtime: 'docker',
      version: '28.2.2',
      apiVersion: '1.50',
      cgroupVersion: 2,
      cgroupDriver: 'systemd',
      memoryLimit: true,
      swapLimit: true,
      oomKillDisable: undefined,
      rootless: true,
      liveRestore: true,
      swarm: true,
    });
    const podman = { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }] };
    expect(runtimeFactsOf(podman, undefined)).toMatchObject({ runtime: 'podman', cgroupVersion: undefined });
  });

  it('is nobody where the answer is another', () => {
    for (const answer of [undefined, null, [], 'nginx', { error: 'x' }, { Version: 5 }])
      expect(runtimeFactsOf(answer, {})).toBeUndefined();
  });
});

describe('an error', () => {
  it('is told in the words of the runtime', () => {
    expect(errorMessageOf('{"message":"a\\u001b[1m b\\nc"}')).toBe('a b c');
    expect(errorMessageOf('Not Found\n')).toBe('Not Found');
    expect(errorMessageOf('x'.repeat(1e6))).toHaveLength(300);
  });
});
