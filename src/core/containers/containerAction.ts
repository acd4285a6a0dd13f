import type { Container } from './container';

/** What a runtime can be asked to do with a container, as data. */
export type ContainerAction =
  /** SIGKILL. A restart policy does not bring it back; an orchestrator may. */
  | { readonly kind: 'kill' }
  /** Its stop signal (SIGTERM unless the image says another), and SIGKILL after so long; default 10 s. */
  | { readonly kind: 'stop'; readonly timeOutSeconds?: number }
  | { readonly kind: 'restart'; readonly timeOutSeconds?: number }
  /** The freezer: memory stays, nothing is lost. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'unpause' }
  | {
      readonly kind: 'set-memory-limit';
      readonly memoryBytes: number;
      /** Of swap, on top of the memory. Absent: as much as the limit of the container allows now. */
      readonly swapBytes?: number;
    }
  /** The restart policy becomes `no`: nothing of the runtime's starts it again when it ends. */
  | { readonly kind: 'disable-restart' };

/**
 * What became of one container:
 * `done` – the runtime says so; `gone` – there was nothing left to do: it has ended or does not exist any more;
 * `failed` – the runtime refused, see the message; `unknown` – it was sent and never answered, as where the connection was
 * cut; `not-sent` – nothing was sent for it: the connection had ended, or it was cancelled.
 */
export type ContainerOutcome = 'done' | 'gone' | 'failed' | 'unknown' | 'not-sent';

export interface ContainerResult {
  readonly container: Container;
  readonly outcome: ContainerOutcome;
  /** Why, in the words of the runtime (cleaned and cut) or of the connection. */
  readonly message?: string;
  /** From the sending to the answer, or to the end of the waiting; 0 with `not-sent`. */
  readonly ms: number;
}
