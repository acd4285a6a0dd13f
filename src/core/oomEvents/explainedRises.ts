/** A rise of the counter between two samples; the host's uptime in ms. */
interface Rise {
  readonly fromMs: number;
  readonly toMs: number;
  /** Kills that no line of the log explains so far. */
  readonly without: number;
}

/** Kills that the log tells at one moment; the host's uptime in ms. */
export interface Logged {
  readonly atMs: number;
  /** Of the sample before the log told it. */
  readonly toldMs: number;
  readonly kills: number;
}

/** The kernel's log has a clock of its own, which stands still in suspend and drifts. */
const clockSlackMs = 2000;

/** What was told so long before and fits to no rise is none that the counter knows. */
const spareMs = 60_000;

/** What fits best first: within the rise, beside it, and by a clock that is far behind. */
const fits: readonly ((rise: Rise, logged: Logged) => boolean)[] = [
  ({ fromMs, toMs }, { atMs }) => atMs > fromMs && atMs <= toMs,
  ({ fromMs, toMs }, { atMs }) => atMs >= fromMs - clockSlackMs && atMs <= toMs + clockSlackMs,
  ({ fromMs }, { atMs, toldMs }) => atMs < fromMs && toldMs >= fromMs - spareMs,
];

/**
 * Says which kills of the log explain which rises. Each kill explains one at most, and one that lies within another rise is
 * taken for a neighbour only where that one has enough of its own.
 * @param rises oldest first.
 * @param logged oldest first.
 */
export function explainedRises<R extends Rise, L extends Logged>(
  rises: readonly R[],
  logged: readonly L[],
): ReadonlyMap<R, ReadonlyMap<L, number>> {
  const explained = new Map<R, Map<L, number>>();
  const left = new Map(logged.map((one) => [one, one.kills]));
  const open = new Map(rises.map((rise) => [rise, rise.without]));
  for (const isFit of fits)
    for (const [one, kills] of left) {
      let more = kills;
      for (const [rise, without] of open) {
        if (more === 0) break;
        const taken = Math.min(more, without);
        if (taken === 0 || !isFit(rise, one)) continue;
        more -= taken;
        open.set(rise, without - taken);
        const by = explained.get(rise) ?? new Map<L, number>();
        explained.set(rise, by.set(one, (by.get(one) ?? 0) + taken));
      }
      left.set(one, more);
    }
  return explained;
}
