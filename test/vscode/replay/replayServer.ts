/**
 * An SSH server with as many hosts behind it as there are logins, none of which exists: each plays a recording. To be
 * forked with folders of fixtures as arguments; any message to it asks for the counts. It ends with its parent.
 */
import { randomUUID } from 'node:crypto';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { sshKeyPair } from '../../host/lab/sshKeyPair.mjs';
import type { FromServer } from './messages';
import { Recording } from './recording';
import { ReplayedProgram, type ReplayedHost } from './replayedProgram';

/** Each host has been up for so much longer than the one before it, in ms. */
const apartMs = 7777;

const recordings = process.argv.slice(2).map((folder) => new Recording(folder));
const { pair: hostKey } = sshKeyPair();
const user = sshKeyPair();
const hosts: ReplayedHost[] = [];

const server = new ssh2.Server({ hostKeys: [hostKey.private] }, serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  tell({ type: 'listening', port: address.port, hostKey: hostKey.public, userKey: user.pair.private });
});
process.on('message', () => tell({ type: 'count', answers: hosts.map(({ answers }) => answers) }));
process.once('disconnect', () => process.exit());

function tell(message: FromServer): void {
  process.send?.(message);
}

/** Lets whoever names the key in and runs what it asks for, as far as that can be played. */
function serve(client: Connection): void {
  const accepted = user.key.getPublicSSH();
  client.on('authentication', (context) => {
    const isAccepted = context.method === 'publickey' && context.key.data.equals(accepted);
    if (isAccepted) context.accept();
    else context.reject(['publickey']);
  });
  client.on('error', (error) => console.error(error)); // a mistake of ours, too: ssh2 catches what is thrown here
  client.on('ready', () => {
    const host = newHost();
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => run(host, command, acceptExec()));
    });
  });
}

/** Our three commands: the program, which is given as standard input, the kernel log, and the question for rights. */
function run(host: ReplayedHost, command: string, channel: ServerChannel): void {
  channel.on('error', () => undefined); // the connection is gone
  const end = (): void => {
    channel.exit(0);
    channel.end();
  };
  // Before it is given the program, the shell says a mark that stands in the command in two halves.
  const [, first, second] = /printf "\\n%s%s\\n" (@\w+) (\w+);/.exec(command) ?? [];
  if (first !== undefined && second !== undefined) {
    channel.write(`\n${first}${second}\n`);
    const program = new ReplayedProgram(
      host,
      (text) => channel.write(text),
      (text) => channel.stderr.write(text),
    );
    channel.setEncoding('utf8').on('data', (text: string) => program.read(text));
    channel.once('end', end);
  } else if (command.includes('log kmsg')) {
    channel.write('log kmsg\n'); // of which there is never anything to tell
    channel.once('end', end).resume();
  } else end();
}

function newHost(): ReplayedHost {
  const number = hosts.length;
  const recording = recordings[number % recordings.length];
  if (!recording) throw new Error('no fixture was given');
  const uptimeAtStartMs = recording.startMs + number * apartMs;
  const startedAtMs = performance.now();
  const uptimeMs = (): number => uptimeAtStartMs + performance.now() - startedAtMs;
  const host = { recording, bootId: randomUUID(), uptimeMs, answers: 0 };
  hosts.push(host);
  return host;
}
