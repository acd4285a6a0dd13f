/** Told when something is not wanted any more. The same shape as VS Code's, so that monitors can be subscriptions. */
export interface Disposable {
  dispose(): void;
}

/**
 * One kind of event with its listeners. A listener that throws is reported and never stops the others: a monitor must
 * outlive a mistake in whatever draws it.
 */
export class Emitter<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(private readonly onListenerError: (error: unknown) => void) {}

  /** Calls `listener` with each value from now on. */
  readonly event = (listener: (value: T) => void): Disposable => {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }
}
