// What a made-up server does on a bare socket: bytes of our own, before any keys are agreed on.
import { flood, message, no, packet, plain, string, uint32 } from './packets.mjs';

const version = 'SSH-2.0-OpenSSH_9.9\r\n';
const kexInit = plain(
  packet(
    20,
    Buffer.alloc(16, 7),
    ...[
      'curve25519-sha256',
      'ssh-ed25519',
      'aes128-ctr',
      'aes128-ctr',
      'hmac-sha2-256',
      'hmac-sha2-256',
      'none',
      'none',
      '',
      '',
    ].map(string),
    no,
    uint32(0),
  ),
);

/** Bytes on a bare socket. @type {Record<string, (socket: import('node:net').Socket) => void>} */
export const bareSocket = {
  'silence before the version': () => undefined,
  'silence after the version': (socket) => socket.write(version),
  'silence after KEXINIT': (socket) => {
    socket.write(version);
    socket.write(kexInit);
  },
  'banner of 10 MB before the version': (socket) => flood(socket, () => `${'A'.repeat(8000)}\r\n`.repeat(8)),
  'banner of 10 MB in short lines': (socket) => flood(socket, () => 'A\n'.repeat(30_000)),
  'endless line': (socket) => flood(socket, () => '\u001b[31mA'.repeat(10_000)),
  'endless version': (socket) => flood(socket, () => `SSH-2.0-${'A'.repeat(60_000)}`),
  'packet of 4 GB': (socket) => {
    socket.write(version);
    flood(socket, () => Buffer.alloc(64 * 1024, 255));
  },
  'packet of no length': (socket) => {
    socket.write(version);
    flood(socket, () => Buffer.alloc(64 * 1024));
  },
  'packet of 1 byte': (socket) =>
    socket.write(Buffer.concat([Buffer.from(version), uint32(1), Buffer.alloc(64)])),
  'login accepted before the key exchange': (socket) =>
    socket.write(Buffer.concat([Buffer.from(version), kexInit, plain(packet(message.authSuccess))])),
};
