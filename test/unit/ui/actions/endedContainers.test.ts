import { describe, expect, it } from 'vitest';
import { EndedContainers } from '../../../../src/ui/actions/endedContainers';
import { container, group, idOf, joined } from '../../core/actions/hosts';

const id = idOf('a');
const read = (atMs: number): ReturnType<typeof joined> => joined(id, undefined, group('/docker/a', {}, atMs));

describe('containers that were ended from here', () => {
  it('are not shown for a cgroup that was read before', () => {
    const ended = new EndedContainers();
    expect(ended.has(read(1000))).toBe(false);
    ended.note('kill-containers', [{ key: id, outcome: 'done' }], 2000);
    expect(ended.has(read(1000))).toBe(true);
    expect(ended.without([read(1000), read(3000)])).toHaveLength(1);
    // Somebody has started it again.
    expect(ended.has(read(3000))).toBe(false);
    expect(ended.has(joined(id, container(id), group('/docker/a', {}, 1000)))).toBe(false);
  });

  it('are shown where they were not ended, or only may have been', () => {
    const ended = new EndedContainers();
    ended.note('freeze-containers', [{ key: id, outcome: 'done' }], 2000);
    ended.note('kill-containers', [{ key: id, outcome: 'unknown' }], 2000);
    expect(ended.has(read(1000))).toBe(false);
  });
});
