import type { OomEvent } from '../core/oom/event';
import { OomReader } from '../core/oom/reader';
import type { Connection } from '../transport/connection';
import { Emitter } from './emitter';
import { KernelLog, type KernelLogState } from './kernelLog';
import { pause } from './pause';

/** An OOM event and the boot it belongs to: kernel times begin anew at each boot. */
export interface SeenOomEvent extends OomEvent {
  readonly bootId: string;
}

/** A reader that ended (a burst overran it) is opened again after this long. */
const againAfterMs = 30_000;

/** A host that is killed over and over is not a reason to grow without end; the oldest events go first. */
const maxEvents = 1000;

/** The kills that the kernel log of one host tells, over all of its connections. */
export class OomWatch {
  /** By boot id and the event's id, in the order in which they were first told. */
  readonly events = new Map<string, SeenOomEvent>();
  private readonly told: Emitter<SeenOomEvent>;
  private readonly states: Emitter<KernelLogState>;
  private state: KernelLogState | undefined;
  private following: { readonly connection: Connection; readonly bootId: string } | undefined;
  private again: AbortController | undefined;

  constructor(
    private readonly sudo: () => boolean,
    private readonly log: (line: string) => void,
    onListenerError: (error: unknown) => void,
  ) {
    this.told = new Emitter(onListenerError);
    this.states = new Emitter(onListenerError);
    this.onEvent = this.told.event;
    this.onLogState = this.states.event;
  }

  /** A new event, or a known one (same boot and id) that has become more complete. */
  readonly onEvent: Emitter<SeenOomEvent>['event'];
  readonly onLogState: Emitter<KernelLogState>['event'];

  /** Undefined until a kernel log was tried. */
  get logState(): KernelLogState | undefined {
    return this.state;
  }

  /** Follows the kernel log on this connection until `over`. Never rejects. */
  async follow(connection: Connection, bootId: string, over: AbortSignal): Promise<void> {
    const following = { connection, bootId };
    this.following = following;
    while (!over.aborted) {
      const again = (this.again = new AbortController());
      const wake = (): void => again.abort();
      over.addEventListener('abort', wake, { once: true });
      const state = await this.read(following, again.signal);
      // Rights do not come by themselves: only `readAgain` tries once more.
      await pause(state?.kind === 'denied' ? undefined : againAfterMs, again.signal);
      over.removeEventListener('abort', wake);
    }
  }

  /** Reads the log anew on the connection there is, e.g. because sudo is allowed now. The connection stays. */
  readAgain(): void {
    this.again?.abort();
  }

  /**
   * Reads the log until its reader ends. The ring buffer comes again each time; events know their id. A report that is
   * cut off is not told: the next reader gets it whole.
   * @returns how it ended; undefined where it could not be opened.
   */
  private async read(
    following: { readonly connection: Connection; readonly bootId: string },
    stop: AbortSignal,
  ): Promise<KernelLogState | undefined> {
    const reader = new OomReader((event) => this.note({ ...event, bootId: following.bootId }));
    try {
      return await new Promise<KernelLogState>((resolve, reject) => {
        KernelLog.open(following.connection, {
          sudo: this.sudo(),
          onLine: (line) => reader.push(line),
          onState: (state) => {
            this.setState(following, state);
            if (state.kind !== 'reading') resolve(state);
          },
        }).then((log) => {
          const close = (): void => log.close();
          if (stop.aborted) close();
          else stop.addEventListener('abort', close, { once: true });
        }, reject);
      });
    } catch (error) {
      this.log(`kernel log: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** The end of an old connection's reader, which may come late, says nothing about that of the next connection. */
  private setState(following: { readonly connection: Connection }, state: KernelLogState): void {
    if (this.following?.connection !== following.connection) return;
    this.state = state;
    this.states.fire(state);
  }

  private note(event: SeenOomEvent): void {
    const key = `${event.bootId} ${event.id}`;
    const known = this.events.get(key);
    if (known && !saysMore(event, known)) return;
    this.events.set(key, event);
    for (const oldest of this.events.keys()) {
      if (this.events.size <= maxEvents) break;
      this.events.delete(oldest);
    }
    this.told.fire(event);
  }
}

/** Whether `event` adds to what is known under its id. A log that is read again begins with less than is known. */
function saysMore(event: OomEvent, known: OomEvent): boolean {
  if (event.victims.length !== known.victims.length) return event.victims.length > known.victims.length;
  if (event.missing.length !== known.missing.length) return event.missing.length < known.missing.length;
  return event.outcome === 'deadlock' && known.outcome === 'no-killable-process';
}
