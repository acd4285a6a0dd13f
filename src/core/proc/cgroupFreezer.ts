import { ParseError, type Source } from './source';
import { fieldsOf, linesOf } from './text';

/**
 * `frozen 1` in `cgroup.events` of a cgroup of version 2 (kernel/cgroup/cgroup.c): all of its tasks stand still, whoever
 * froze it or a group above it. Since 5.2; the root group has no such file.
 * @returns of `parse`: undefined where the kernel does not tell.
 */
export const cgroupEvents: Source<boolean | undefined> = {
  path: 'cgroup.events',
  keep: ['frozen'],
  parse(text, refuse) {
    for (const line of linesOf(text)) {
      const [word, value] = fieldsOf(line);
      if (word !== 'frozen') continue;
      if (value === '0' || value === '1') return value === '1';
      refuse(line, 'neither 0 nor 1');
    }
    return undefined;
  },
};

/**
 * `freezer.state` of version 1's freezer (kernel/cgroup/legacy_freezer.c): `THAWED`, `FROZEN`, or `FREEZING` while some tasks
 * have yet to stand still, which counts as frozen here. The root group has no such file.
 */
export const freezerState: Source<boolean> = {
  path: 'freezer.state',
  parse(text) {
    const word = text.trim();
    if (word === 'THAWED') return false;
    if (word === 'FROZEN' || word === 'FREEZING') return true;
    throw new ParseError('freezer.state', 0, text, 'no state of a freezer');
  },
};
