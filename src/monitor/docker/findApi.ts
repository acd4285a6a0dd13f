import type { Duplex } from 'node:stream';
import { errorText } from '../../core/errorText';
import type { ContainerApiPlace, ContainerRuntimeFacts } from '../../core/containers/containerRuntime';
import type { PermissionAnswers } from '../../core/permissions/answers';
import { cleanText } from '../../transport/cleanText';
import { ConnectionError, type CommandChannel, type Connection } from '../../transport/connection';
import { isAborted, pause } from '../pause';
import { probePermissions } from '../permissionProbe';
import { parsedJson, runtimeFactsOf } from './apiAnswers';
import { ApiClient } from './apiClient';
import { dialCommand, noApiWords, placesAfter } from './apiPlaces';

export interface ContainerAccess {
  /** Path of the API's socket on the host, as the setting names it. */
  readonly socketPath: string;
  /** Whether `sudo -n` may be used: only what the user allowed for this host. */
  readonly sudo: boolean;
  /** What the host's user may do, where it was asked before; else the host is asked where the first way is closed. */
  readonly rights?: PermissionAnswers;
}

export interface FoundApi {
  readonly client: ApiClient;
  readonly place: ContainerApiPlace;
  readonly facts: ContainerRuntimeFacts;
}

const mostFactBytes = 1024 * 1024;

/** How long the program that stood in for the socket may take to end after its channel, in ms. */
const lastWordsMs = 2000;

/**
 * Finds the API of a host's Docker or Podman: the socket of the setting, forwarded; then the same by the runtime's own program
 * (`system dial-stdio`), with `sudo -n` where that is allowed; then other usual places.
 * A daemon that takes the connection and says nothing is waited for until `signal` is aborted.
 * @throws {ConnectionError} (phase `socket`) where no way leads there: says which right is missing and how to get it.
 * @throws {ConnectionError} where the connection ends meanwhile or `signal` is aborted.
 */
export async function findApi(
  connection: Connection,
  { socketPath, sudo, rights }: ContainerAccess,
  signal?: AbortSignal,
): Promise<FoundApi> {
  const first = await tryPlace(connection, { socketPath, way: 'socket' }, signal);
  if (typeof first !== 'string') return first;
  const answers = rights ?? (await probePermissions(connection, { sudo, dockerSocket: socketPath }));
  const said: string[] = [];
  for (const place of placesAfter(socketPath, answers, sudo)) {
    const found = await tryPlace(connection, place, signal);
    if (typeof found !== 'string') return found;
    if (found !== '') said.push(found);
  }
  const { why, advice } = noApiWords(socketPath, answers, sudo, said);
  throw new ConnectionError(
    'socket',
    'user',
    `The Docker API on the host cannot be reached: ${why}.`,
    advice,
  );
}

/** @returns what was said, cleaned, where the API is not to be had there. */
async function tryPlace(
  connection: Connection,
  place: ContainerApiPlace,
  signal: AbortSignal | undefined,
): Promise<FoundApi | string> {
  if (signal?.aborted === true) throw cancelled();
  let program: CommandChannel | undefined;
  const dial = async (): Promise<Duplex> => {
    if (place.way === 'socket') return connection.openUnixSocket(place.socketPath);
    program = await connection.exec(dialCommand(place));
    return program.stream;
  };
  const client = new ApiClient(connection, dial, place.way !== 'socket');
  try {
    const version = await client.read('/version', mostFactBytes, signal);
    const info = await client.read('/info', mostFactBytes, signal).catch(() => undefined);
    const facts = runtimeFactsOf(parsedJson(version.body), parsedJson(info?.body ?? ''));
    if (facts) return { client, place, facts };
    client.close();
    return `${place.socketPath} does not answer as Docker or Podman do`;
  } catch (error) {
    client.close();
    if (signal && isAborted(signal)) throw cancelled();
    if (error instanceof ConnectionError && error.phase !== 'socket') throw error;
    const ended = await Promise.race([connection.closed.then((reason) => ({ reason })), Promise.resolve()]);
    if (ended) throw ended.reason ?? new ConnectionError('connection', 'retry', 'The connection was closed.');
    if (program) return lastWords(program);
    return error instanceof ConnectionError ? '' : cleanText(errorText(error), 200);
  }
}

/** A program that could not reach the API has said so before it ended; all that HTTP sees is that it was closed. */
async function lastWords(program: CommandChannel): Promise<string> {
  const over = new AbortController();
  await Promise.race([program.exit, pause(lastWordsMs, over.signal)]);
  over.abort();
  return cleanText(program.stderr(), 200).replace(/\.$/, '');
}

function cancelled(): ConnectionError {
  return new ConnectionError('socket', 'cancelled', 'It was cancelled.');
}
