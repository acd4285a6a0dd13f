import { mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fastSources } from '../src/core/sample';
import type { SurveyCapture } from '../src/core/survey/capture';
import type { SurveyQuestion } from '../src/core/survey/question';
import { Survey } from '../src/core/survey/survey';
import { KernelLog } from '../src/monitor/kernelLog';
import { unlimited } from '../src/monitor/programAwk';
import { ownClockFor } from '../src/monitor/ownClock';
import { Session } from '../src/monitor/session';
import type { Connection, Transport } from '../src/transport/connection';
import { neverAsked } from '../test/host/prompts';

/** A way to learn of a host's memory again and again. */
export interface Way {
  readonly name: string;
  open(): Promise<Opened>;
}

export interface Opened {
  /** One answer. @returns its size in bytes, before encryption. */
  ask(): Promise<number>;
  /** Of copies in the host's memory that it runs from. */
  readonly heldBytes?: number;
  /** Gets each slice of a survey. */
  onSurvey?: (capture: SurveyCapture) => void;
  close(): void;
}

const never = new AbortController().signal;
const files = Object.values(fastSources).map(({ path }) => `/${path}`);

/** This machine as if it had nothing but these programs, as links in a folder that is its whole PATH. */
export class MadeUpHost {
  private readonly folder: string;

  /** @param within the folder in which its own is made. */
  constructor(within: string, programs: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(within, 'host-'));
    for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(this.folder, name));
  }

  /** The same transport, to this host. */
  reachedBy(transport: Transport): Transport {
    return preparedBy(`PATH=${this.folder}; export PATH`, transport);
  }
}

/** The same transport, where something is done in the login shell before each command. */
export function preparedBy(preparation: string, transport: Transport): Transport {
  return {
    connect: async (prompts, signal) => {
      const connection = await transport.connect(prompts, signal);
      return {
        exec: (command) => connection.exec(`${preparation}; ${command}`),
        openUnixSocket: (path) => connection.openUnixSocket(path),
        close: () => connection.close(),
        closed: connection.closed,
      };
    },
  };
}

/** What the remote program does, and where it runs. */
export interface ProgramOptions {
  /** From copies in the host's memory, see `heldShell`, as the extension does where it can, or as installed. */
  readonly from?: 'memory' | 'disk';
  /** A slice of a survey goes with each answer: processes, cgroups and what changes slowly. */
  readonly survey?: boolean;
}

/** What the extension does: the resident remote program. */
export function remoteProgram(
  name: string,
  transport: Transport,
  { from = 'disk', survey = false }: ProgramOptions = {},
): Way {
  return {
    name,
    open: async () => {
      const session = await Session.open(transport, neverAsked, never, { budget: unlimited, survey });
      const obstacle = from === 'memory' ? await session.holdInMemory() : undefined;
      if (obstacle !== undefined) throw new Error(obstacle);
      const slices = survey ? slicesOf(session, (capture) => opened.onSurvey?.(capture)) : undefined;
      const opened: Opened = {
        ask: async () => (await session.collect(ownClockFor(1000), slices)).bytes,
        get heldBytes() {
          return session.hello.heldBytes;
        },
        close: () => session.close(),
      };
      return opened;
    },
  };
}

/** The slices that the extension would ask for, made up by what came before. */
function slicesOf(
  session: Session,
  tell: (capture: SurveyCapture) => void,
): (pace: number) => SurveyQuestion | undefined {
  const { bootId = '', pageSizeBytes } = session.facts;
  const survey = new Survey(bootId, pageSizeBytes);
  let uptimeMs = 0;
  session.onCapture = (capture) => (uptimeMs = capture.hostUptimeMs);
  session.onSurvey = (capture) => {
    survey.add(capture);
    tell(capture);
  };
  return (pace) => survey.next(uptimeMs, pace);
}

/** A shell that stays and starts one `cat` of the same files for each answer. */
export function catLoop(name: string, transport: Transport): Way {
  const end = '@end';
  return {
    name,
    open: async () => {
      const connection = await transport.connect(neverAsked, never);
      const loop = `while read -r line; do cat ${files.join(' ')}; echo ${end}; done`;
      const { stream } = await connection.exec(`exec sh -c '${loop}'`);
      return {
        ask: () =>
          new Promise((resolve) => {
            let text = '';
            const read = (bytes: Buffer): void => {
              text += bytes.toString('latin1');
              if (!text.endsWith(`${end}\n`)) return;
              stream.off('data', read);
              resolve(text.length - end.length - 1);
            };
            stream.on('data', read);
            stream.write('\n');
          }),
        close: () => connection.close(),
      };
    },
  };
}

/** One command for each answer, on a connection that stays. */
export function catEachTime(name: string, transport: Transport): Way {
  return {
    name,
    open: async () => {
      const connection = await transport.connect(neverAsked, never);
      return {
        ask: async () => {
          const channel = await connection.exec(`cat ${files.join(' ')}`);
          let bytes = 0;
          channel.stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
          await channel.exit;
          return bytes;
        },
        close: () => connection.close(),
      };
    },
  };
}

/** Starts the reader of the kernel log, which runs beside the remote program; undefined where nobody may read it. */
export async function openKernelLog(transport: Transport): Promise<Connection | undefined> {
  const connection = await transport.connect(neverAsked, never);
  const reading = await new Promise<boolean>((resolve, reject) => {
    KernelLog.open(connection, {
      sudo: false,
      onLine: () => undefined,
      onState: ({ kind }) => resolve(kind === 'reading'),
    }).catch(reject);
  });
  if (reading) return connection;
  connection.close();
  return undefined;
}
