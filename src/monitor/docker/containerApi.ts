import type { Container } from '../../core/containers/container';
import type { ContainerAction, ContainerResult } from '../../core/containers/containerAction';
import { answerOutcomeOf } from '../../core/containers/answerOutcome';
import type { ContainerApiPlace, ContainerRuntimeFacts } from '../../core/containers/containerRuntime';
import { errorText } from '../../core/errorText';
import { cleanText } from '../../transport/cleanText';
import { ConnectionError, type Connection } from '../../transport/connection';
import { actionRequestOf, isContainerId } from './actionRequest';
import {
  errorMessageOf,
  inspectedFactsOf,
  listedContainersOf,
  mostContainers,
  parsedJson,
  type InspectedFacts,
} from './apiAnswers';
import { NotAnswered, type ApiClient } from './apiClient';
import { AnswerTooLong, type ApiAnswer } from './apiChannel';
import { findApi, type ContainerAccess } from './findApi';

/** A container takes 1 to 3 kB in the list: thousands of them. As objects a hostile one takes some thirty times as much. */
const mostListBytes = 8 * 1024 * 1024;
const mostInspectBytes = 1024 * 1024;

/** How long what an inspection told is taken for true, in ms, unless the container was acted on or changed its state. */
const inspectedKeepsMs = 30_000;

/** More containers than these are not inspected in one go. */
const mostInspected = 300;

/** Two requests at a time. */
const workers = 2;

export type Inspect = 'yes' | 'known' | ReadonlySet<string>;

export interface ListOptions {
  /** Also those that do not run. Absent: no. */
  readonly all?: boolean;
  /**
   * `known`: asks for nothing but the list, and adds what is known of an earlier inspection however old: for a host that
   * hardly answers. Ids: the same, but these are inspected, whatever is known of them. Absent: `yes`, where it is not known or
   * older than 30 s.
   */
  readonly inspect?: Inspect;
  readonly signal?: AbortSignal;
}

export interface ContainerList {
  readonly containers: readonly Container[];
  /** There are more than were taken. */
  readonly cut: boolean;
  /** On our clock (`performance.now()`), like the next. */
  readonly askedAtMs: number;
  readonly readAtMs: number;
}

export interface ActOptions {
  /** Once aborted, nothing more is sent. */
  readonly signal?: AbortSignal;
  /** Called as the result of each one is there. */
  readonly onResult?: (result: ContainerResult) => void;
}

interface Inspected {
  readonly facts: InspectedFacts;
  readonly state: Container['state'];
  readonly atMs: number;
}

/**
 * The API of a host's Docker or Podman, kept open over a connection that is there already, and closed with it. Opened and
 * probed while the host is healthy, it needs neither a new program nor a new channel there when it has to act.
 */
export class ContainerApi {
  private readonly inspected = new Map<string, Inspected>();
  private lastList: ContainerList | undefined;

  private constructor(
    private readonly client: ApiClient,
    readonly place: ContainerApiPlace,
    readonly facts: ContainerRuntimeFacts,
  ) {}

  /**
   * @throws {ConnectionError} (phase `socket`) where no way leads to an API: its message says which right is missing, its
   * advice how to get it.
   * @throws {ConnectionError} where the connection ends meanwhile, or `signal` is aborted (`cancelled`).
   */
  static async open(
    connection: Connection,
    access: ContainerAccess,
    signal?: AbortSignal,
  ): Promise<ContainerApi> {
    const { client, place, facts } = await findApi(connection, access, signal);
    return new ContainerApi(client, place, facts);
  }

  /** What was listed last: what is known of a host that does not answer any more. */
  get latest(): ContainerList | undefined {
    return this.lastList;
  }

  /** How many channels to the API are open now; 0: the next request has to open one first. */
  get warmChannels(): number {
    return this.client.channels;
  }

  /**
   * Asks whether the API answers, and opens what it needs: two channels to a forwarded socket, which cost the host nothing,
   * else the one program that stands in for it. For a host that is healthy.
   * @returns how long the answer took, in ms.
   * @throws {ConnectionError}
   */
  async probe(signal?: AbortSignal): Promise<number> {
    const startedAtMs = performance.now();
    await this.read('/_ping', 1024, signal);
    await this.client.warm(this.place.way === 'socket' ? 2 : 1);
    return performance.now() - startedAtMs;
  }

  /**
   * The containers of the host, those that run where nothing else is said, at most {@link mostContainers}. One that goes
   * between the list and its inspection stays as it was listed.
   * @throws {ConnectionError} where the API does not answer, refuses, or answers with more than 8 MiB.
   */
  async list({ all = false, inspect = 'yes', signal }: ListOptions = {}): Promise<ContainerList> {
    const askedAtMs = performance.now();
    const { body } = await this.read(`/containers/json${all ? '?all=1' : ''}`, mostListBytes, signal);
    const answer = parsedJson(body);
    const listed = listedContainersOf(answer);
    if (!listed) throw apiError('its list of containers cannot be read');
    const readAtMs = performance.now();
    this.forgetOthers(listed, all);
    if (inspect !== 'known') await this.inspectEach(listed, inspect, signal);
    const containers = listed.map((container) => this.withInspected(container));
    const cut = Array.isArray(answer) && answer.length > mostContainers;
    this.lastList = { containers, cut, askedAtMs, readAtMs };
    return this.lastList;
  }

