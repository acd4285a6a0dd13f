import type { Verdict } from './verdict';

/** In the order of the document. */
export type SectionId =
  'uptime' | 'dmesg' | 'vmstat' | 'mpstat' | 'pidstat' | 'iostat' | 'free' | 'sar-dev' | 'sar-tcp' | 'top';

/** One of the ten commands: what it would have printed on the host, and what to make of it. */
export interface Section<Shown> {
  readonly id: SectionId;
  /** What somebody would type, e.g. `iostat -xz 1`. */
  readonly command: string;
  /** The numbers by column, not rounded; undefined: nothing could be computed. */
  readonly figures: Shown | undefined;
  /** The same as the tool lays it out. Names of the host are in it, cleaned of line feeds and control characters. */
  readonly lines: readonly string[];
  /** What is missing of it, or differs from the tool, and why: one sentence each. */
  readonly missing: readonly string[];
  readonly verdicts: readonly Verdict[];
}
