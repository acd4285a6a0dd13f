import type { CommandChannel } from '../transport/connection';

/**
 * What a command says on its standard output until it ends, has said too much or takes too long; then its channel is closed.
 * Never rejects.
 */
export async function commandOutput(
  channel: CommandChannel,
  { timeOutMs, maxBytes }: { readonly timeOutMs: number; readonly maxBytes: number },
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeOutMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    channel.stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) done();
    });
    channel.stream.on('error', () => undefined); // followed by `close`
    channel.stream.once('end', done);
    channel.stream.once('close', done);
  });
  channel.close();
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes);
}
