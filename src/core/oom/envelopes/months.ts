/** How the months begin in some languages, each in its order; the first that fits counts. Short forms are what logs have. */
const languages: readonly string[] = [
  'jan feb mar apr may jun jul aug sep oct nov dec', // English
  'jan feb mär apr mai jun jul aug sep okt nov dez', // German
  'janv févr mars avr mai juin juil août sept oct nov déc', // French
  'ene feb mar abr may jun jul ago sep oct nov dic', // Spanish
  'gen feb mar apr mag giu lug ago set ott nov dic', // Italian
  'jan fev mar abr mai jun jul ago set out nov dez', // Portuguese
  'jan feb mrt apr mei jun jul aug sep okt nov dec', // Dutch
  'янв фев мар апр мая июн июл авг сен окт ноя дек', // Russian
  'янв фев мар апр май июн июл авг сен окт ноя дек',
  'sty lut mar kwi maj cze lip sie wrz paź lis gru', // Polish
  'jan feb mar apr maj jun jul aug sep okt nov dec', // Danish, Swedish
  'oca şub mar nis may haz tem ağu eyl eki kas ara', // Turkish
  '1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월', // Korean
  '1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月', // Chinese, Japanese
];

const starts = new Map<string, string>();
for (const language of languages)
  language.split(' ').forEach((start, index) => {
    if (!starts.has(start)) starts.set(start, String(index + 1).padStart(2, '0'));
  });

/** Longest first: `janv` before `jan`. */
const lengths = [4, 3, 2] as const;

/** @returns `01` to `12`. */
export function monthOf(word: string): string | undefined {
  const lower = word.toLowerCase();
  for (const length of lengths) {
    const month = starts.get(lower.slice(0, length));
    // `2月` is a whole word; of the others a word may be longer.
    if (month !== undefined && (length > 2 || lower.length === length)) return month;
  }
  return undefined;
}
