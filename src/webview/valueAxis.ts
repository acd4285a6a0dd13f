import type { ChartView } from '../protocol';

type Unit = ChartView['unit'];

/** A vertical axis that begins at 0. `ticks` are ascending and hold 0 and `top`. */
export interface ValueScale {
  readonly top: number;
  readonly ticks: readonly number[];
}

/** An axis never ends below this, so that the noise of an idle host does not look like a storm. */
const smallestTop: Record<Exclude<Unit, 'percent'>, number> = {
  bytes: 2 ** 20,
  bytesPerSecond: 2 ** 16,
  perSecond: 5,
  milliseconds: 10,
};

const intervals = 5;

/** The axis for values up to `highest`, in at most five steps: binary for bytes, 1-2-5 for counts and times. */
export function valueScale(unit: Unit, highest: number): ValueScale {
  if (unit === 'percent') return { top: 100, ticks: [0, 25, 50, 75, 100] };
  const wanted = Math.max(highest, smallestTop[unit]);
  const binary = unit === 'bytes' || unit === 'bytesPerSecond';
  const step = binary ? binaryStep(wanted / intervals) : decimalStep(wanted / intervals);
  const count = Math.ceil(wanted / step);
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

function binaryStep(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

function decimalStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return ([1, 2, 5].find((factor) => factor * power >= atLeast) ?? 10) * power;
}
