import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'memory.events';

/** What has happened to a cgroup and its descendants since it was made. */
export interface CgroupEvents {
  /** Reclaimed although below `memory.low`. */
  readonly low?: number;
  /** Slowed down at `memory.high`. */
  readonly high?: number;
  /** Usage was about to go over `memory.max`. */
  readonly max?: number;
  /** A charge was about to fail; the OOM killer came, or the charge failed. */
  readonly oom?: number;
  /** Processes killed by any OOM killer. Since 4.13. */
  readonly oomKill?: number;
  /** Times the whole group was killed. Since 5.17. */
  readonly oomGroupKill?: number;
}

const fields = new Map<string, keyof CgroupEvents>([
  ['low', 'low'],
  ['high', 'high'],
  ['max', 'max'],
  ['oom', 'oom'],
  ['oom_kill', 'oomKill'],
  ['oom_group_kill', 'oomGroupKill'],
]);

/** `memory.events` of a cgroup of version 2 (mm/memcontrol.c), e.g. `oom_kill 3`; the root group has none. */
export const cgroupMemoryEvents: Source<CgroupEvents> = {
  path,
  parse(text, refuse) {
    const events: { -readonly [Field in keyof CgroupEvents]?: number } = {};
    let known = false;
    for (const line of linesOf(text)) {
      const [word = '', value] = fieldsOf(line);
      const field = fields.get(word);
      if (field === undefined) continue;
      known = true;
      const count = countOf(refuse, line, value);
      if (count !== undefined) events[field] = count;
    }
    if (!known) throw new ParseError(path, 0, text, 'no event is known');
    return events;
  },
};
