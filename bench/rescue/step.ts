/** Something that was sent or came back while the containers were killed. */
export interface Step {
  /** Since the person pressed the button or the return key, in ms. */
  readonly ms: number;
  readonly what: string;
  /** Name of the container it is about. */
  readonly container?: string;
  /** How it ended; absent where it was only sent. */
  readonly outcome?: string;
  /** The machine's uptime when it had done it, in ms, where it says so. */
  readonly hostUptimeMs?: number;
}

/** Notes a step with the time that has passed. */
export type NoteStep = (step: Omit<Step, 'ms'>) => void;

/** Starts to count. */
export function stepsFromNow(): { readonly steps: readonly Step[]; readonly note: NoteStep } {
  const startedAtMs = performance.now();
  const steps: Step[] = [];
  const note: NoteStep = (step) => {
    const ms = performance.now() - startedAtMs;
    steps.push({ ms, ...step });
    const { what, container = '', outcome = '' } = step;
    console.error(`${(ms / 1000).toFixed(2)} s: ${[what, container, outcome].filter(Boolean).join(' ')}`);
  };
  return { steps, note };
}
