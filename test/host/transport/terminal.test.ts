import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandChannel, Connection } from '../../../src/transport/connection';
import { markSessions, sessionProcesses } from '../lab/sessions';
import { startSshd, type Sshd } from '../sshd';
import { connect, optionsFor, textOf } from './attaching';
import { trust } from '../lab/trust';
import { until } from '../lab/until';

const mark = `terminal-${process.pid}`;

let sshd: Sshd;
let connection: Connection;
beforeAll(async () => {
  sshd = await startSshd({ config: [markSessions(mark)] });
  trust(sshd);
  connection = await connect(optionsFor(sshd));
});
afterAll(async () => {
  connection.close();
  await sshd.stop();
});

async function inTerminal(command: string, over = connection): Promise<CommandChannel> {
  if (!over.execInTerminal) throw new Error('this connection has no terminals');
  return over.execInTerminal(command);
}

/** The processes of our sessions that are not sshd itself. */
function commands(): string[] {
  return sessionProcesses(mark)
    .map(({ command }) => command)
    .filter((command) => !command.startsWith('sshd'));
}

describe('a command in a terminal', () => {
  it('has a dumb one as input, output and errors, and its exit code', async () => {
    const channel = await inTerminal('test -t 0 && test -t 1 && test -t 2 && echo "$TERM"; exit 3');
    expect(await textOf(channel.stream)).toBe('dumb\r\n');
    expect(await channel.exit).toEqual({ code: 3 });
  });

  it('is echoed what is typed, until it sets the terminal raw; then every byte goes through', async () => {
    const channel = await inTerminal('read -r line; stty raw -echo; echo "read $line"; exec cat');
    let output = '';
    channel.stream.on('data', (bytes: Buffer) => (output += bytes.toString('latin1')));
    channel.stream.write('typed\r');
    await until(() => output === 'typed\r\nread typed\n');
    output = '';
    // Twice what a terminal takes as one line, and the characters that end or interrupt a program.
    const bytes = `${'x'.repeat(8192)}\u0003\u0004\u0011\u0013\u001a\r\n`;
    channel.stream.write(bytes);
    await until(() => output.length >= bytes.length);
    expect(output).toBe(bytes);
    channel.close();
  });

  it.each(['the channel', 'the connection', 'its sshd'])('is hung up with %s', async (what) => {
    const short = await connect(optionsFor(sshd));
    const channel = await inTerminal('echo ready; while :; do sleep 60; done', short);
    await once(channel.stream, 'data');
    expect(commands()).not.toEqual([]);
    if (what === 'the channel') channel.close();
    else if (what === 'the connection') short.close();
    else sshd.signalSessions('SIGKILL');
    await until(() => commands().length === 0);
    short.close();
    if (what === 'its sshd') connection = await connect(optionsFor(sshd));
  });

  it('is refused where the server gives no terminal, and other commands go on', async () => {
    const strict = await startSshd({ config: ['PermitTTY no'] });
    trust(strict);
    const denied = await connect(optionsFor(strict));
    await expect(inTerminal('true', denied)).rejects.toMatchObject({ phase: 'channel', remedy: 'retry' });
    expect(await textOf((await denied.exec('echo on')).stream)).toBe('on\n');
    denied.close();
    await strict.stop();
  });
});
