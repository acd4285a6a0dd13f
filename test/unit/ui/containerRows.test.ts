import { describe, expect, it } from 'vitest';
import type { WatchedCgroup } from '../../../src/core/cgroups/cgroup';
import type { JoinedContainer } from '../../../src/core/containers/joinContainers';
import {
  containerDetails,
  containerFigures,
  containerName,
  containerRowsOf,
  containersFigures,
  containersInOrder,
} from '../../../src/ui/containerRows';
import { container, group, idOf, joined, MiB } from '../core/actions/hosts';
import { english } from '../../../src/core/translate';

const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')];
const none = (): undefined => undefined;
const shop = { composeProject: 'shop' };
const small = joined(a, container(a, shop), group('/docker/a', { anon: 1 }));
const large = joined(b, container(b, shop), group('/docker/b', { anon: 20 }));
const alone = joined(c, undefined, group('/docker/c', { anon: 300 }));

describe('the rows of containers', () => {
  it('are compose projects and what belongs to none, the largest first', () => {
    expect(containerRowsOf(containersInOrder([small, alone, large], []))).toEqual([
      { kind: 'project', project: 'shop', containers: [large, small] },
      { kind: 'container', joined: alone },
    ]);
  });

  it('change places only where one holds clearly more than another above it', () => {
    const one = (id: string, anon: number): JoinedContainer =>
      joined(id, container(id), group(`/docker/${id}`, { anon }));
    expect(containersInOrder([one(a, 60), one(b, 62), one(c, 5)], [a, b, c]).map(({ id }) => id)).toEqual([
      a,
      b,
      c,
    ]);
    expect(containersInOrder([one(a, 60), one(b, 68), one(c, 5)], [a, b, c]).map(({ id }) => id)).toEqual([
      b,
      a,
      c,
    ]);
    expect(containersInOrder([one(b, 62), one(a, 60)], [a, b, c]).map(({ id }) => id)).toEqual([a, b]);
    expect(containersInOrder([one(a, 60), one(b, 62)], [a]).map(({ id }) => id)).toEqual([b, a]);
  });

  it('are not without end', () => {
    const many: JoinedContainer[] = Array.from({ length: 600 }, (_, index) => {
      const id = String(index).padStart(64, '0');
      return joined(id, container(id), group(`/docker/${id}`, { anon: index }));
    });
    const rows = containerRowsOf(containersInOrder(many, []));
    expect(rows).toHaveLength(500);
    expect(rows[0]).toEqual({ kind: 'container', joined: many[599] });
  });

  it('say what is known, and nothing of what is not', () => {
    const limit = { effectiveMax: { bytes: 40 * MiB, path: '/docker/b' }, limits: { max: 40 * MiB } };
    const told = container(b, { restartCount: 3, health: 'unhealthy' });
    const events = { ...group('/docker/b', { anon: 20 }), ...limit, events: { oomKill: 1 } };
    expect(containerFigures(joined(b, told, events), true, none, english)).toBe(
      '20.0 MiB · 50 % of its limit · 3 restarts · 1 OOM kill · frozen · unhealthy',
    );
    const unread: JoinedContainer = { id: a, container: container(a), cgroup: undefined, runtime: undefined };
    expect(containerFigures(unread, false, none, english)).toBe('');
    expect(containersFigures([small, large, unread], true, english)).toBe('3 containers · 21.0 MiB');
    expect(containersFigures([unread], true, english)).toBe('1 container');
    expect(containersFigures([], true, english)).toBe('0 containers');
    expect(containersFigures([], false, english)).toBe('not read yet');
  });

  it('go by the limit that is nearest, be it of a group above', () => {
    const effectiveMax = { bytes: 40 * MiB, path: '/docker' };
    const own = { ...group('/docker/b', { anon: 10 }), effectiveMax };
    const above = { ...group('/docker', { anon: 36 }), limits: { max: 40 * MiB } };
    const said = (find: (path: string) => WatchedCgroup | undefined): string =>
      containerFigures(joined(b, container(b), own), false, find, english);
    expect(said((path) => (path === '/docker' ? above : undefined))).toBe('10.0 MiB · 90 % of its limit');
    // How much of it is used is known of nobody then.
    expect(said(none)).toBe('10.0 MiB');
  });

  it('show every text of the host in one line, as it is', () => {
    const name = '<b>$(reboot)</b>\n\u202e`id`';
    const told = joined(a, container(a, { name, image: '[x](command:y)\n' }));
    expect(containerName(told)).toBe('<b>$(reboot)</b>??`id`');
    const details = containerDetails(told, english).split('\n');
    expect(details).toContain('Image: [x](command:y)?');
    expect(details.every((line) => /^[A-Z][a-z ]+: /.test(line))).toBe(true);
    expect(containerName(alone)).toBe('cccccccccccc');
  });
});
