/** Aborted when the connection has ended. */
export function cutSignal(cut: Promise<unknown>): AbortSignal {
  const ended = new AbortController();
  void cut.then(() => ended.abort());
  return ended.signal;
}
