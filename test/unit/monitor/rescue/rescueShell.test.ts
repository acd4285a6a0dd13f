import { PassThrough, Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { RescueShell } from '../../../../src/monitor/rescue/rescueShell';
import type { CommandChannel, Connection, Exit } from '../../../../src/transport/connection';

/** A host that runs our shell, and answers as the test says. */
class FakeHost {
  readonly lines: string[] = [];
  private readonly out = new PassThrough();
  private mark = '';
  private settle: (exit: Exit) => void = () => undefined;

  constructor(private readonly answer: (seq: string, say: (text: string) => void) => void) {}

  get connection(): Connection {
    return {
      exec: (command) => Promise.resolve(this.channel(command)),
      openUnixSocket: () => Promise.reject(new Error('none')),
      close: () => undefined,
      closed: new Promise(() => undefined),
    };
  }

  /** With the fence in the place of `MARK`. */
  say(text: string): void {
    this.out.write(text.replaceAll('MARK', this.mark));
  }

  end(): void {
    this.out.end();
    this.settle({});
  }

  private channel(command: string): CommandChannel {
    const [, first = '', second = ''] = /%s%s\\n" (\S+) (\w+);/.exec(command) ?? [];
    this.out.write(`\n${first}${second}\n`);
    const input = new PassThrough();
    input.on('data', (bytes: Buffer) => this.read(bytes.toString()));
    return {
      stream: Duplex.from({ readable: this.out, writable: input }),
      stderr: () => '',
      onStderr: () => undefined,
      exit: new Promise((resolve) => (this.settle = resolve)),
      close: () => this.settle({}),
    };
  }

  private read(text: string): void {
    const [, first, second] = /MARK=(@\w+); MARK="\$MARK""(\w+)"/.exec(text) ?? [];
    if (first !== undefined && second !== undefined) {
      this.mark = first + second;
      this.say('MARK H rescue 1 0 yes\nMARK S rescue/uid\n0\nMARK E 0\n');
    }
    for (const line of text.split('\n').filter((each) => each.endsWith(' .'))) {
      this.lines.push(line.trim());
      this.answer(line.trim().split(' ')[0] ?? '', (said) => this.say(said));
    }
  }
}

async function open(
  answer: ConstructorParameters<typeof FakeHost>[0],
): Promise<{ host: FakeHost; shell: RescueShell }> {
  const host = new FakeHost(answer);
  return { host, shell: await RescueShell.open(host.connection, { sudo: false, held: false }) };
}

const group = '/docker/4f3c2a1b0d9e';

describe('the rescue shell', () => {
  it('gives each request its own answer, in whatever order they come', async () => {
    const { host, shell } = await open(() => undefined);
    const replies = Promise.all([
      shell.ping(),
      shell.freeze(group, true),
      shell.signal({ pid: 5, starttimeTicks: 9 }, 'TERM'),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(host.lines).toEqual(['1 ping - - - .', `2 freeze ${group} leased - .`, '3 signal 5 9 TERM .']);
    host.say('MARK F 3 12.34 other\nMARK E 3\nnoise\nMARK F 1 12.35 pong\nMARK E 1\n');
    host.say('MARK F 2 12.36 group 2 thawed frozen 3 4096\nMARK E 2\n');
    const [ping, frozen, signalled] = await replies;
    expect(ping).toMatchObject({ kind: 'answered', value: 'pong', hostUptimeMs: 12_350 });
    expect(frozen).toMatchObject({ value: { kind: 'group', state: { freezer: 'frozen', processes: 3 } } });
    expect(signalled).toMatchObject({ value: 'other', hostUptimeMs: 12_340 });
  });

  it('takes no answer that is none for one', async () => {
    const { shell } = await open((seq, say) => {
      say(`MARK F 999 1.00 done\nMARK E 999\n@0000 F ${seq} 1.00 done\n@0000 E ${seq}\n`);
      say(`MARK F ${seq} x yes, of course\nMARK E ${seq}\n`);
    });
    expect(await shell.signal({ pid: 5, starttimeTicks: 9 }, 'KILL')).toMatchObject({ kind: 'unknown' });
    expect(await shell.killGroup(group)).toMatchObject({ kind: 'unknown' });
  });

  it('tells what was sent and not answered as unknown, and sends nothing afterwards', async () => {
    const { host, shell } = await open((seq, say) => {
      if (seq === '1') say('MARK F 1 1.00 group 2 thawed thawed 0 - cgroup.kill 2\nMARK E 1\n');
    });
    const replies = Promise.all([shell.killGroup(group), shell.killGroup(`${group}0`)]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    host.end();
    expect((await replies).map(({ kind }) => kind)).toEqual(['answered', 'unknown']);
    expect(await shell.killGroup(group)).toMatchObject({ kind: 'not-sent' });
    expect(host.lines).toHaveLength(2);
    expect((await shell.ended).remedy).toBe('retry');
  });

  it('ends where the host sends without end', async () => {
    const { shell } = await open((_seq, say) => say('x'.repeat(100_000)));
    expect(await shell.ping()).toMatchObject({ kind: 'unknown' });
    expect((await shell.ended).message).toContain('longer than 64 KiB');
  });
});
