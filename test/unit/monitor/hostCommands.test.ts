import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HostCommands } from '../../../src/monitor/hostCommands';
import type { Connection } from '../../../src/transport/connection';

/** A host that is asked over one connection, and answers when the test says so. */
class Host {
  /** The commands that were run, in order. */
  readonly asked: string[] = [];
  private readonly channels: PassThrough[] = [];
  readonly connection = {
    exec: (command: string) => this.exec(command),
  } as Partial<Connection> as Connection;

  /** Channels that are open now. */
  get open(): number {
    return this.channels.filter(({ destroyed }) => !destroyed).length;
  }

  /** What the last command was to find out. */
  get last(): 'pss' | 'rights' | undefined {
    const command = this.asked.at(-1);
    if (command === undefined) return undefined;
    return command.includes('say end yes') ? 'rights' : 'pss';
  }

  /** The last command says so and ends. */
  async says(...lines: readonly string[]): Promise<void> {
    const mark = /M=([0-9a-f]{24});/.exec(this.asked.at(-1) ?? '')?.[1] ?? '';
    const stream = this.channels.at(-1);
    for (const line of lines) stream?.push(`${mark} ${line}\n`);
    stream?.push(null);
    await vi.advanceTimersByTimeAsync(1);
  }

  private exec(command: string): ReturnType<Connection['exec']> {
    this.asked.push(command);
    const stream = new PassThrough();
    this.channels.push(stream);
    // What we write is not what we read, as on a channel.
    vi.spyOn(stream, 'end').mockReturnValue(stream);
    return Promise.resolve({
      stream,
      stderr: () => '',
      onStderr: () => undefined,
      exit: new Promise(() => undefined),
      close: () => void stream.destroy(),
    });
  }
}

const target = { pid: 812, starttimeTicks: 5 };

let host: Host;
let sudo: boolean;
let logged: string[];
let told: number;

function commands(): HostCommands {
  const options = {
    sudo: () => sudo,
    dockerSocket: () => '/run/docker.sock',
    log: (line: string) => void logged.push(line),
  };
  const made = new HostCommands(options, () => undefined);
  made.onPermissions(() => (told += 1));
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
  [host, sudo, logged, told] = [new Host(), false, [], 0];
});
afterEach(() => void vi.useRealTimers());

describe('commands that are run once on a connection', () => {
  it('never have more than one channel there, and run in the order in which they were wanted', async () => {
    const one = commands();
    one.probeOnce(host.connection);
    const readings = [one.measurePss(host.connection, target), one.measurePss(host.connection, target)];
    const seen: unknown[] = [];
    for (let command = 0; command < 3; command++) {
      await vi.advanceTimersByTimeAsync(1);
      seen.push([host.asked.length, host.last, host.open]);
      await host.says('end yes');
    }
    expect(seen).toEqual([
      [1, 'rights', 1],
      [2, 'pss', 1],
      [3, 'pss', 1],
    ]);
    expect(host.open).toBe(0);
    expect((await Promise.all(readings)).map(({ kind }) => kind)).toEqual(['unanswered', 'unanswered']);
  });

  it('do not wait for those on another connection', async () => {
    const one = commands();
    one.probeOnce(host.connection);
    const other = new Host();
    const reading = one.measurePss(other.connection, target);
    await vi.advanceTimersByTimeAsync(1);
    expect([host.open, other.open]).toEqual([1, 1]);
    await other.says();
    expect(await reading).toEqual({ kind: 'unanswered' });
    expect(host.open).toBe(1);
  });

  it('go on after one that could not be run', async () => {
    const one = commands();
    const refused = one.measurePss(host.connection, { pid: -1, starttimeTicks: 1 });
    one.probeOnce(host.connection);
    await expect(refused).rejects.toThrow('not a process');
    await vi.advanceTimersByTimeAsync(1);
    await host.says('kmsg yes', 'end yes');
    expect(one.permissions).toEqual({ complete: true, kmsg: 'yes' });
  });

  it('read the PSS with sudo where the probe before has told that it may be used', async () => {
    sudo = true;
    const one = commands();
    one.probeOnce(host.connection);
    const reading = one.measurePss(host.connection, target);
    await vi.advanceTimersByTimeAsync(1);
    await host.says('sudo yes', 'end yes');
    expect(host.asked.at(-1)).toContain('sudo -n cat /proc/812/smaps_rollup');
    await host.says();
    await reading;
  });
});

describe('the rights of the host’s user', () => {
  it('are asked for once, and again over the next connection where they did not come in full', async () => {
    const one = commands();
    for (const [end, asked] of [
      ['', 1],
      ['end yes', 2],
      ['end yes', 2],
    ] as const) {
      one.connected();
      for (let second = 0; second < 3; second++) one.probeOnce(host.connection);
      await vi.advanceTimersByTimeAsync(1);
      await host.says('kmsg no', end);
      expect(host.asked).toHaveLength(asked);
    }
    expect(one.permissions).toEqual({ complete: true, kmsg: 'no' });
    one.probeAgain();
    one.probeOnce(host.connection);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.asked).toHaveLength(3);
    await host.says('kmsg yes'); // cut off: what was known says more
    expect(one.permissions).toEqual({ complete: true, kmsg: 'no' });
    expect(told).toBe(2);
  });

  it('are waited for no longer than wanted, by who asks while they are on their way too', async () => {
    const one = commands();
    one.probeOnce(host.connection);
    const waited = one.permissionsWithin(host.connection, 500);
    await vi.advanceTimersByTimeAsync(500);
    expect(await waited).toBeUndefined();
    const again = one.permissionsWithin(host.connection, 500);
    await host.says('kmsg yes', 'end yes');
    expect(await again).toEqual({ complete: true, kmsg: 'yes' });
    expect(host.asked).toHaveLength(1);
    expect(await one.permissionsWithin(host.connection, 500)).toBe(one.permissions);
  });

  it('are asked for by who wants them first, and then not again', async () => {
    const one = commands();
    const wanted = one.permissionsWithin(host.connection, 500);
    await vi.advanceTimersByTimeAsync(1);
    await host.says('kmsg yes', 'end yes');
    expect(await wanted).toEqual({ complete: true, kmsg: 'yes' });
    one.probeOnce(host.connection);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.asked).toHaveLength(1);
  });

  it('are not known, with the reason in the log, where no command can be run', async () => {
    const one = commands();
    const connection = { exec: () => Promise.reject(new Error('No more channels.')) };
    const wanted = one.permissionsWithin(connection as Partial<Connection> as Connection, 500);
    expect(await wanted).toBeUndefined();
    expect(logged).toEqual(['permissions: No more channels.']);
  });
});
