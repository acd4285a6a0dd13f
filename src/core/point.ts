import { charts, valuesOf, type ChartId, type ChartMoment } from './charts';

/** Values of the series of each chart, in the order of `Chart.series`; null: not known. */
export type ChartValues = Readonly<Partial<Record<ChartId, readonly (number | null)[]>>>;

/** What is drawn at one moment: a sample, or what many samples in a row come to. */
export interface Point {
  /** Milliseconds since the epoch on our clock, derived from the host's uptime; of a range, where it begins. */
  readonly at: number;
  /** Of a range: the highest of each line, and the bands at the moment that `Chart.stackAtLowest` names. */
  readonly values: ChartValues;
  /** Of a range: the lowest of each series. Absent: a sample as it came. */
  readonly low?: ChartValues;
  /** Of a range: the highest of each series, where a chart has bands; `values` has it for the other charts. */
  readonly high?: ChartValues;
}

/** What every chart shows of a moment. */
export function chartValues(moment: ChartMoment): ChartValues {
  return Object.fromEntries(charts.map((chart) => [chart.id, valuesOf(chart, moment)]));
}
