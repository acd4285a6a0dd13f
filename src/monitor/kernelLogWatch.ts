import { errorText } from '../core/errorText';
import type { OomEvent } from '../core/oom/event';
import { EnvelopeReader } from '../core/oom/envelopeReader';
import type { LogRecord } from '../core/oom/logRecord';
import { OomReader } from '../core/oom/reader';
import type { LogView } from '../core/oomEvents/witnessCounts';
import type { Connection } from '../transport/connection';
import { Emitter } from './emitter';
import { KernelLog, type KernelLogState } from './kernelLog';
import { pause } from './pause';

/** A reader that ended (a burst overran it) is opened again after this long. */
const againAfterMs = 30_000;

/** So many of the last lines are kept. */
const mostLines = 20;

/** What stood in the log when it was opened has been read when no line has come for so long; ms. */
const backlogQuietMs = 1000;

/** A kill that the log tells, and whether it happened after it was opened, or since it was read last. */
export interface LoggedKill {
  readonly event: OomEvent;
  readonly bootId: string;
  readonly isFresh: boolean;
}

export interface KernelLogListener {
  kill(kill: LoggedKill): void;
  /** A line that came as it was written, with its kernel time. */
  freshLine(bootId: string, kernelTimeMs: number): void;
}

/** How far the log of a boot was read. */
interface Read {
  readonly bootId: string;
  /** Kernel time of its oldest and of its newest line; undefined: there was none with a time. */
  firstMs: number | undefined;
  lastMs: number | undefined;
}

/** The kernel log of one host, over all of its connections. */
export class KernelLogWatch {
  private readonly states: Emitter<KernelLogState>;
  private state: KernelLogState | undefined;
  private latestLines: LogRecord[] = [];
  private following: { readonly connection: Connection; readonly bootId: string } | undefined;
  private again: AbortController | undefined;
  private known: Read | undefined;
  private isRateLimited = false;

  constructor(
    private readonly listener: KernelLogListener,
    private readonly sudo: () => boolean,
    private readonly log: (line: string) => void,
    onListenerError: (error: unknown) => void,
  ) {
    this.states = new Emitter(onListenerError);
    this.onState = this.states.event;
  }

  readonly onState: Emitter<KernelLogState>['event'];

  /** Undefined until a kernel log was tried. */
  get current(): KernelLogState | undefined {
    return this.state;
  }

  /** The last lines, oldest first. */
  get lastLines(): readonly LogRecord[] {
    return this.latestLines;
  }

  /** What the log can explain. */
  get view(): LogView {
    const firstLineMs = this.known?.firstMs;
    return {
      state: this.state?.kind ?? 'not-read',
      ...(firstLineMs !== undefined && { firstLineMs }),
      rateLimited: this.isRateLimited,
    };
  }

  /** Follows the log on this connection until `over`. Never rejects. */
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
    this.latestLines = [];
    const { bootId } = following;
    const progress = new Progress(this.readOf(bootId));
    const reader = new OomReader((event) =>
      this.listener.kill({ event, bootId, isFresh: progress.isFresh(event.kernelTimeMs) }),
    );
    const envelopes = new EnvelopeReader((record) => {
      this.noteLine(record, progress);
      reader.take(record);
    });
    try {
      return await new Promise<KernelLogState>((resolve, reject) => {
        KernelLog.open(following.connection, {
          sudo: this.sudo(),
          onLine: (line) => envelopes.push(line),
          onState: (state) => {
            progress.quiet();
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
      this.log(`kernel log: ${errorText(error)}`);
      return undefined;
    }
  }

  private readOf(bootId: string): Read {
    if (this.known?.bootId !== bootId) {
      this.known = { bootId, firstMs: undefined, lastMs: undefined };
      this.isRateLimited = false;
    }
    return this.known;
  }

  /** The end of an old connection's reader, which may come late, says nothing about that of the next connection. */
  private setState(following: { readonly connection: Connection }, state: KernelLogState): void {
    if (this.following?.connection !== following.connection) return;
    this.state = state;
    this.states.fire(state);
  }

  private noteLine(line: LogRecord, progress: Progress): void {
    this.latestLines.push(line);
    if (this.latestLines.length > mostLines) this.latestLines.shift();
    this.isRateLimited ||= isOfLoss(line);
    progress.note(line.kernelTimeMs);
    if (progress.isBacklogOver && line.kernelTimeMs !== undefined)
      this.listener.freshLine(progress.bootId, line.kernelTimeMs);
  }
}

/** `oom_kill_process: 11 callbacks suppressed` (lib/ratelimit.c), and what /dev/kmsg's readers say of a ring that overran them. */
function isOfLoss({ text }: LogRecord): boolean {
  return (
    text.length < 200 &&
    /^(?:oom_kill_process|dump_header|oom_kill): \d{1,10} callbacks suppressed$/.test(text)
  );
}

/** How far one reading of the log has come: first what stood there, then what is written as it goes on. */
class Progress {
  private lastAtMs = performance.now();
  private isOver = false;
  /** Where the reading before this one ended. */
  private readonly knownUntilMs: number | undefined;

  constructor(private readonly read: Read) {
    this.knownUntilMs = read.lastMs;
  }

  get bootId(): string {
    return this.read.bootId;
  }

  get isBacklogOver(): boolean {
    return this.isOver;
  }

  /** Nothing of it came before now. */
  quiet(): void {
    this.lastAtMs = performance.now();
  }

  note(kernelTimeMs: number | undefined): void {
    const nowMs = performance.now();
    this.isOver ||= nowMs - this.lastAtMs >= backlogQuietMs;
    this.lastAtMs = nowMs;
    if (kernelTimeMs === undefined) return;
    const { read } = this;
    read.firstMs = Math.min(read.firstMs ?? Infinity, kernelTimeMs);
    read.lastMs = Math.max(read.lastMs ?? -Infinity, kernelTimeMs);
  }

  /** Whether a kill of that time has happened since the log was opened, or was read last. */
  isFresh(kernelTimeMs: number | undefined): boolean {
    if (this.isOver) return true;
    return this.knownUntilMs !== undefined && kernelTimeMs !== undefined && kernelTimeMs > this.knownUntilMs;
  }
}
