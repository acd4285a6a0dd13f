import { ParseError, type Source } from './source';
import { linesOf } from './text';

const path = 'proc/*/cgroup';

/** The cgroups that a process is in, as paths from the root of each hierarchy, or of the reader's cgroup namespace. */
export interface CgroupMembership {
  /** In the one tree of version 2, which systemd uses beside version 1 too. Undefined: the kernel or the host has none. */
  readonly unified?: string;
  /** In version 1's hierarchy of the memory controller. Undefined: version 2 has that controller. */
  readonly memoryV1?: string;
  /** In the hierarchy in which systemd keeps its units where it uses version 1. */
  readonly systemdV1?: string;
}

/** The kernel adds this where the group was removed and the process, ended, is still there (version 2). */
const deleted = ' (deleted)';

/**
 * `/proc/PID/cgroup` (kernel/cgroup/cgroup.c), e.g. `0::/system.slice/ssh.service` or `4:memory:/docker/4f…`.
 * At least one line must be of a hierarchy.
 */
export const cgroupMembership: Source<CgroupMembership> = {
  path,
  parse(text, refuse) {
    const membership: { -readonly [Field in keyof CgroupMembership]?: string } = {};
    let known = false;
    for (const line of linesOf(text)) {
      const [, id, controllers = '', written] = /^(\d{1,10}):([^:]*):(\/.*)$/s.exec(line.text) ?? [];
      if (written === undefined) {
        refuse(line, 'not a hierarchy and a path');
        continue;
      }
      known = true;
      const group = written.endsWith(deleted) ? written.slice(0, -deleted.length) : written;
      if (id === '0' && controllers === '') membership.unified = group;
      else if (controllers.split(',').includes('memory')) membership.memoryV1 = group;
      else if (controllers === 'name=systemd') membership.systemdV1 = group;
    }
    if (!known) throw new ParseError(path, 0, text, 'no hierarchy');
    return membership;
  },
};
