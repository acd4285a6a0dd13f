import { describe, expect, it, vi } from 'vitest';
import type { JoinedContainer } from '../../../src/core/containers/joinContainers';
import { changedRows, ContainersNode } from '../../../src/ui/containersNode';
import type { AttachedHost } from '../../../src/ui/hosts';
import { container, group, idOf, joined } from '../core/actions/hosts';

vi.mock('vscode', async () => {
  const { english } = await import('../../../src/core/translate');
  return { l10n: { t: english } };
});

const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')];
const host = { label: 'host', target: 'host', monitor: {} } as unknown as AttachedHost;
const one = (id: string, anon: number, composeProject?: string): JoinedContainer =>
  joined(
    id,
    container(id, composeProject === undefined ? {} : { composeProject }),
    group(`/docker/${id}`, { anon }),
  );
const rowsOf = (...containers: readonly JoinedContainer[]): readonly ContainersNode[] =>
  ContainersNode.ofHost(host, containers, containers).children;

describe('the rows of the containers', () => {
  it('stay the same rows, and those are drawn whose words have changed', () => {
    const rows = rowsOf(one(a, 10), one(b, 10));
    expect(changedRows(rows, rowsOf(one(a, 10), one(b, 10)), 0)).toEqual([]);
    const changed = changedRows(rows, rowsOf(one(a, 10), one(b, 20)), 0);
    expect(changed).toHaveLength(1);
    expect(changed?.[0]).toBe(rows[1]);
    expect(rows[1]?.description).toBe('20.0 MiB');
    expect(rows[1]?.joined).toEqual([one(b, 20)]);
  });

  it('are others where one comes, goes or changes its place', () => {
    const rows = rowsOf(one(a, 10), one(b, 10));
    expect(changedRows(rows, rowsOf(one(a, 10)), 0)).toBeUndefined();
    expect(changedRows(rows, rowsOf(one(b, 10), one(a, 10)), 0)).toBeUndefined();
    expect(changedRows(rows, rowsOf(one(a, 10), one(b, 10), one(c, 10)), 0)).toBeUndefined();
    expect(changedRows(rowsOf(one(a, 10, 'shop')), rowsOf(one(b, 10, 'shop')), 0)).toBeUndefined();
    expect(rows[0]?.joined).toEqual([one(a, 10)]);
  });

  it('draw a project now and then only, since those in it are drawn with it', () => {
    const rows = rowsOf(one(a, 10, 'shop'), one(b, 10, 'shop'));
    const [project] = rows;
    const [first] = project?.children ?? [];
    expect(changedRows(rows, rowsOf(one(a, 20, 'shop'), one(b, 10, 'shop')), 0)).toEqual([project, first]);
    expect(changedRows(rows, rowsOf(one(a, 30, 'shop'), one(b, 10, 'shop')), 5000)).toEqual([first]);
    expect(changedRows(rows, rowsOf(one(a, 30, 'shop'), one(b, 10, 'shop')), 10_000)).toEqual([project]);
    expect(project?.description).toBe('2 containers · 40.0 MiB');
  });
});
