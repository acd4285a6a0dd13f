import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confirmationText } from '../../../../src/core/actions/confirmationText';
import { refusalText } from '../../../../src/core/actions/refusalText';
import { withSelected } from '../../../../src/core/actions/plan';
import type { ActionId } from '../../../../src/core/actions';
import type { ContainerLimits } from '../../../../src/core/containers/container';
import type { JoinedContainer } from '../../../../src/core/containers/joinContainers';
import { holds } from '../properties/random';
import { allRights, apiOnly, container, group, idOf, joined, MiB, noRights, plan, process } from './hosts';
import { english } from '../../../../src/core/translate';

const [a, b] = [idOf('a'), idOf('b')];

describe('a confirmation', () => {
  it('names host, targets, what they hold, what comes back, and what brings them to life again', () => {
    const sizes = { anon: 100, file: 80, shmem: 10, kernel: 7, pagetables: 2, inactiveFile: 60, swap: 5 };
    const made = plan({
      action: 'kill-all-containers',
      target: { kind: 'host' },
      containers: [
        joined(
          a,
          container(a, { name: 'web', restartPolicy: { name: 'always' } }),
          group('/docker/a', sizes),
        ),
        joined(b, container(b, { name: 'db' }), group('/docker/b', { anon: 3 })),
        joined('c'.repeat(64), container('c'.repeat(64), { name: 'mail' }), undefined),
      ],
      protectedContainers: ['db'],
      rights: apiOnly,
    });
    expect(confirmationText(made, 'Web 1', english)).toEqual({
      title: 'Kill 2 containers on Web 1?',
      button: 'Kill 2 Containers',
      lines: [
        '• “web” (aaaaaaaaaaaa, busybox) — 187 MiB: 100 MiB anonymous, 10.0 MiB shared, 70.0 MiB files, 7.0 MiB kernel; 127 MiB working set; 5.0 MiB in swap',
        '• “mail” (cccccccccccc, busybox) — 0 B: 0 B anonymous, 0 B files, 0 B kernel; 0 B working set',
        '',
        'They get SIGKILL: what they have not saved is lost.',
        '',
        'Expected back: 102 MiB to 117 MiB of memory.',
        'Besides, 5.0 MiB of swap.',
        'Page cache is not counted: it counts as available already.',
        'Shared memory comes back only if nobody else uses it, and files in a tmpfs that stays are not deleted.',
        'Kernel memory of theirs may come back later, or be used by others.',
        '',
        '“web”: dead until Docker or the host starts again, then started by the restart policy (always).',
        '',
        'Protected and left alone: “db”.',
        '',
        'Without root there is only the API: on a host in a jam it may take minutes to answer.',
      ],
      list: `${a} web\n${'c'.repeat(64)} mail`,
    });
  });

  it('says how old the list is where the API has not answered', () => {
    const containers = [joined(a, container(a, { name: 'web' }))];
    const killAll = { action: 'kill-all-containers', target: { kind: 'host' } } as const;
    const textOf = (listAgeMs: number): string =>
      confirmationText(plan({ ...killAll, containers, listAgeMs }), 'web', english).lines.join('\n');
    expect(textOf(184_000)).toContain('The API has not answered: these are the containers of 3 min 4 s ago.');
    expect(textOf(14_000)).not.toContain('has not answered');
    const target = { kind: 'process', pid: 7, startTicks: 4711 } as const;
    const end = plan({ action: 'kill-process', target, processes: [process(7)], listAgeMs: 184_000 });
    expect(confirmationText(end, 'web', english).lines.join('\n')).not.toContain('has not answered');
  });

  it('names the one target, and one that was not read', () => {
    const web = { ...joined(a, container(a, { name: 'web' })), cgroup: undefined };
    const made = plan({
      action: 'restart-containers',
      target: { kind: 'container', id: a },
      containers: [web],
    });
    const said = confirmationText(made, 'Web 1', english);
    expect(said.title).toBe('Restart the container “web” on Web 1?');
    expect(said.button).toBe('Restart 1 Container');
    expect(said.lines[0]).toBe('• “web” (aaaaaaaaaaaa, busybox) — what it holds is not known');
    expect(said.lines).toContain('How much memory comes back is not known: it was not read.');
  });

  it('warns of a limit below what is held', () => {
    const made = plan({
      action: 'set-memory-limit',
      target: { kind: 'container', id: a },
      containers: [joined(a, container(a), group('/docker/a', { anon: 100 }))],
      limitBytes: 64 * MiB,
    });
    const { lines } = confirmationText(made, 'h', english);
    expect(lines).toContain('New limit: 64.0 MiB.');
    expect(lines).toContain(
      'It holds more memory than that which cannot be given back: the kernel would kill processes in it until it fits.',
    );
  });

  it('says what becomes of the limit of swap', () => {
    const said = (limits?: ContainerLimits): string => {
      const made = plan({
        action: 'set-memory-limit',
        target: { kind: 'container', id: a },
        containers: [joined(a, container(a, { limits }), group('/docker/a', { file: 100 }))],
        limitBytes: 64 * MiB,
      });
      return confirmationText(made, 'h', english).lines.join('\n');
    };
    expect(said()).toContain('What it may swap stays as it is.');
    expect(said({})).toContain('What it may swap stays without a limit of its own.');
    expect(said({ memoryBytes: MiB, memorySwapBytes: MiB })).toContain('It may not swap, and that stays so.');
    expect(said({ memoryBytes: MiB, memorySwapBytes: 3 * MiB })).toContain('may swap stays at 2.0 MiB.');
    expect(said({})).toContain('It holds 100 MiB now, more than 64.0 MiB');
  });

  it('of a kill says whose restart policy may be disabled, where the kernel can kill', () => {
    const one = container(a, { name: 'web', restartPolicy: { name: 'always' } });
    const containers = [joined(a, one), joined(b, container(b, { name: 'db' }))];
    const said = (action: ActionId, rights = allRights): string => {
      const target = { kind: 'containers', ids: [a, b] } as const;
      return confirmationText(plan({ action, target, containers, rights }), 'h', english).lines.join('\n');
    };
    expect(said('kill-containers')).toContain('disabled for good, so that they stay dead: “web”.');
    expect(said('kill-containers', apiOnly)).not.toContain('disabled');
    expect(said('stop-containers')).not.toContain('disabled');
  });

  it('says of a protected one that was chosen alone that it is protected', () => {
    const containers = [joined(a, container(a, { name: 'db' }))];
    const kill = { action: 'kill-containers', target: { kind: 'container', id: a }, containers } as const;
    const said = (protectedContainers: readonly string[]): string =>
      confirmationText(plan({ ...kill, protectedContainers }), 'h', english).lines.join('\n');
    expect(said(['d*'])).toContain('“db” is protected by “d*”, and is hit all the same.');
    expect(said([])).not.toContain('protected');
  });

  it('passes over none in silence', () => {
    const [c, d] = [idOf('c'), idOf('d')];
    const made = plan({
      action: 'freeze-all-containers',
      target: { kind: 'host' },
      rights: apiOnly,
      containers: [
        joined(a, container(a, { name: 'web' })),
        joined(b, undefined, group('/k8s/b'), { runtime: 'containerd' }),
      ],
    });
    expect(confirmationText(made, 'h', english).lines).toContain('Cannot be reached: “bbbbbbbbbbbb”.');
    const asRoot = plan({
      action: 'freeze-all-containers',
      target: { kind: 'host' },
      containers: [
        joined(a, container(a, { name: 'web' })),
        joined(c, undefined, group('/k8s/c'), { runtime: 'containerd' }),
        joined(d, container(d, { name: 'vpn' }), group('/docker/d')),
      ],
      holdsUs: (path) => path === '/docker/d',
    });
    const { lines, title } = confirmationText(asRoot, 'h', english);
    expect(title).toBe('Freeze the container “web” on h?');
    expect(lines).toContain(
      'Left alone, since Kubernetes or another runtime looks after them: “cccccccccccc”.',
    );
    expect(lines).toContain('Left alone, since this connection to the host depends on them: “vpn”.');
  });

  it('of nothing is not asked: that all are left alone is said instead', () => {
    const made = plan({
      action: 'freeze-all-containers',
      target: { kind: 'host' },
      protectedContainers: ['*'],
      containers: [joined(a, container(a, { name: 'web' }))],
    });
    expect(made.refusal).toBe('nothing-to-do');
    expect(refusalText(made, 'h', english)?.message).toContain('Protected and left alone: “web”.');
    const killAll = { action: 'kill-all-containers', target: { kind: 'host' } } as const;
    const review = plan({ ...killAll, protectedContainers: ['*'], containers: [joined(a, container(a))] });
    expect(review.refusal).toBeUndefined();
  });

  it('says which window remains where a process is signalled', () => {
    const target = { kind: 'process', pid: 7, startTicks: 4711 } as const;
    const made = plan({ action: 'kill-process', target, processes: [process(7)] });
    expect(confirmationText(made, 'h', english).lines.join('\n')).toContain(
      'A window of 0.1 to 0.2 ms remains until the signal',
    );
  });

  it('of a process says its pid and what depends on it, and not its command line', () => {
    const made = plan({
      action: 'terminate-process',
      target: { kind: 'process', pid: 7, startTicks: 4711 },
      processes: [process(7, { name: 'sshd' }, { rssAnonBytes: MiB })],
    });
    const { title, lines } = confirmationText(made, 'h', english);
    expect(title).toBe('End the process “sshd” on h?');
    expect(lines[0]).toContain('“sshd” (pid 7)');
    expect(lines).toContain('Connections to the host depend on “sshd”, this one among them.');
    expect(lines).toContain(
      '“sshd”: systemd may start it again, if the unit “web.service” says so (Restart=).',
    );
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  it('stays short with any number of targets, and the button names them all', () => {
    const many = Array.from({ length: 400 }, (_none, index): JoinedContainer => {
      const id = index.toString(16).padStart(64, '0');
      const policy = { restartPolicy: { name: 'always' } } as const;
      return joined(id, container(id, policy), group(`/docker/${id}`, { anon: 1 }));
    });
    const target = { kind: 'host' } as const;
    const made = plan({ action: 'kill-all-containers', target, containers: many });
    const said = confirmationText(made, 'h', english);
    expect(said.lines.length).toBeLessThan(40);
    expect(said.lines[15]).toBe('… and 385 more, which hold 385 MiB');
    expect(said.button).toBe('Kill 400 Containers');
    expect(said.list.split('\n')).toHaveLength(400);
    const two = withSelected(made, new Set(many.slice(0, 2).map(({ id }) => id)));
    expect(confirmationText(two, 'h', english).button).toBe('Kill 2 Containers');
  });
});

describe('names from the host', () => {
  /** What can end a line, hide one or turn one round. */
  const harmful =
    // eslint-disable-next-line no-control-regex -- that is what it is about
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u;
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      `x'"$(reboot)\`id\``,
      'web\n\nKill nothing on h?',
      '\u001b[2Jweb',
      'a\u202egnp.exe',
      'a\u2028b\u2029c',
      '<img src=x onerror=alert(1)>',
      '{0}{1}',
      'x'.repeat(1e5),
      '\ud800',
    ),
  );

  it('make no line of their own and hide none, wherever they stand', () => {
    holds(
      fc.property(hostile, hostile, hostile, (name, image, label) => {
        const made = plan({
          action: 'kill-all-containers',
          target: { kind: 'host' },
          containers: [
            joined(a, container(a, { name, image, systemdUnit: image, swarmServiceId: label })),
            joined(b, container(b, { name, kubernetesPod: label })),
            joined('c'.repeat(64), container('c'.repeat(64), { name })),
          ],
          protectedContainers: ['c*', name.slice(0, 50)],
        });
        const { title, lines, button, list } = confirmationText(made, label, english);
        for (const text of [title, button, ...lines, ...list.split('\n')]) {
          expect(text).not.toMatch(harmful);
          expect(text.length).toBeLessThan(1000);
        }
        expect(list.split('\n').length).toBeLessThanOrEqual(3);
        expect(lines.length).toBeLessThan(30);
      }),
      300,
    );
  });

  it('are shown literally', () => {
    const name = `a'"$(id)\`b\`<b>{0}`;
    const made = plan({
      action: 'kill-containers',
      target: { kind: 'container', id: a },
      containers: [joined(a, container(a, { name }))],
    });
    expect(confirmationText(made, 'h', english).title).toBe(`Kill the container “${name}” on h?`);
  });
});

