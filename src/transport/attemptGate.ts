import { ConnectionError } from './connection';

/** The attempts on one key: how many are under way, and who waits. */
interface Lane {
  inside: number;
  readonly waiting: Set<() => void>;
}

/**
 * Lets a few at a time in for each key, the others wait in the order in which they came. A server drops new connections
 * while too many have not logged in yet (MaxStartups, sshd_config(5)): hosts that share a bastion must not come at once.
 */
export class AttemptGate {
  private readonly lanes = new Map<string, Lane>();

  constructor(private readonly limit: number) {}

  /** Whether somebody who comes now would have to wait. */
  isFull(key: string): boolean {
    return (this.lanes.get(key)?.inside ?? 0) >= this.limit;
  }

  /**
   * Resolves when there is room, with the function that leaves again; to call that more than once does nothing more.
   * @throws {ConnectionError} remedy cancelled, where `signal` came first
   */
  enter(key: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(cancelled());
    const lane = this.laneOf(key);
    if (lane.inside < this.limit) {
      lane.inside++;
      return Promise.resolve(this.leaving(key, lane));
    }
    return new Promise((resolve, reject) => {
      const letIn = (): void => {
        signal.removeEventListener('abort', aborted);
        resolve(this.leaving(key, lane));
      };
      const aborted = (): void => {
        lane.waiting.delete(letIn);
        reject(cancelled());
      };
      lane.waiting.add(letIn);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  private laneOf(key: string): Lane {
    const lane = this.lanes.get(key) ?? { inside: 0, waiting: new Set() };
    this.lanes.set(key, lane);
    return lane;
  }

  private leaving(key: string, lane: Lane): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const [next] = lane.waiting;
      if (next) {
        lane.waiting.delete(next);
        next(); // takes over the place
      } else if (--lane.inside === 0) {
        this.lanes.delete(key);
      }
    };
  }
}

function cancelled(): ConnectionError {
  return new ConnectionError('tcp', 'cancelled', 'The connection was cancelled.');
}
