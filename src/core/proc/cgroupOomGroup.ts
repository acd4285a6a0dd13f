import { ParseError, type Source } from './source';

const path = 'memory.oom.group';

/**
 * `memory.oom.group` of a cgroup of version 2 (mm/memcontrol.c): with 1 all of its tasks die where the OOM killer takes one of
 * them. Since 4.19; the root group has no such file.
 */
export const memoryOomGroup: Source<boolean> = {
  path,
  parse(text) {
    const word = text.trim();
    if (word === '0' || word === '1') return word === '1';
    throw new ParseError(path, 0, text, 'neither 0 nor 1');
  },
};