  /**
   * Carries out an action on each of `containers` in the order given, two at a time, or one where a program stands in for
   * the socket. One that fails does not stop the
   * others, and nothing is thrown: a result for each, in the order given.
   */
  async act(
    action: ContainerAction,
    containers: readonly Container[],
    { signal, onResult }: ActOptions = {},
  ): Promise<readonly ContainerResult[]> {
    const results: ContainerResult[] = [];
    const queue = [...containers.entries()];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, container] = next;
        const result = await this.actOn(action, container, signal);
        results[index] = result;
        onResult?.(result);
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
    return results;
  }

  close(): void {
    this.client.close();
  }

  private async actOn(
    action: ContainerAction,
    container: Container,
    signal: AbortSignal | undefined,
  ): Promise<ContainerResult> {
    const request = actionRequestOf(action, await this.asItIs(action, container, signal), this.facts);
    if ('outcome' in request) return { container, ...request, ms: 0 };
    const startedAtMs = performance.now();
    const elapsedMs = (): number => performance.now() - startedAtMs;
    let answer: ApiAnswer | undefined;
    try {
      // It is asked for while requests to kill hang.
      const beside = action.kind === 'disable-restart';
      answer = await this.client.act(request, signal, beside);
      const message = answer.status < 400 ? '' : errorMessageOf(answer.body);
      const outcome = answerOutcomeOf(action.kind, answer.status, message);
      const doubt = outcome === 'done' ? await this.doubtOf(action, container) : undefined;
      if (doubt !== undefined) return { container, outcome: 'failed', message: doubt, ms: elapsedMs() };
      return { container, outcome, ...(message !== '' && { message }), ms: elapsedMs() };
    } catch (error) {
      const message = cleanText(errorText(error), 300);
      if (answer || (error instanceof NotAnswered && error.sent))
        return { container, outcome: 'unknown', message, ms: elapsedMs() };
      return { container, outcome: 'not-sent', message, ms: 0 };
    } finally {
      this.inspected.delete(container.id);
    }
  }

  /** A new limit is told with that of swap, which has to be what it is now. */
  private async asItIs(
    { kind }: ContainerAction,
    container: Container,
    signal: AbortSignal | undefined,
  ): Promise<Container> {
    if (kind !== 'set-memory-limit' || !isContainerId(container.id)) return container;
    const answer = await this.inspection(container.id, signal).catch(() => undefined);
    return { ...container, limits: undefined, ...(answer !== undefined && inspectedFactsOf(answer)) };
  }

  /** A Podman that does not know a parameter passes it over and says that all is well: why it is not. */
  private async doubtOf({ kind }: ContainerAction, { id }: Container): Promise<string | undefined> {
    if (kind !== 'disable-restart' || this.facts.runtime !== 'podman') return undefined;
    const { restartPolicy } = inspectedFactsOf(await this.inspection(id, undefined));
    return restartPolicy === undefined || restartPolicy.name === 'no'
      ? undefined
      : `Its restart policy is still ${restartPolicy.name}.`;
  }

  private async inspectEach(
    listed: readonly Container[],
    inspect: Exclude<Inspect, 'known'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const nowMs = performance.now();
    const wanted = listed.filter(({ id, state }) => {
      if (inspect !== 'yes') return inspect.has(id);
      const known = this.inspected.get(id);
      return known?.state !== state || nowMs - known.atMs > inspectedKeepsMs;
    });
    for (const { id, state } of wanted.slice(0, mostInspected)) {
      const answer = await this.inspection(id, signal);
      if (answer !== undefined)
        this.inspected.set(id, { facts: inspectedFactsOf(answer), state, atMs: nowMs });
    }
  }

  /** Undefined: it has gone meanwhile, or what is said of it is of no use. */
  private async inspection(id: string, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      const { status, body } = await this.client.read(`/containers/${id}/json`, mostInspectBytes, signal);
      return status === 200 ? parsedJson(body) : undefined;
    } catch (error) {
      if (error instanceof AnswerTooLong) return undefined;
      throw readError(error, signal);
    }
  }

  private withInspected(container: Container): Container {
    const known = this.inspected.get(container.id);
    return known ? { ...container, ...known.facts, inspectedAtMs: known.atMs } : container;
  }

  /** What is known of containers that are no more would grow without end. */
  private forgetOthers(listed: readonly Container[], all: boolean): void {
    const ids = new Set(listed.map(({ id }) => id));
    for (const id of this.inspected.keys())
      if (!ids.has(id) && (all || this.inspected.size > 2 * mostContainers)) this.inspected.delete(id);
  }

  private async read(path: string, mostBytes: number, signal: AbortSignal | undefined): Promise<ApiAnswer> {
    const answer = await this.client.read(path, mostBytes, signal).catch((error: unknown) => {
      throw readError(error, signal);
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw apiError(errorMessageOf(answer.body) || `it answered with ${answer.status}`);
  }
}

function readError(error: unknown, signal: AbortSignal | undefined): ConnectionError {
  if (error instanceof ConnectionError) return error;
  if (signal?.aborted === true) return new ConnectionError('socket', 'cancelled', 'It was cancelled.');
  return apiError(cleanText(errorText(error), 200).replace(/\.$/, ''), error);
}

function apiError(why: string, cause?: unknown): ConnectionError {
  return new ConnectionError('socket', 'retry', `The Docker API on the host did not answer: ${why}.`, '', {
    cause,
  });
}
