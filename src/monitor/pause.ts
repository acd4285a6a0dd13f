/** Resolves after `ms` (undefined: never by itself) or as soon as `signal` is aborted. Never rejects. */
export function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted || (ms !== undefined && ms <= 0)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
