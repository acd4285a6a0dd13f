import { present } from '../present';
import { isTaskName } from './taskName';

/** The first line of a report: who asked for memory and was not given it. */
export interface HeaderLine {
  readonly kind: 'header';
  readonly name: string;
  readonly order?: number;
  readonly gfp?: string;
  /** Nodes to which the request was limited (4.9 to 4.20), as printed: `0-1`. Absent: `(null)` or not printed. */
  readonly nodemask?: string;
}

const mark = ' invoked oom-killer: gfp_mask=';

/**
 * `sshd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`; older kernels also print `nodemask`
 * and `oom_adj` (2.6.30 to 3.x) or `oomkilladj` (to 2.6.29) here.
 */
export function readHeader(text: string): HeaderLine | undefined {
  const at = text.indexOf(mark);
  if (at < 0) return undefined;
  const name = text.slice(0, at);
  const values = text.slice(at, at + 600);
  // Something longer than a task's name is another program that quotes the kernel; its source has no number there.
  if (!isTaskName(name) || !/^(?:\d|$)/.test(values.slice(mark.length))) return undefined;
  const order = /, {1,2}order=(-?\d{1,3}),/.exec(values)?.[1];
  return present<HeaderLine>({
    kind: 'header',
    name,
    order: order === undefined ? undefined : Number(order),
    gfp: /gfp_mask=(0x[0-9a-f]{1,16}(?:\([^(),]{0,300}\))?),/.exec(values)?.[1],
    nodemask: /, nodemask=(\d[\d,-]{0,100}), /.exec(values)?.[1],
  });
}
