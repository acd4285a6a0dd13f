/**
 * The host's uptime in ms, which a frame begins with.
 * @param words of the frame: `1003.89` as /proc/uptime has it → 1003890.
 * @returns undefined for what /proc/uptime never says.
 */
export function uptimeMsOf(words: readonly string[]): number | undefined {
  const [word = ''] = words;
  return /^\d{1,10}\.\d{1,3}$/.test(word) ? Math.round(Number(word) * 1000) : undefined;
}
