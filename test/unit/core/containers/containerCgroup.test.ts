import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerCgroupOf } from '../../../../src/core/containers/containerCgroup';
import { holds } from '../properties/random';

const id = '4f3c2a1b0d9e'.padEnd(64, '7');
const other = 'aaaaaaaaaaaa'.padEnd(64, 'b');

describe('the cgroup of a container by its first process', () => {
  it.each([
    ['version 2', `0::/system.slice/docker-${id}.scope\n`, `/system.slice/docker-${id}.scope`],
    ['version 1', `4:memory:/docker/${id}\n3:freezer:/docker/${id}\n`, `/docker/${id}`],
    ['a group of its own within', `0::/docker/${id}/init.scope\n`, `/docker/${id}`],
    ['a parent of one’s own', `4:memory:/mine/${id}\n0::/\n`, `/mine/${id}`],
    ['Podman', `0::/machine.slice/libpod-${id}.scope/container\n`, `/machine.slice/libpod-${id}.scope`],
  ])('%s', (_, text, path) => {
    expect(containerCgroupOf(text, id)).toBe(path);
    expect(containerCgroupOf(text, id.slice(0, 12))).toBe(path);
    expect(containerCgroupOf(text, other)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['another process by now', '0::/user.slice/user-1000.slice/session-3.scope\n'],
    ['the root', '0::/\n'],
    ['what looks after it', `0::/machine.slice/libpod-conmon-${id}.scope\n`],
    ['a container in another', `0::/docker/${other}/docker/${id}\n`],
    ['no file of the kernel’s', `<html>${id}</html>`],
  ])('is not known by %s', (_, text) => {
    expect(containerCgroupOf(text, id)).toBeUndefined();
  });

  it('is never another’s, whatever the text is', () => {
    holds(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = containerCgroupOf(`0::/${text}\n`, id);
        expect(found === undefined || found.includes(id)).toBe(true);
      }),
      300,
    );
    expect(containerCgroupOf(`0::/docker/${id}\n`, '')).toBeUndefined();
  });
});
