import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { errorText } from '../../src/core/errorText';
import { eventJson } from '../../src/core/oom/eventJson';
import { LogLines } from '../../src/core/oom/logLines';
import { OomReader } from '../../src/core/oom/reader';
import { LatestEvents } from './latestEvents';
import { encodingOf, notTextBecause } from './logBytes';

/**
 * Prints the OOM kills that a log tells as one JSON object, `{ events: […], problems: […] }`, while it is read: neither the log
 * nor all events are held. A log that cannot be read whole is a problem, told on standard error as well.
 * @param file `-`: standard input. @returns the exit code: 0 where all of the log was read.
 */
export async function oom(file: string): Promise<number> {
  const output = new Output();
  const problems: string[] = [];
  output.write('{"events":[');
  try {
    problems.push(...(await read(file, output)));
  } catch (error) {
    problems.push(`${file === '-' ? 'standard input' : file}: ${errorText(error)}`);
  }
  output.write(`],"problems":${JSON.stringify(problems)}}\n`);
  await output.written();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

/** @returns what is wrong with the log, in words. @throws {Error} where it cannot be read. */
async function read(file: string, output: Output): Promise<string[]> {
  const events = new LatestEvents((event, index) =>
    output.write(`${index === 0 ? '' : ','}\n${JSON.stringify(eventJson(event))}`),
  );
  const reader = new OomReader((event) => events.note(event));
  const lines = new LogLines((line) => reader.push(line));
  let decoder: StringDecoder | undefined;
  for await (const chunk of await bytesOf(file)) {
    if (decoder === undefined) {
      const reason = notTextBecause(chunk);
      if (reason !== undefined) throw new Error(reason);
      decoder = new StringDecoder(encodingOf(chunk));
    }
    lines.push(decoder.write(chunk));
    await output.written();
  }
  if (decoder === undefined) throw new Error('is empty');
  lines.push(decoder.end());
  lines.end();
  reader.end();
  events.end();
  const { cutLines } = lines;
  return cutLines === 0 ? [] : [`${cutLines} lines are longer than 64 KiB; the rest of them was not read`];
}

async function bytesOf(file: string): Promise<AsyncIterable<Buffer>> {
  if (file !== '-' && (await stat(file)).isDirectory()) throw new Error('is a directory');
  const chunks: Readable =
    file === '-' ? process.stdin : createReadStream(file, { highWaterMark: chunkBytes });
  return chunks as AsyncIterable<Buffer>;
}

/** Fewer, larger pieces are faster, but live longer. */
const chunkBytes = 256 * 1024;

/** Standard output: what is written waits here until {@link written}, so that a slow reader of it slows us down. */
class Output {
  private waiting: string[] = [];
  private broken = false;

  constructor() {
    // Whoever reads it has had enough.
    process.stdout.on('error', () => (this.broken = true));
  }

  write(text: string): void {
    this.waiting.push(text);
  }

  async written(): Promise<void> {
    if (this.waiting.length === 0 || this.broken) return;
    const text = this.waiting.join('');
    this.waiting = [];
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  }
}
