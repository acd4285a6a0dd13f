import type { Duplex } from 'node:stream';
import { errorText } from '../../core/errorText';
import type { Connection } from '../../transport/connection';
import { isAborted, pause } from '../pause';
import { ApiChannel, AnswerTooLong, type ApiAnswer, type ApiRequest } from './apiChannel';

/** A connection has few channels, and a sick host little to spare. */
const mostChannels = 2;

/** One more is opened for what must not wait behind actions that hang: see `beside`. */
const mostWithOneBeside = mostChannels + 1;

/** How long after the person has cancelled the answer to what was sent is still waited for, in ms. */
const graceMs = 2000;

/** How much an action answers: nothing, warnings, or an error. */
const mostActionBytes = 1024 * 1024;

const lost = 'The connection to the API was lost.';

/** There was no answer: the connection ended, nobody opened the API, or it was cancelled. */
export class NotAnswered extends Error {
  constructor(
    /** False: nothing of it reached the host. */
    readonly sent: boolean,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'NotAnswered';
  }
}

interface Waiting {
  readonly request: ApiRequest;
  readonly action: boolean;
  /** It may have a channel of its own where the others are busy. */
  readonly beside: boolean;
  readonly mostBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: ApiAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** It was sent before, on a channel that had been given up by the other side. */
  sent: boolean;
}

/**
 * Requests to an API over at most two channels that are kept open, and a third for those that are to go beside others. What
 * changes something goes first, and what only reads never takes both channels: one that hangs must not stand before a rescue.
 * A second channel is opened beside a request that is under way; whichever is free first takes the next.
 */
export class ApiClient {
  private readonly idle: ApiChannel[] = [];
  private readonly open = new Set<ApiChannel>();
  private readonly waiting: Waiting[] = [];
  private opening = 0;
  private reading = false;
  /** Requests under way. */
  private busy = 0;
  /** The host opened one channel and no second one: it is not asked again while there is one. */
  private secondRefused = false;
  /** Why there can be no more requests. */
  private ended: string | undefined;

  /**
   * @param dial opens a stream to the API.
   * @param startsProgram a stream takes a program on the host, which a host in need may take a minute to load: a second one
   * is opened only where the first is busy with what only reads.
   */
  constructor(
    connection: Pick<Connection, 'closed'>,
    private readonly dial: () => Promise<Duplex>,
    private readonly startsProgram = false,
  ) {
    void connection.closed.then((error) => this.end(error?.message ?? 'The connection was closed.'));
  }

  get channels(): number {
    return this.open.size;
  }

  /**
   * Asks for something that changes nothing.
   * @throws {NotAnswered}
   * @throws {AnswerTooLong}
   */
  read(path: string, mostBytes: number, signal?: AbortSignal): Promise<ApiAnswer> {
    return this.add({ method: 'GET', path }, { action: false, beside: false }, mostBytes, signal);
  }

  /**
   * Asks for something that changes the host. Once `signal` is aborted nothing more is sent.
   * @param beside it goes before others, and over one more channel where both are busy: with what hangs it does not hang.
   * @throws {NotAnswered} says whether it was sent.
   */
  act(request: Omit<ApiRequest, 'method'>, signal?: AbortSignal, beside = false): Promise<ApiAnswer> {
    return this.add({ ...request, method: 'POST' }, { action: true, beside }, mostActionBytes, signal);
  }

  /** Opens channels until there are `count`, so that a request needs none. Resolves when they are open or failed. */
  async warm(count: number): Promise<void> {
    const missing = Math.min(count, mostChannels) - this.open.size - this.opening;
    await Promise.all(Array.from({ length: Math.max(0, missing) }, () => this.openOne()));
  }

  close(): void {
    this.end('The connection to the API was closed.');
  }

