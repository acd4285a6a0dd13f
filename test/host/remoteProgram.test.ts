import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostFactsOf } from '../../src/core/hostFacts';
import { sampleOf } from '../../src/core/sample';
import { unlimited } from '../../src/monitor/programAwk';
import { RemoteProgram } from '../../src/monitor/remoteProgram';
import { fileSets } from '../../src/monitor/fileSets';
import { Session } from '../../src/monitor/session';
import type { Connection, Transport } from '../../src/transport/connection';
import { localTransport } from '../../src/transport/local';
import { mountNamespaceObstacle } from './lab/mountNamespace';
import { neverAsked } from './prompts';

const never = new AbortController().signal;

/** Programs of a made-up host, as links in a folder that is its whole PATH. */
const shells = { bash: 'bash', dash: 'dash', busybox: 'busybox' } as const;
const awks = {
  gawk: { gawk: '/usr/bin/gawk' },
  mawk: { mawk: '/usr/bin/mawk' },
  'original-awk as awk': { awk: '/usr/bin/original-awk' },
  'busybox awk': { awk: '/bin/busybox' },
  none: {},
} as const;

describe('the remote program', () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'remote-program-'));
  });
  afterEach(() => rmSync(bin, { recursive: true }));

  /** A connection to this machine as if it had nothing but what is linked into `bin`. */
  async function hostWith(programs: Readonly<Record<string, string>>): Promise<Connection> {
    for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(bin, name));
    const local = await localTransport().connect(neverAsked, never);
    return withCommands(local, (command) => `PATH=${bin}; export PATH; ${command}`);
  }

  for (const shell of Object.values(shells)) {
    for (const [awk, awkPrograms] of Object.entries(awks)) {
      if (shell === 'busybox' && awk === 'none') continue; // its shell brings an awk of its own
      const path = shell === 'busybox' ? '/bin/busybox' : `/bin/${shell}`;
      const missing = [path, ...Object.values(awkPrograms)].find((program) => !existsSync(program));
      it.skipIf(missing)(
        `answers with ${shell} and awk: ${awk}${missing ? ` (no ${missing})` : ''}`,
        async () => {
          const connection = await hostWith({
            sh: path,
            ...(shell === 'bash' && { bash: path }),
            ...awkPrograms,
          });
          const { program, hello } = await RemoteProgram.start(connection, fileSets, unlimited);
          expect(hello.shell).toBe(shell === 'bash' ? 'bash' : 'sh');
          const [first = 'none'] = Object.keys(awkPrograms);
          const usual = first === 'mawk' ? 'mawk -W interactive' : first;
          // A busybox shell finds the awk of its own, which is small.
          expect(hello.awk).toBe(shell === 'busybox' && first !== 'mawk' ? 'busybox awk' : usual);

          const { frame } = await program.ask({ sets: ['facts'] }, (answer) => answer);
          const facts = hostFactsOf({ ...frame.text, ...hello.text });
          expect({
            bootId: facts.bootId,
            osrelease: facts.osrelease,
            pageSizeBytes: facts.pageSizeBytes,
            problems: facts.problems,
          }).toEqual({
            bootId: cat('/proc/sys/kernel/random/boot_id'),
            osrelease: cat('/proc/sys/kernel/osrelease'),
            pageSizeBytes: Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })),
            problems: {},
          });

          for (const seq of [2, 3, 4]) {
            const answer = await program.ask({ sets: ['fast'] }, (answer) => answer);
            const sample = sampleOf({
              bootId: facts.bootId ?? '',
              clock: 'asked',
              seq: answer.frame.seq,
              hostUptimeMs: Number(answer.frame.words[0]) * 1000,
              askedAtMs: answer.askedAtMs,
              receivedAtMs: answer.receivedAtMs,
              text: answer.frame.text,
              unreadable: answer.frame.unreadable,
            });
            expect(sample.seq).toBe(seq);
            expect(sample.problems).toEqual({});
            expect(sample.meminfo?.memTotalBytes).toBe(memTotalBytes());
            expect(Math.abs(sample.at / 1000 - Number(cat('/proc/uptime').split(' ')[0]))).toBeLessThan(2);
            expect(answer.frame.bytes).toBeLessThan(awk === 'none' ? 10_000 : 3072);
          }
          program.close();
          connection.close();
        },
      );
    }
  }

  it('ends with its connection and leaves no process', async () => {
    const mark = 'UNREADABLE';
    const others = processesWith(mark);
    const ours = (): string[] => processesWith(mark).filter((process) => !others.includes(process));
    const connection = await localTransport().connect(neverAsked, never);
    const { program } = await RemoteProgram.start(connection, fileSets, unlimited);
    await program.ask({ sets: ['fast'] }, (answer) => answer);
    expect(ours().length).toBeGreaterThan(0);
    connection.close();
    await program.ended;
    await expect.poll(ours, { timeout: 10_000 }).toEqual([]);
  });

  it('is heard behind a login script that prints without a line feed', async () => {
    const local = await localTransport().connect(neverAsked, never);
    const titled = withCommands(local, (command) => `printf '\\033]0;title\\007'; ${command}`);
    const { program, hello } = await RemoteProgram.start(titled, fileSets, unlimited);
    expect(hello.text['uname/-s']).toBe('Linux\n');
    program.close();
    local.close();
  });

  it('says what answered where no shell runs', async () => {
    const reply = (command: string): Transport => ({
      connect: async (prompts, signal) => {
        return withCommands(await localTransport().connect(prompts, signal), () => command);
      },
    });
    const open = (command: string): Promise<Session> =>
      Session.open(reply(command), neverAsked, never, { budget: unlimited });
    await expect(open('echo "This service allows sftp connections only."; exit 1')).rejects.toThrow(
      'The host ended our shell at once (exit code 1) instead of running it. It said: “This service allows sftp connections only.”',
    );
    await expect(open('exec rbash -c "exec sh"')).rejects.toThrow(/It said: “.*restricted.*”/);
    await expect(open('yes')).rejects.toThrow('more than 1 MiB that is no answer');
  });

  it('refuses a host that is not Linux, which has no /proc of its kind', async ({ skip }) => {
    const obstacle = mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    writeFileSync(join(bin, 'uname'), '#!/bin/sh\necho FreeBSD\n', { mode: 0o755 });
    const local = await localTransport().connect(neverAsked, never);
    const hidden = `exec unshare --mount sh -c 'mount -t tmpfs none /proc; PATH=${bin}:$PATH exec sh'`;
    const connection = withCommands(local, () => hidden);
    await expect(RemoteProgram.start(connection, fileSets, unlimited)).rejects.toThrow(
      'The host runs FreeBSD, not Linux.',
    );
    connection.close();
  });
});

/** The same connection with other commands. */
function withCommands(connection: Connection, change: (command: string) => string): Connection {
  return {
    exec: (command) => connection.exec(change(command)),
    openUnixSocket: (path) => connection.openUnixSocket(path),
    close: () => connection.close(),
    closed: connection.closed,
  };
}

function cat(path: string): string {
  return execFileSync('cat', [path], { encoding: 'utf8' }).trim();
}

function memTotalBytes(): number {
  return Number(/^MemTotal: +(\d+) kB$/m.exec(cat('/proc/meminfo'))?.[1]) * 1024;
}

/** The command line files of processes whose command line holds the text. */
function processesWith(text: string): string[] {
  const found = execFileSync(
    'sh',
    ['-c', `grep -l '[${text.slice(0, 1)}]${text.slice(1)}' /proc/[0-9]*/cmdline 2>/dev/null || true`],
    {
      encoding: 'utf8',
    },
  );
  return found.split('\n').filter((line) => line !== '');
}
