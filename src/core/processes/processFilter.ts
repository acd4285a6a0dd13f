/** A longer filter is cut. */
export const longestFilter = 100;

const mostWords = 8;

/**
 * Whether a process is one that a person looks for.
 * @param texts what it goes by (name, command line, user, owner); taken one by one, no more of them than are needed.
 */
export type ProcessFilter = (pid: number, texts: Iterable<string>) => boolean;

/**
 * Every word has to stand in one of the texts, in whatever case, or be the pid. Words are taken literally.
 * @returns undefined where there is no word: nothing is looked for.
 */
export function processFilterOf(text: string): ProcessFilter | undefined {
  const words = text.slice(0, longestFilter).toLowerCase().split(/\s+/).filter(Boolean).slice(0, mostWords);
  if (words.length === 0) return undefined;
  return (pid, texts) => {
    let missing = words.filter((word) => word !== String(pid));
    if (missing.length === 0) return true;
    for (const one of texts) {
      const lower = one.toLowerCase();
      missing = missing.filter((word) => !lower.includes(word));
      if (missing.length === 0) return true;
    }
    return false;
  };
}
