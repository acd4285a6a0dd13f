import { setTimeout as sleep } from 'node:timers/promises';

/** The private sshd that is measured over. */
export interface Server {
  readonly alias: string;
  readonly configFile: string;
  /** For files of this run; whoever started the server removes it. */
  readonly folder: string;
  /** Its processes that serve connections now. */
  sessionPids(): readonly number[];
}

/** Resolves when no connection is served any more. */
export async function connectionsEnded(server: Server): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (server.sessionPids().length > 0) {
    if (performance.now() > deadline) throw new Error('a connection did not end');
    await sleep(5);
  }
}
