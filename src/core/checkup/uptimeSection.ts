import { loadavg } from '../proc/loadavg';
import { uptime } from '../proc/uptime';
import { timeOfDay, upText } from './clock';
import { numberText } from './columns';
import type { CheckupInputs } from './inputs';
import { pairOf } from './readings';
import type { Section } from './section';
import { Verdicts } from './verdict';
import { counted } from './words';

export interface UptimeFigures {
  readonly uptimeMs: number | undefined;
  readonly load1: number | undefined;
  readonly load5: number | undefined;
  readonly load15: number | undefined;
}

/** What is said of `uptime` and of the head of `top`. */
export const usersLeftOut =
  'the number of users is left out: it is in utmp, a binary file that is not read here';

/**
 * `uptime` (procps, library/uptime.c, procps_uptime_sprint) at the end of the span.
 * @param processors online; undefined: not known.
 */
export function uptimeSection(inputs: CheckupInputs, processors: number | undefined): Section<UptimeFigures> {
  const up = pairOf(uptime, inputs);
  const loads = pairOf(loadavg, inputs);
  const { load1, load5, load15 } = loads.end?.facts ?? {};
  const figures = { uptimeMs: up.end?.facts.uptimeMs, load1, load5, load15 };
  const verdicts = new Verdicts();
  if (load1 !== undefined && processors !== undefined) {
    verdicts.judge(
      'loadPerProcessor',
      load1 / processors,
      `${numberText(load1, 2)} tasks on average run or wait for a disk, on ${counted(processors, 'processor', 'processors')}${trendText(load1, load15)}`,
    );
  }
  const missing = [...up.missing, ...loads.missing, usersLeftOut];
  return {
    id: 'uptime',
    command: 'uptime',
    figures,
    lines: [` ${uptimeLine(inputs, figures)}`],
    missing: [...new Set(missing)],
    verdicts: verdicts.list(
      load1 === undefined || processors === undefined
        ? undefined
        : `load ${numberText(load1, 2)} on ${counted(processors, 'processor', 'processors')}${trendText(load1, load15)}`,
    ),
  };
}

/** `05:02:36 up  6:34,  load average: 0.58, 0.59, 0.62`: also the head of `top`. */
export function uptimeLine({ endedAtMs }: CheckupInputs, figures: UptimeFigures): string {
  const { uptimeMs, load1, load5, load15 } = figures;
  const up = uptimeMs === undefined ? 'up -' : upText(uptimeMs);
  const loads = [load1, load5, load15].map((load) => numberText(load, 2)).join(', ');
  return `${timeOfDay(endedAtMs)} ${up},  load average: ${loads}`;
}

function trendText(load1: number, load15: number | undefined): string {
  if (load15 === undefined || Math.max(load1, load15) < 1) return '';
  if (load1 > load15 * 1.5) return ', rising';
  return load1 < load15 / 1.5 ? ', falling' : '';
}
