// Behaviours once somebody is logged in, or has a command run.
import { sshKeyPair } from '../../lab/sshKeyPair.mjs';
import { answerFor } from './commands.mjs';
import {
  askedChannels,
  channelData,
  channelOpen,
  floodPackets,
  globalRequest,
  large,
  markup,
  message,
  no,
  packet,
  send,
  stayOpen,
  string,
  tell,
  uint32,
  yes,
} from './packets.mjs';

/** @type {Record<string, import('./behaviour.mjs').Behaviour>} */
export const afterLogin = {
  'channel-open requests that are not read': {
    ready: (connection) =>
      floodPackets(connection, () => channelOpen('forwarded-tcpip', 1), { reads: false }),
  },
  '100,000 channel-open requests': {
    ready: (connection) => floodPackets(connection, () => channelOpen('x11', 1), { count: 100_000 }),
  },
  'one channel-open request of each kind': {
    ready: (connection) => {
      for (const [index, type] of askedChannels.entries()) send(connection, channelOpen(type, index));
    },
  },
  'a global request flood': {
    ready: (connection) => floodPackets(connection, () => globalRequest('keepalive@openssh.com')),
  },
  'a global request flood that is not read': {
    ready: (connection) =>
      floodPackets(connection, () => globalRequest('keepalive@openssh.com'), { reads: false }),
  },
  'a flood of host keys': {
    ready: (connection, hostKey) =>
      floodPackets(connection, () =>
        packet(message.globalRequest, string('hostkeys-00@openssh.com'), no, string(hostKey)),
      ),
  },
  'an ignore flood after the login': {
    ready: (connection) => floodPackets(connection, () => packet(message.ignore, string('x'))),
  },
  'a debug flood after the login': {
    ready: (connection) =>
      floodPackets(connection, () => packet(message.debug, yes, string(large), string(''))),
  },
  'a goodbye without an end': {
    command: (_, connection) => {
      stayOpen(connection);
      send(connection, packet(message.disconnect, uint32(11), string('bye'), string('')));
    },
  },
  'a bad packet without an end': {
    command: (_, connection) => {
      stayOpen(connection);
      connection._sock.write(Buffer.alloc(1000, 255));
    },
  },
  'silence after channel open': { noSession: true },
  'silence after exec': { noExec: true },
  'silence of the command': { command: () => undefined },
  'data beyond the window': {
    command: (_, connection, id) => floodPackets(connection, () => channelData(id, large)),
  },
  'a stderr flood': {
    command: (channel) => {
      let left = 1000;
      const more = () => {
        while (left-- > 0) if (!channel.stderr.write(large)) return void channel.stderr.once('drain', more);
        channel.stderr.write(`${markup}END`, () => {
          channel.exit(0);
          channel.end();
        });
      };
      more();
    },
  },
  'data for a channel that is not there': {
    command: (_, connection) => floodPackets(connection, () => channelData(77, large)),
  },
  'exit-signal texts': {
    command: (channel, connection, id) => {
      const text = markup.repeat(150);
      const signal = [string('exit-signal'), no, string(text), no, string(text), string('')];
      send(connection, packet(98, uint32(id), ...signal));
      channel.end();
    },
  },
  'another key at a rekey': {
    command: (channel, connection) => {
      const { _hostKeys } = connection._protocol;
      const { pair, key } = sshKeyPair();
      connection._protocol._hostKeys = { ..._hostKeys, 'ssh-ed25519': key };
      tell({ swapped: pair.public });
      channel.write('before\n');
      /** @type {any} */ (connection).rekey(() => {
        tell({ rekeyed: true });
        channel.write('after\n');
      });
    },
  },
  'the same key at a rekey': {
    command: (channel, connection) => {
      /** @type {any} */ (connection).rekey(() => {
        channel.end('after\n');
      });
    },
  },
  'a reply with the wrong mark': {
    command: (channel, _, __, command) =>
      answerFor(
        channel,
        command,
        (mark) => mark.replace(/./g, 'f'),
        (mark) => `@${mark} S x\n${markup}\n`,
      ),
  },
  'a reply with half of the mark': {
    command: (channel, _, __, command) =>
      answerFor(
        channel,
        command,
        (mark) => mark.slice(0, 12),
        () => `${markup}\n`,
      ),
  },
  'a reply without an end': {
    command: (channel, _, __, command) =>
      answerFor(
        channel,
        command,
        (mark) => mark,
        () => `${markup}\n`,
      ),
  },
  'a reply that is one endless line': {
    command: (channel, _, __, command) =>
      answerFor(
        channel,
        command,
        (mark) => mark,
        () => 'A'.repeat(1000),
      ),
  },
};
