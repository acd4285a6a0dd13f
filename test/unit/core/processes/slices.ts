import type { SurveyCapture } from '../../../../src/core/survey/capture';

/** What a test says of a process; the rest is that of any small one. */
export interface StatFigures {
  readonly name?: string;
  readonly state?: string;
  readonly flags?: number;
  readonly minflt?: number;
  readonly majflt?: number;
  readonly utime?: number;
  readonly stime?: number;
  readonly start?: number;
  readonly rss?: number;
}

/** `PF_KTHREAD`. */
export const kernelFlags = 0x00200000;

/** A `/proc/PID/stat`, in the form of 6.18. */
export function statText(pid: number, figures: StatFigures = {}): string {
  const { name = 'app', state = 'S', flags = 4_194_304, minflt = 0, majflt = 0 } = figures;
  const { utime = 0, stime = 0, start = 1000, rss = 100 } = figures;
  return `${pid} (${name}) ${state} 1 ${pid} ${pid} 0 -1 ${flags} ${minflt} 0 ${majflt} 0 ${utime} ${stime} 0 0 20 0 1 0 ${start} 15970304 ${rss} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n`;
}

export function statusText(
  uid: number,
  figures: { readonly anonKib?: number; readonly swapKib?: number } = {},
): string {
  const { anonKib = 400, swapKib = 0 } = figures;
  return `Uid:\t${uid}\t${uid}\t${uid}\t${uid}\nRssAnon:\t${anonKib} kB\nVmSwap:\t${swapKib} kB\n`;
}

/** A slice at so many seconds of the host's uptime. */
export function slice(atSeconds: number, parts: Partial<SurveyCapture> = {}): SurveyCapture {
  return {
    bootId: 'boot',
    hostUptimeMs: atSeconds * 1000,
    unchangedPids: [],
    cgroups: [],
    text: {},
    unreadable: [],
    ...parts,
  };
}

/** The `stat` of processes by pid. */
export function stats(figures: Readonly<Record<number, StatFigures>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(figures).map(([pid, some]) => [`proc/${pid}/stat`, statText(Number(pid), some)]),
  );
}

/** The dear files of a process. */
export function details(pid: number, swapKib = 0): Record<string, string> {
  return {
    [`proc/${pid}/status`]: statusText(1000, { swapKib }),
    [`proc/${pid}/cgroup`]: '0::/system.slice/app.service\n',
    [`proc/${pid}/oom_score`]: '667\n',
    [`proc/${pid}/oom_score_adj`]: '-250\n',
    [`proc/${pid}/cmdline`]: `/usr/bin/app\0--pid\0${pid}\0`,
  };
}
