// SSH packets as somebody makes them who means ill (RFC 4253, RFC 4254), and ways to send them without an end.
import { setImmediate } from 'node:timers';

/** What a terminal or a page would act on. */
export const markup = '<img src=x onerror=alert(1)>\u001b[31m\u001b]0;title\u0007[a](command:b)$(trash)';

export const message = {
  disconnect: 1,
  ignore: 2,
  debug: 4,
  extInfo: 7,
  newKeys: 21,
  authFailure: 51,
  authSuccess: 52,
  banner: 53,
  infoRequest: 60,
  globalRequest: 80,
  channelOpen: 90,
  channelData: 94,
  channelExtendedData: 95,
};

/** @param {number} value */
export const uint32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
/** @param {string | Buffer} text */
export const string = (text) => {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
};
/** @param {number} type @param {...Buffer} parts */
export const packet = (type, ...parts) => Buffer.concat([Buffer.from([type]), ...parts]);
/** Just fits in a packet that ssh2 still takes. */
export const large = Buffer.alloc(32_000, 'A');
export const yes = Buffer.from([1]);
export const no = Buffer.from([0]);

/** A packet before keys are agreed on. @param {Buffer} payload */
export const plain = (payload) => {
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  return Buffer.concat([
    uint32(payload.length + padding + 1),
    Buffer.from([padding]),
    payload,
    Buffer.alloc(padding),
  ]);
};

/** @param {unknown} event */
export const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

export const closed = () => tell({ closed: true });

/** Writes again and again for as long as it is taken. @param {import('node:net').Socket} socket @param {() => Buffer | string} next */
export function flood(socket, next) {
  const more = () => {
    if (!socket.writable) return;
    if (socket.write(next())) setImmediate(more);
    else socket.once('drain', more);
  };
  more();
}

/**
 * Of the library, so that whatever can be sent by somebody with a key can be sent here.
 * @typedef {{ _protocol: any, _sock: import('node:net').Socket } & import('ssh2').Connection} Connection
 */

/** @param {Connection} connection @param {Buffer} payload */
export function send(connection, payload) {
  const { _packetRW, _cipher } = connection._protocol;
  const start = _packetRW.write.allocStart;
  const bytes = _packetRW.write.alloc(payload.length);
  bytes.set(payload, start);
  _cipher.encrypt(_packetRW.write.finalize(bytes));
}

/** The same, `batch` at a time, up to `count`. @param {Connection} connection @param {() => Buffer} next */
export function floodPackets(connection, next, { count = Infinity, batch = 64, reads = true } = {}) {
  const socket = connection._sock;
  // What cannot be sent is told by the end of the connection.
  connection.on('error', () => undefined);
  if (!reads) socket.pause();
  let sent = 0;
  const more = () => {
    for (let i = 0; i < batch && sent < count; i++, sent++) {
      if (!socket.writable) return;
      send(connection, next());
    }
    if (sent >= count) tell({ sent });
    else if (socket.writableLength < 1 << 20) setImmediate(more);
    else socket.once('drain', more);
  };
  more();
}

/** Sends nothing more, whatever comes. @param {Connection} connection */
export function fallSilent(connection) {
  connection._sock.write = /** @type {any} */ (() => true);
}

/** Its half of the connection is never ended. @param {Connection} connection */
export function stayOpen({ _sock }) {
  _sock.once('end', closed);
  _sock.end = /** @type {any} */ (() => _sock);
}

/** From the moment on in which the first message of that kind would be sent. @param {number} after number of writes */
export const silentAfter = (after) => (/** @type {Connection} */ connection) => {
  const socket = connection._sock;
  const write = socket.write.bind(socket);
  let written = 0;
  socket.write = /** @type {any} */ (
    (/** @type {Buffer} */ bytes) => (++written > after ? true : write(bytes))
  );
};

/** @param {string} type @param {number} sender */
export const channelOpen = (type, sender) => {
  const parts = [string(type), uint32(sender), uint32(1 << 20), uint32(32_768)];
  if (type === 'forwarded-tcpip') parts.push(string('127.0.0.1'), uint32(80), string('127.0.0.1'), uint32(9));
  if (type === 'forwarded-streamlocal@openssh.com') parts.push(string('/run/x.sock'), string(''));
  if (type === 'x11') parts.push(string('127.0.0.1'), uint32(6000));
  return packet(message.channelOpen, ...parts);
};
export const askedChannels = [
  'forwarded-tcpip',
  'x11',
  'auth-agent@openssh.com',
  'forwarded-streamlocal@openssh.com',
  'session',
  `<b>${'x'.repeat(3000)}`,
];

/** @param {Connection} connection @param {number} channel @param {Buffer} data */
export const channelData = (channel, data) => packet(message.channelData, uint32(channel), string(data));

/** @param {string} name @param {Buffer} rest */
export const globalRequest = (name, rest = Buffer.alloc(0)) =>
  packet(message.globalRequest, string(name), yes, rest);
