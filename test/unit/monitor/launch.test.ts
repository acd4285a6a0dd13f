import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { launch, type LaunchMemory } from '../../../src/monitor/launch';
import {
  ConnectionError,
  type CommandChannel,
  type Connection,
  type Exit,
} from '../../../src/transport/connection';

/** A channel to a host that does what the test says. */
class FakeChannel implements CommandChannel {
  written = '';
  isClosed = false;
  readonly exit: Promise<Exit>;
  end!: (exit: Exit) => void;
  readonly stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      this.written += chunk.toString();
      done();
    },
  });

  constructor(readonly command: string) {
    this.exit = new Promise((resolve) => (this.end = resolve));
  }

  say(text: string): void {
    this.stream.push(text);
  }

  /** Says the mark as the shell would that runs the command, or reads it from its input. */
  sayMark(): void {
    const [, first = '', second = ''] =
      /printf "\\n%s%s\\n" (\S+) (\w+)/.exec(this.command + this.written) ?? [];
    this.say(`\n${first}${second}\n`);
  }

  stderr(): string {
    return '';
  }

  onStderr(): void {
    // It never says anything there.
  }

  close(): void {
    this.isClosed = true;
    this.stream.destroy();
    this.end({});
  }
}

/** A host that takes a command after `takesMs`, with its channels in the order in which they were asked for. */
class FakeHost {
  readonly plain: FakeChannel[] = [];
  readonly terminals: FakeChannel[] = [];
  readonly connection: Connection;

  constructor({ takesMs = 0, terminals = true } = {}) {
    const open = async (channels: FakeChannel[], command: string): Promise<CommandChannel> => {
      await new Promise((resolve) => setTimeout(resolve, takesMs));
      const channel = new FakeChannel(command);
      channels.push(channel);
      return channel;
    };
    const refuse = (): Promise<never> =>
      Promise.reject(new ConnectionError('channel', 'retry', 'no terminal'));
    this.connection = {
      exec: (command) => open(this.plain, command),
      execInTerminal: (command) => (terminals ? open(this.terminals, command) : refuse()),
      openUnixSocket: () => Promise.reject(new Error('no sockets')),
      close: () => undefined,
      closed: new Promise(() => undefined),
    };
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const shell = 'exec sh "$@"';
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('launch', () => {
  it('gives the channel when the shell has spoken, behind whatever the login prints', async () => {
    const host = new FakeHost();
    const memory: LaunchMemory = { way: 'plain' };
    const launched = launch(host.connection, shell, memory);
    await pass(4000);
    const [channel] = host.plain;
    channel?.say('Welcome!\nno line feed');
    channel?.sayMark();
    expect(await launched).toBe(channel);
    await pass(60_000);
    expect(host.plain).toHaveLength(1);
    expect(host.terminals).toHaveLength(0);
    expect(channel?.isClosed).toBe(false);
    expect(channel?.stream.listenerCount('data')).toBe(0);
  });

  it('types in a terminal when a shell has been silent for 5 s, once its prompt is there', async () => {
    const host = new FakeHost();
    const memory: LaunchMemory = { way: 'plain' };
    const launched = launch(host.connection, shell, memory);
    await pass(4900);
    expect(host.terminals).toHaveLength(0);
    await pass(400);
    const [terminal] = host.terminals;
    terminal?.say('last login: today\r\n');
    await pass(400);
    terminal?.say('$ ');
    await pass(400);
    expect(terminal?.written).toBe('');
    await pass(200);
    expect(terminal?.written).toMatch(/^ exec sh -c '[^']*' sh \/dev\/tty\r$/);
    terminal?.say(terminal.written); // the echo is not taken for the mark
    await pass(1000);
    terminal?.sayMark();
    expect(await launched).toBe(terminal);
    expect(host.plain[0]?.isClosed).toBe(true);
    expect(memory).toEqual({ way: 'terminal' });

    const again = launch(host.connection, shell, memory);
    await pass(600);
    expect(host.plain).toHaveLength(1);
    host.terminals[1]?.sayMark();
    expect(await again).toBe(host.terminals[1]);
    expect(memory).toEqual({ way: 'terminal' });
  });

  it('keeps the first shell where it was only slow', async () => {
    const host = new FakeHost();
    const memory: LaunchMemory = { way: 'plain' };
    const launched = launch(host.connection, shell, memory);
    await pass(5200);
    expect(host.terminals).toHaveLength(1);
    host.plain[0]?.sayMark();
    expect(await launched).toBe(host.plain[0]);
    expect(host.terminals[0]?.isClosed).toBe(true);
    expect(memory).toEqual({ way: 'plain' });
  });

  it('gives a host that is slow to take a command nothing more to do', async () => {
    const host = new FakeHost({ takesMs: 1500 });
    const launched = launch(host.connection, shell);
    await pass(120_000);
    expect(host.terminals).toHaveLength(0);
    host.plain[0]?.sayMark();
    expect(await launched).toBe(host.plain[0]);
  });

  it('goes on waiting for the first shell where there is no terminal', async () => {
    const host = new FakeHost({ terminals: false });
    const launched = launch(host.connection, shell);
    await pass(60_000);
    host.plain[0]?.sayMark();
    expect(await launched).toBe(host.plain[0]);
  });

  it('comes back to a plain channel where the terminal that worked is refused', async () => {
    const host = new FakeHost({ terminals: false });
    const memory: LaunchMemory = { way: 'terminal' };
    await expect(launch(host.connection, shell, memory)).rejects.toThrow('no terminal');
    const launched = launch(host.connection, shell, memory);
    await pass(100);
    host.plain[0]?.sayMark();
    expect(await launched).toBe(host.plain[0]);
  });

  it.each([
    ['ends', (channel: FakeChannel) => channel.end({ code: 3 }), 'ended our shell at once (exit code 3)'],
    ['is gone', (channel: FakeChannel) => channel.end({}), 'The program on the host has ended.'],
    ['echoes', (channel: FakeChannel) => channel.say(channel.written), 'the very text that we sent'],
    ['talks without end', (channel: FakeChannel) => channel.say('y\n'.repeat(600_000)), 'more than 1 MiB'],
  ])('fails at once, without another try, where the host %s', async (_, act, sentence) => {
    const host = new FakeHost();
    const launched = launch(host.connection, shell);
    const failed = expect(launched).rejects.toThrow(sentence);
    await pass(100);
    if (host.plain[0]) act(host.plain[0]);
    await failed;
    await pass(60_000);
    expect(host.terminals).toHaveLength(0);
    expect(host.plain[0]?.isClosed).toBe(true);
  });

  it('says of the first shell what happened, when both have ended', async () => {
    const host = new FakeHost();
    const launched = launch(host.connection, shell);
    const failed = expect(launched).rejects.toThrow('exit code 7');
    await pass(5200);
    host.terminals[0]?.end({ code: 8 });
    await pass(1000);
    host.plain[0]?.end({ code: 7 });
    await failed;
  });
});
