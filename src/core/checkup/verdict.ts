import { thresholds, type Threshold, type ThresholdId } from './thresholds';

/** In words, not in colours. `unknown`: what it would be judged by is missing. */
export type Sign = 'ok' | 'look' | 'trouble' | 'unknown';

/** What to make of a section, or of one line of it. */
export interface Verdict {
  readonly sign: Sign;
  /** The processor, process, disk or interface that it is about, as the host names it, cleaned; undefined: the whole section. */
  readonly subject?: string;
  /** One plain sentence without a full stop. No text of the host's is in it. */
  readonly text: string;
  /** How far beyond its threshold the figure is: from 1 on for `look` and `trouble`, 0 else. */
  readonly weight: number;
}

const none = { sign: 'ok', weight: 0 } as const;

/** What a figure is by its threshold. Undefined figures are not judged. */
export function judge(
  id: ThresholdId,
  value: number | undefined,
): { readonly sign: 'ok' | 'look' | 'trouble'; readonly weight: number } {
  if (value === undefined) return none;
  const { look, trouble, low }: Threshold = thresholds[id];
  const beyond = (limit: number): boolean => (low === true ? value < limit : value > limit);
  if (!beyond(look)) return none;
  // A threshold of 0, or a figure of 0, has no ratio: the distance stands for it.
  const weight = low === true ? (look + 1) / (value + 1) : (value + 1) / (look + 1);
  return { sign: trouble !== undefined && beyond(trouble) ? 'trouble' : 'look', weight: Math.max(1, weight) };
}

function worstSign(verdicts: readonly Pick<Verdict, 'sign'>[]): 'ok' | 'look' | 'trouble' {
  const signs = verdicts.map(({ sign }) => sign);
  return signs.includes('trouble') ? 'trouble' : signs.includes('look') ? 'look' : 'ok';
}

/** Collects the verdicts of one section. */
export class Verdicts {
  readonly #ofSection: Verdict[] = [];
  readonly #ofLines: Verdict[] = [];

  /** @param text said where the figure is beyond its threshold. */
  judge(id: ThresholdId, value: number | undefined, text: string): void {
    const { sign, weight } = judge(id, value);
    if (sign !== 'ok') this.#ofSection.push({ sign, text, weight });
  }

  /** Says something of the section that goes by no number. */
  say(sign: 'look' | 'trouble', text: string, weight = 1): void {
    this.#ofSection.push({ sign, text, weight });
  }

  /**
   * Judges one line by all that speaks against it; `ok` where nothing does.
   * @param subject as the host names it, cleaned.
   */
  line(
    subject: string,
    ...checks: readonly (readonly [id: ThresholdId, value: number | undefined, text: string])[]
  ): void {
    const found = checks
      .map(([id, value, text]) => ({ ...judge(id, value), text }))
      .filter(({ sign }) => sign !== 'ok');
    this.#ofLines.push({
      sign: worstSign(found),
      subject,
      text: found.length === 0 ? 'nothing unusual' : found.map(({ text }) => text).join('; '),
      weight: Math.max(0, ...found.map(({ weight }) => weight)),
    });
  }

  /**
   * Of the section first, then of its lines.
   * @param summary said where nothing speaks against the section as a whole: it is as bad as its worst line then;
   * undefined: there is nothing to judge it by.
   */
  list(summary: string | undefined): readonly Verdict[] {
    if (this.#ofSection.length > 0) return [...this.#ofSection, ...this.#ofLines];
    const overall: Verdict =
      summary === undefined
        ? { sign: 'unknown', text: 'cannot be judged: what it is computed from is missing', weight: 0 }
        : { sign: worstSign(this.#ofLines), text: summary, weight: 0 };
    return [overall, ...this.#ofLines];
  }
}
