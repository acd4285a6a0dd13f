import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { probePermissions } from '../../../src/monitor/permissionProbe';
import type { Connection } from '../../../src/transport/connection';

/** A connection with one channel. What the host says is written to `host`; `asked` is what it was given to run. */
function hostThat(): { connection: Connection; host: PassThrough; asked: string[]; closed: () => boolean } {
  const host = new PassThrough();
  const asked: string[] = [];
  const exec: Connection['exec'] = (command) => {
    asked.push(command);
    // What we write is not what we read, as on a channel.
    vi.spyOn(host, 'end').mockReturnValue(host);
    const close = (): void => void host.destroy();
    return Promise.resolve({
      stream: host,
      stderr: () => '',
      onStderr: () => undefined,
      exit: new Promise(() => undefined),
      close,
    });
  };
  const connection = { exec } as Partial<Connection> as Connection;
  return { connection, host, asked, closed: () => host.destroyed };
}

const options = { sudo: false, dockerSocket: '/var/run/docker.sock' };
const markIn = (command: string | undefined): string => /M=([0-9a-f]{24});/.exec(command ?? '')?.[1] ?? '';

describe('the question for permissions', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('takes what has come when the host does not come to an end, and closes the channel', async () => {
    const { connection, host, asked, closed } = hostThat();
    const answers = probePermissions(connection, options);
    await vi.advanceTimersByTimeAsync(100);
    host.write(`${markIn(asked[0])} kmsg no\n`);
    await vi.advanceTimersByTimeAsync(9_800);
    expect(closed()).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await answers).toEqual({ complete: false, kmsg: 'no' });
    expect(closed()).toBe(true);
  });

  it('is answered in full where the host came to the end of it', async () => {
    for (const [end, complete] of [
      ['', false],
      ['end yes', true],
    ] as const) {
      const { connection, host, asked } = hostThat();
      const answers = probePermissions(connection, options);
      await vi.advanceTimersByTimeAsync(0);
      host.push(`${markIn(asked[0])} kmsg no\n${markIn(asked[0])} ${end}\n`);
      host.push(null);
      expect(await answers).toEqual({ complete, kmsg: 'no' });
    }
  });

  it('stops to listen to a host that says too much', async () => {
    const { connection, host, asked, closed } = hostThat();
    const answers = probePermissions(connection, options);
    await vi.advanceTimersByTimeAsync(0);
    host.write(`${markIn(asked[0])} kmsg yes\n${'x'.repeat(40_000)}\n${markIn(asked[0])} journal yes\n`);
    expect(await answers).toEqual({ complete: false, kmsg: 'yes' });
    expect(closed()).toBe(true);
  });

  it('keeps a path that could be more than that to a shell out of the command', async () => {
    const { connection, host, asked } = hostThat();
    const answers = probePermissions(connection, { sudo: false, dockerSocket: "/x'; reboot #" });
    await vi.advanceTimersByTimeAsync(0);
    expect(asked[0]).not.toContain('reboot');
    host.destroy();
    expect(await answers).toEqual({ complete: false });
  });

  it('is one line that every login shell takes as it stands', async () => {
    const { connection, host, asked } = hostThat();
    const answers = probePermissions(connection, options);
    await vi.advanceTimersByTimeAsync(0);
    const [, script = ''] = /^exec sh -c '(.*)'$/s.exec(asked[0] ?? '') ?? [];
    expect(script.length).toBeGreaterThan(1000);
    expect(script).not.toMatch(/['\n]|\\\\|!(?! )/);
    host.destroy();
    await answers;
  });
});
