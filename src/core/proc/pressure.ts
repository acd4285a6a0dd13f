import { ParseError, type Line, type Refuse, type Source } from './source';
import { countOf, decimalOf, fieldsOf, linesOf } from './text';

/** Time in which tasks could not go on for want of a resource; undefined: refused. */
export interface Stall {
  readonly avg10Percent: number | undefined;
  readonly avg60Percent: number | undefined;
  readonly avg300Percent: number | undefined;
  /** Since boot. */
  readonly totalMicroseconds: number | undefined;
}

/** Pressure stall information of one resource. */
export interface Pressure {
  /** At least one task stalled. */
  readonly some: Stall;
  /** All tasks stalled that had anything to do. For `cpu` since 5.13, and always 0 there. */
  readonly full?: Stall;
}

/**
 * `/proc/pressure/{cpu,memory,io}` (kernel/sched/psi.c), since 4.20, e.g.
 * `some avg10=0.20 avg60=0.27 avg300=0.12 total=48604894`.
 * Absent without CONFIG_PSI; with PSI off at boot (RHEL 8 and 9: on with `psi=1`) it is there and cannot be read.
 */
function pressureSource(resource: 'cpu' | 'memory' | 'io'): Source<Pressure> {
  const path = `proc/pressure/${resource}`;
  return {
    path,
    parse(text, refuse) {
      const stalls = new Map(linesOf(text).map((line) => [fieldsOf(line)[0], line]));
      const some = stalls.get('some');
      const full = stalls.get('full');
      if (some === undefined) throw new ParseError(path, 0, text, 'the line some is missing');
      return { some: stallOf(refuse, some), ...(full && { full: stallOf(refuse, full) }) };
    },
  };
}

function stallOf(refuse: Refuse, line: Line): Stall {
  const values = new Map(fieldsOf(line).map((field) => field.split('=') as [string, string | undefined]));
  return {
    avg10Percent: decimalOf(refuse, line, values.get('avg10'), 100),
    avg60Percent: decimalOf(refuse, line, values.get('avg60'), 100),
    avg300Percent: decimalOf(refuse, line, values.get('avg300'), 100),
    totalMicroseconds: countOf(refuse, line, values.get('total')),
  };
}

export const cpuPressure = pressureSource('cpu');
export const memoryPressure = pressureSource('memory');
export const ioPressure = pressureSource('io');
