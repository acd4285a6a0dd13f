import { createServer, type Server, type Socket } from 'node:net';
import { FieldReader, stringField, stringFields, uint32 } from '../../../src/transport/sshFields';

/** An agent of a test's own on a Unix socket, for what no real agent does. `answer` gives the bytes of a message, or does as it likes. */
export interface SoftAgent extends AsyncDisposable {
  readonly socket: string;
  readonly open: Set<Socket>;
  /** How often it was asked for a signature. */
  signed(): number;
}

type Answer = (request: number, message: Buffer, socket: Socket) => Buffer | undefined;

export async function softAgent(path: string, answer: Answer): Promise<SoftAgent> {
  const open = new Set<Socket>();
  let signed = 0;
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE()) return;
      const message = received.subarray(5, 4 + received.readUInt32BE());
      const request = received[4] ?? 0;
      received = Buffer.alloc(0);
      if (request === 13) signed++;
      const reply = answer(request, message, socket);
      if (reply) socket.write(stringField(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    socket: path,
    open,
    signed: () => signed,
    [Symbol.asyncDispose]: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** SSH_AGENT_IDENTITIES_ANSWER. */
export function identities(...keys: readonly (readonly [publicKey: Buffer, comment: string])[]): Buffer {
  return Buffer.concat([Buffer.of(12), uint32(keys.length), ...keys.map((key) => stringFields(...key))]);
}

/** SSH_AGENT_SIGN_RESPONSE. */
export function signature(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(14), stringField(bytes)]);
}

/** What SSH_AGENTC_SIGN_REQUEST asks for. */
export function signRequest(message: Buffer): { publicKey: Buffer; data: Buffer; flags: number } {
  const reader = new FieldReader(message);
  return { publicKey: reader.string(), data: reader.string(), flags: reader.uint32() };
}
