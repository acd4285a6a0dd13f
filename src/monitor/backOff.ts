/**
 * How long to wait before the next attempt to connect: 1 s, doubled up to one minute, give or take a fifth so that many
 * windows do not knock at the same moment.
 *
 * @param attempt number of failed attempts so far, from 1.
 * @param random a number from 0 up to 1.
 */
export function backOffMs(attempt: number, random: number = Math.random()): number {
  const base = Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(base * (0.8 + 0.4 * random));
}
