// A made-up SSH server that does one hostile thing, as no real sshd would. `node hostileSsh.mjs BEHAVIOUR` prints a line of
// JSON with its port and host key, then a line for what happens.
import net from 'node:net';
import ssh2 from 'ssh2';
import { sshKeyPair } from '../lab/sshKeyPair.mjs';
import { afterLogin } from './hostile/afterLogin.mjs';
import { atLogin } from './hostile/login.mjs';
import { bareSocket } from './hostile/bareSocket.mjs';
import { closed, tell } from './hostile/packets.mjs';

const [, , name = 'well'] = process.argv;
const { pair, key: serverKey } = sshKeyPair();
const behaviour = /** @type {Record<string, import('./hostile/behaviour.mjs').Behaviour>} */ ({
  ...atLogin,
  ...afterLogin,
})[name];
const bare = bareSocket[name];
if (!behaviour && !bare) throw new Error(`no behaviour ${name}`);

const server = net.createServer((socket) => {
  socket.on('error', () => undefined).on('close', closed);
  if (bare) {
    socket.resume();
    bare(socket);
  } else ssh.injectSocket(socket);
});

const ssh = new ssh2.Server(
  {
    hostKeys: [pair.private],
    ...(behaviour?.greeting && { greeting: behaviour.greeting }),
    ...(behaviour?.banner && { banner: behaviour.banner }),
  },
  (client) => {
    const connection = /** @type {import('./hostile/packets.mjs').Connection} */ (client);
    connection.on('error', () => undefined);
    behaviour?.connected?.(connection);
    let refused = 0;
    const handlers = connection._protocol._handlers;
    handlers.CHANNEL_OPEN_FAILURE = () => tell({ refused: ++refused });
    connection.on('authentication', (context) => {
      if (behaviour?.login) behaviour.login(context, connection);
      else context.accept();
    });
    connection.on('ready', () => behaviour?.ready?.(connection, serverKey.getPublicSSH()));
    connection.on('session', (accept) => {
      if (behaviour?.noSession) return;
      const session = accept();
      session.on('exec', (acceptExec, _, info) => {
        if (behaviour?.noExec) return;
        const channel = acceptExec();
        channel.on('error', () => undefined);
        if (behaviour?.command)
          behaviour.command(channel, connection, /** @type {any} */ (channel).outgoing.id, info.command);
        else {
          channel.write(`ran ${info.command}\n`);
          channel.exit(0);
          channel.end();
        }
      });
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  tell({ port, hostKey: pair.public.split(' ').slice(0, 2).join(' ') });
});
process.on('uncaughtException', (error) => tell({ error: String(error.stack) }));
