/** The time spans that can be looked at, in minutes. The history reaches as far back as the longest. */
export const timeSpans = [1, 5, 15, 60, 360, 1440] as const;

export type TimeSpan = (typeof timeSpans)[number];

/** The time span that is this value; undefined where there is none. */
export function timeSpanOf(value: unknown): TimeSpan | undefined {
  return timeSpans.find((minutes) => minutes === value);
}
