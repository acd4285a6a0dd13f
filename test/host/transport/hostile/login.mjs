// Behaviours up to the login.
import { runWithMarkup } from './commands.mjs';
import {
  fallSilent,
  floodPackets,
  large,
  markup,
  message,
  no,
  packet,
  send,
  silentAfter,
  string,
  uint32,
  yes,
} from './packets.mjs';

/** @type {Record<string, import('./behaviour.mjs').Behaviour>} */
export const atLogin = {
  well: {},
  'banners with escapes and HTML': { greeting: `${markup}\r\n`, banner: `${markup}\r\n${markup}` },
  'silence after the host key': { connected: silentAfter(2) },
  'silence after the key exchange': { connected: silentAfter(3) },
  'silence after service accept': { login: () => undefined },
  'silence after the offer of a key': {
    login: (context, connection) => {
      if (context.method === 'none') context.reject(['publickey', 'password', 'keyboard-interactive']);
      else if (context.method === 'publickey' && !context.signature) context.accept();
      else fallSilent(connection);
    },
  },
  'silence after a password': {
    login: (context) => {
      if (context.method !== 'password') context.reject(['password']);
    },
  },
  'silence after an answer': {
    login: (context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else context.prompt([{ prompt: markup, echo: false }], markup, markup, () => undefined);
    },
  },
  // A host that works, whose every text is markup; what it runs is run by a real shell.
  'markup everywhere': {
    greeting: `${markup}\r\n`,
    banner: markup,
    login: (context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else context.prompt([{ prompt: markup, echo: true }], markup, markup, () => context.accept());
    },
    command: (channel, _, __, command) => runWithMarkup(channel, command),
  },
  'an auth banner flood': {
    login: (_, connection) =>
      floodPackets(connection, () =>
        packet(message.banner, string(`${markup}${'A'.repeat(2000)}`), string('')),
      ),
  },
  'USERAUTH_FAILURE forever': {
    login: (_, connection) =>
      floodPackets(connection, () => packet(message.authFailure, string('password,publickey'), no)),
  },
  'USERAUTH_FAILURE to each try': {
    login: (context) => context.reject(['password', 'keyboard-interactive']),
  },
  'EXT_INFO of megabytes': {
    login: (_, connection) =>
      floodPackets(connection, () =>
        packet(message.extInfo, uint32(1), string('server-sig-algs'), string('a,'.repeat(16_000))),
      ),
  },
  'an EXT_INFO that says it has 4 billion entries': {
    login: (_, connection) => send(connection, packet(message.extInfo, uint32(0xffff_ffff))),
  },
  'an ignore flood before the login': {
    login: (_, connection) => floodPackets(connection, () => packet(message.ignore, string(large))),
  },
  'a debug flood before the login': {
    login: (_, connection) =>
      floodPackets(connection, () => packet(message.debug, yes, string(large), string(''))),
  },
  'questions without an end': {
    login: (context, connection) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else {
        const question = Buffer.concat([string('t'), string('i'), string(''), uint32(1), string('p'), no]);
        floodPackets(connection, () => packet(message.infoRequest, question));
      }
    },
  },
  'a thousand questions at once': {
    login: (context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else
        context.prompt(
          Array.from({ length: 1000 }, () => ({ prompt: 'p', echo: true })),
          () => undefined,
        );
    },
  },
  'empty questions without an end': {
    login: (context, connection) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else {
        const question = Buffer.concat([string(''), string(''), string(''), uint32(0)]);
        floodPackets(connection, () => packet(message.infoRequest, question));
      }
    },
  },
  'a disconnect message with escapes and HTML': {
    login: (_, connection) =>
      send(connection, packet(message.disconnect, uint32(2), string(markup.repeat(500)), string(''))),
  },
  'a disconnect message of 1 MB': {
    login: (_, connection) =>
      connection._sock.write(Buffer.concat([uint32(1 << 20), Buffer.alloc(1 << 20, 'A')])),
  },
};
