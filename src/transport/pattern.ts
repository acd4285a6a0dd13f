/**
 * Matches the patterns of known_hosts and ssh_config: `*` is any run of characters, `?` is any one character. Without a
 * regular expression, because the patterns come from files and a regular expression could take exponential time.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether one of `patterns` matches and none that starts with `!` does. */
export function matchesPatternList(text: string, patterns: readonly string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (!pattern.startsWith('!')) matched ||= matchesPattern(text, pattern);
    else if (matchesPattern(text, pattern.slice(1))) return false;
  }
  return matched;
}
