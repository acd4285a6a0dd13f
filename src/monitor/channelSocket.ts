import type { Duplex } from 'node:stream';

/**
 * Gives a channel the few methods of a network socket that Node's HTTP client calls on its connections. None of them
 * means anything on a channel: the connection below has its own keep-alive and no Nagle.
 */
export function channelSocket(channel: Duplex): Duplex {
  const self = (): Duplex => channel;
  return Object.assign(channel, {
    setKeepAlive: self,
    setNoDelay: self,
    setTimeout: self,
    ref: self,
    unref: self,
    destroySoon: () => channel.destroy(),
  });
}
