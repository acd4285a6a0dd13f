/** The time grows with the product of the two lengths: a longer pattern matches nothing, a longer text is cut. */
const longestPattern = 1000;
const longestText = 10_000;

/**
 * Whether all of `text` matches a pattern of a setting: `*` is any run of characters, `?` is any one. Capital letters are
 * the same as small ones: host names have no difference, and who protects `DB-*` means `db-1` too. Without a regular
 * expression, which could take exponential time.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  if (pattern.length > longestPattern) return false;
  const words = text.slice(0, longestText).toLowerCase();
  const wanted = pattern.toLowerCase();
  let at = 0;
  let wantedAt = 0;
  let star = -1;
  let retry = 0;
  while (at < words.length) {
    const next = wanted[wantedAt];
    if (next === '*') {
      star = wantedAt++;
      retry = at;
    } else if (next !== undefined && (next === '?' || next === words[at])) {
      wantedAt++;
      at++;
    } else if (star >= 0) {
      wantedAt = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  while (wanted[wantedAt] === '*') wantedAt++;
  return wantedAt === wanted.length;
}
