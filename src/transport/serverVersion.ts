import type { Duplex } from 'node:stream';
import { cleanText } from './cleanText';

/** The lines before the server's version, and the version (RFC 4253 section 4.2: at most 255 bytes), are shorter. */
const longestGreeting = 16 * 1024;

/**
 * Tells the version that a server sends first, e.g. `SSH-2.0-OpenSSH_9.2p1`. Listens only from the moment on in which
 * somebody else (ssh2) does: listening starts the flow, and what comes before that would be lost.
 */
export function whenServerSpeaks(stream: Duplex, tell: (version: string) => void): void {
  let heard = '';
  const read = (bytes: Buffer): void => {
    heard += bytes.toString('latin1', 0, longestGreeting);
    const version = /^SSH-[^\r\n]*(?=\r?\n)/m.exec(heard)?.[0];
    if (version === undefined && heard.length < longestGreeting) return;
    stream.off('data', read);
    heard = '';
    if (version !== undefined) tell(cleanText(version, 255));
  };
  const added = (event: unknown): void => {
    if (event !== 'data') return;
    stream.off('newListener', added);
    stream.on('data', read);
  };
  stream.on('newListener', added);
}
