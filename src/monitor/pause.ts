/** Asked afresh, which the compiler does not expect of a property that it has looked at: code in between may abort. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/**
 * Resolves after `ms` (undefined: never by itself) or as soon as one of the signals is aborted. Never rejects.
 *
 * It listens to each of them, because a signal of `AbortSignal.any` that was listened to is kept by those that it is made
 * of: one a second is a leak (nodejs/node#64476).
 */
export function pause(ms: number | undefined, ...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some(isAborted) || (ms !== undefined && ms <= 0)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    for (const signal of signals) signal.addEventListener('abort', done, { once: true });
  });
}
