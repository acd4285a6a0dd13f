import { englishStrings, type PageStrings } from '../core/pageStrings';

/** The page's texts with what the extension translated put over them; unknown keys are ignored. */
export function translate(overrides: Readonly<Record<string, string>> = {}): PageStrings {
  const known = Object.entries(overrides).filter(([key]) => key in englishStrings);
  return { ...englishStrings, ...Object.fromEntries(known) };
}

/** Puts the values where a text of {@link PageStrings} says `{0}`, `{1}` … */
export function fill(text: string, ...values: readonly string[]): string {
  return text.replace(/\{(\d)\}/g, (place, index: string) => values[Number(index)] ?? place);
}
