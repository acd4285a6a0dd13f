/** A command that runs, in a process group that ends with us, however we end. */
export interface Running {
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a command that ends with us.
 * @param options `output` and `errors`: file descriptors.
 */
export type Start = (
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly output: number; readonly errors: number },
) => Running;
