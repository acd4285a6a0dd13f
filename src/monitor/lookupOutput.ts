import { StringDecoder } from 'node:string_decoder';
import { LogLines } from '../core/oom/logLines';
import type { CommandChannel } from '../transport/connection';

/** How a command of a lookup ended. */
export interface LookupOutput {
  readonly bytes: number;
  /** `cut`: it said more than is taken; `ended`: it was ended, or took too long; `refused`: it has said nothing of its own. */
  readonly ended: 'whole' | 'cut' | 'ended' | 'refused';
}

export interface LookupReading {
  readonly mark: string;
  readonly mostBytes: number;
  readonly timeOutMs: number;
  /** Ends the command. */
  readonly signal: AbortSignal;
  /** Each line that the command says of its own. */
  readonly onLine: (line: string) => void;
}

/** Reads what `lookupCommand` says. Closes the channel in the end, which ends the command on the host. Never rejects. */
export async function readLookup(channel: CommandChannel, reading: LookupReading): Promise<LookupOutput> {
  const { mark, mostBytes, timeOutMs, signal, onLine } = reading;
  const decoder = new StringDecoder('utf8');
  const taken = { bytes: 0, isCut: false };
  let state = 'before' as 'before' | 'within' | 'over';
  const lines = new LogLines((line) => {
    if (line === `${mark} end`) state = 'over';
    else if (state === 'within') onLine(line);
    else if (line === `${mark} begin`) state = 'within';
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeOutMs);
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
    channel.stream.on('data', (chunk: Buffer) => {
      if (taken.isCut || signal.aborted) return;
      taken.bytes += chunk.length;
      taken.isCut = taken.bytes > mostBytes;
      if (!taken.isCut) lines.push(decoder.write(chunk));
      if (taken.isCut || state === 'over') done();
    });
    channel.stream.on('error', () => undefined); // followed by `close`
    channel.stream.once('end', done).once('close', done);
  });
  channel.close();
  const ended = { before: 'refused', within: taken.isCut ? 'cut' : 'ended', over: 'whole' } as const;
  return { bytes: taken.bytes, ended: ended[state] };
}