describe('why something is not done', () => {
  const target = { kind: 'container', id: a } as const;
  const containers = [joined(a, container(a))];

  it('is nothing where it may be done', () => {
    expect(
      refusalText(plan({ action: 'kill-containers', target, containers }), 'h', english),
    ).toBeUndefined();
  });

  it('says which right is missing and how to get it', () => {
    const rights = {
      ...noRights,
      containerApi: {
        state: 'no' as const,
        why: { text: 'Only root may use {0}.', args: ['/run/docker.sock'] },
        remedies: [{ line: 'sudo usermod -aG docker dev', means: { text: 'Join {0}.', args: ['docker'] } }],
      },
    };
    expect(
      refusalText(plan({ action: 'stop-containers', target, containers, rights }), 'h', english),
    ).toEqual({
      message: 'You may not do this on h. Only root may use /run/docker.sock.',
      remedies: ['Join docker.\nsudo usermod -aG docker dev'],
    });
  });

  it.each([
    [{ policy: { production: false, readOnly: true } }, 'read-only by the setting remoteMemory.readOnly'],
    [{ containers: [] }, 'not on h any more'],
  ])('%j: %s', (more, said) => {
    const made = plan({ action: 'kill-containers', target, containers, ...more });
    expect(refusalText(made, 'h', english)?.message).toContain(said);
  });

  it('of what cannot be ended says why', () => {
    const made = plan({
      action: 'kill-process',
      target: { kind: 'process', pid: 7, startTicks: 4711 },
      processes: [process(7, { kernelThread: true, name: 'kswapd0' })],
    });
    expect(refusalText(made, 'h', english)?.message).toBe(
      '“kswapd0” is a thread of the kernel: it cannot be ended.',
    );
  });
});
