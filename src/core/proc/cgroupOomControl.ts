import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'memory.oom_control';

/** How a cgroup of version 1 meets its limit. */
export interface CgroupOomControl {
  /** True: at the limit tasks stand still instead of being killed. */
  readonly oomKillDisable?: boolean;
  /** True: tasks stand still now. */
  readonly underOom?: boolean;
  /** Processes killed by any OOM killer, in this group alone. Since 4.13. */
  readonly oomKill?: number;
}

/** `memory.oom_control` of a cgroup of version 1 (mm/memcontrol-v1.c), e.g. `under_oom 0`. */
export const cgroupOomControl: Source<CgroupOomControl> = {
  path,
  parse(text, refuse) {
    const control: { -readonly [Field in keyof CgroupOomControl]?: CgroupOomControl[Field] } = {};
    let known = false;
    for (const line of linesOf(text)) {
      const [word, value] = fieldsOf(line);
      if (word !== 'oom_kill_disable' && word !== 'under_oom' && word !== 'oom_kill') continue;
      known = true;
      const number = countOf(refuse, line, value, 1, word === 'oom_kill' ? undefined : 1);
      if (number === undefined) continue;
      if (word === 'oom_kill') control.oomKill = number;
      else control[word === 'under_oom' ? 'underOom' : 'oomKillDisable'] = number === 1;
    }
    if (!known) throw new ParseError(path, 0, text, 'under_oom is missing');
    return control;
  },
};