  private add(
    request: ApiRequest,
    kind: Pick<Waiting, 'action' | 'beside'>,
    mostBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.giveUp(one);
      const settled = (): void => signal?.removeEventListener('abort', cancel);
      const one: Waiting = {
        ...kind,
        request,
        mostBytes,
        signal,
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error instanceof Error ? error : new Error(errorText(error)));
        },
        sent: false,
      };
      signal?.addEventListener('abort', cancel);
      this.waiting.push(one);
      this.dispatch();
    });
  }

  /** Takes a request that was cancelled out of the queue. */
  private giveUp(one: Waiting): void {
    const at = this.waiting.indexOf(one);
    if (at === -1) return;
    this.waiting.splice(at, 1);
    one.reject(new NotAnswered(one.sent, 'It was cancelled.'));
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      if (this.ended !== undefined) {
        for (const { reject, sent } of this.waiting.splice(0)) reject(new NotAnswered(sent, this.ended));
        return;
      }
      const cancelled = this.waiting.find(({ signal }) => signal?.aborted === true);
      if (cancelled) {
        this.giveUp(cancelled);
        continue;
      }
      const at = this.nextIndex();
      if (at === -1) return;
      const channel = this.idleChannel();
      if (!channel) {
        if (this.mayOpen()) void this.openOne();
        return;
      }
      const [next] = this.waiting.splice(at, 1);
      if (next) void this.send(next, channel);
    }
  }

  private mayOpen(): boolean {
    const isBeside = this.waiting.some(({ beside }) => beside);
    if (this.opening > 0 || this.open.size >= (isBeside ? mostWithOneBeside : mostChannels)) return false;
    if (this.open.size === 0) return true;
    return !this.secondRefused && (!this.startsProgram || this.reading || isBeside);
  }

  private nextIndex(): number {
    const beside = this.waiting.findIndex((one) => one.beside);
    if (beside !== -1 || this.busy >= mostChannels) return beside;
    const action = this.waiting.findIndex((one) => one.action);
    return action !== -1 || this.reading ? action : 0;
  }

  private idleChannel(): ApiChannel | undefined {
    let channel = this.idle.pop();
    while (channel !== undefined && !channel.isOpen) channel = this.idle.pop();
    return channel;
  }

  private async openOne(): Promise<void> {
    this.opening++;
    try {
      const channel = new ApiChannel(await this.dial());
      if (this.ended !== undefined) {
        channel.close();
        return;
      }
      this.open.add(channel);
      channel.onClose(() => this.forget(channel));
      this.idle.push(channel);
    } catch (error) {
      // Beside one that is open a second one is only wanted, not needed.
      if (this.open.size > 0) {
        this.secondRefused = true;
        return;
      }
      for (const one of this.waiting.splice(0))
        one.reject(one.sent ? new NotAnswered(true, lost, { cause: error }) : error);
    } finally {
      this.opening--;
      this.dispatch();
    }
  }

  private forget(channel: ApiChannel): void {
    this.open.delete(channel);
    this.secondRefused = false;
    const at = this.idle.indexOf(channel);
    if (at !== -1) this.idle.splice(at, 1);
  }

  private async send(one: Waiting, channel: ApiChannel): Promise<void> {
    const { request, action, mostBytes } = one;
    // Both sides may give up a channel that nobody uses, and a request may cross with the end: then it is asked once more.
    const mayRepeat = channel.isUsed && !one.sent && request.once !== true;
    one.sent = true;
    this.busy++;
    if (!action) this.reading = true;
    const answered = new AbortController();
    void this.abandonAfterCancel(one, channel, answered.signal);
    try {
      one.resolve(await channel.ask(request, mostBytes));
    } catch (error) {
      const isOver = this.ended !== undefined || one.signal?.aborted === true;
      if (error instanceof AnswerTooLong) one.reject(error);
      else if (mayRepeat && !isOver) this.waiting.unshift(one);
      else one.reject(new NotAnswered(true, this.ended ?? lost, { cause: error }));
    } finally {
      answered.abort();
      this.busy--;
      if (!action) this.reading = false;
      if (channel.isOpen && this.open.has(channel)) this.idle.push(channel);
      else this.forget(channel);
      this.dispatch();
    }
  }

  /**
   * What reads is given up with its channel at once. What changes something is waited for a moment longer; its channel stays
   * until the answer has come, because some requests are undone on the host when the channel closes.
   */
  private async abandonAfterCancel(one: Waiting, channel: ApiChannel, answered: AbortSignal): Promise<void> {
    if (one.signal === undefined) return;
    await pause(undefined, one.signal, answered);
    if (!isAborted(answered) && one.action) await pause(graceMs, answered);
    if (isAborted(answered)) return;
    one.reject(new NotAnswered(true, 'It was cancelled before it was answered.'));
    if (!one.action) channel.close();
  }

  private end(why: string): void {
    if (this.ended !== undefined) return;
    this.ended = why;
    for (const channel of this.open) channel.close();
    this.dispatch();
  }
}
