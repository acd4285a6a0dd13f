/**
 * Every text that is the page's own, in English. The extension sends translations of them at `reset`; all other texts of
 * the page (titles, labels, facts) come from the extension. `{0}` stands for a value.
 */
export const englishStrings = {
  actions: 'Actions',
  charts: 'Charts',
  facts: 'About this host',
  timeSpan: 'Time span',
  minute: '1 minute',
  minutes: '{0} minutes',
  showAsTable: 'Show as table',
  waiting: 'Waiting for the first sample',
  noSamples: 'No samples',
  noData: 'no data',
  legend: 'Series of {0}: press to show or hide',
  series: 'Series',
  now: 'Now',
  lowest: 'Lowest',
  highest: 'Highest',
  table: '{0}: current values, and lowest and highest in the time span',
} as const;

export type PageStrings = Readonly<Record<keyof typeof englishStrings, string>>;
