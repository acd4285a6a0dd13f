import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sshTransport } from '../../src/transport/ssh';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from './lab/privateUsers';
import { markSessions, sessionProcesses } from './lab/sessions';
import { killIfAlive } from './lab/signal';
import { kinds, more, reach, reached, watch, type Watching } from './watching';
import { run } from './transport/attaching';
import { until } from './lab/until';

const mark = `login-shells-${process.pid}`;

/** A folder with busybox under the name of its shell. */
const links = mkdtempSync(join(tmpdir(), 'login-shells-'));
chmodSync(links, 0o755); // the users walk through it
const ash = join(links, 'ash');

const shells = {
  dash: '/bin/dash',
  bash: '/bin/bash',
  ash,
  zsh: '/bin/zsh',
  fish: '/usr/bin/fish',
  csh: '/bin/csh',
} as const;

/** With it fish is as after its first interactive start, at which it scans the manuals of all programs. */
const fishHome = { '.local/share/fish/generated_completions/none.fish': '' };

interface LoginShell {
  readonly title: string;
  readonly shell: keyof typeof shells;
  readonly files?: Readonly<Record<string, string>>;
  /** The shell that takes the place of the login shell. */
  readonly exec?: keyof typeof shells;
  /** Whether that one swallows our command, so that only a terminal reaches it. */
  readonly swallows?: true;
}

const table: readonly LoginShell[] = [
  { title: 'dash', shell: 'dash' },
  { title: 'bash', shell: 'bash' },
  { title: 'busybox ash', shell: 'ash' },
  { title: 'zsh', shell: 'zsh' },
  { title: 'fish', shell: 'fish' },
  { title: 'csh', shell: 'csh' },
  { title: 'bash whose .bashrc prints', shell: 'bash', files: { '.bashrc': 'echo Welcome!\n' } },
  {
    title: 'bash whose .bashrc prints without a line feed',
    shell: 'bash',
    files: { '.bashrc': "printf '\\033]0;title\\007'\n" },
  },
  { title: 'zsh whose .zshenv prints', shell: 'zsh', files: { '.zshenv': 'print -n title\n' } },
  {
    title: 'fish whose config.fish prints',
    shell: 'fish',
    files: { '.config/fish/config.fish': 'echo hello\n' },
  },
  { title: 'csh whose .cshrc prints', shell: 'csh', files: { '.cshrc': 'echo hello\n' } },
  {
    title: 'bash that exports options which end a script, and a BASH_ENV that does',
    shell: 'bash',
    files: {
      '.bashrc': 'set -o errexit -o nounset -o xtrace; export SHELLOPTS BASH_ENV=$HOME/ends\n',
      ends: 'exit 5\n',
    },
  },
  {
    title: 'bash that finds a bash and a mawk first which cannot run',
    shell: 'bash',
    files: {
      '.bashrc':
        'for name in bash mawk; do printf "#!/bin/sh\\nexit 127\\n" >$name; chmod +x $name; done; PATH=$HOME:$PATH\n',
    },
  },
  { title: 'bash whose .bashrc runs exec zsh', shell: 'bash', exec: 'zsh' },
  { title: 'bash whose .bashrc runs exec ash', shell: 'bash', exec: 'ash' },
  { title: 'bash whose .bashrc runs exec fish', shell: 'bash', exec: 'fish', swallows: true },
  { title: 'bash whose .bashrc runs exec csh', shell: 'bash', exec: 'csh', swallows: true },
  { title: 'csh whose .cshrc runs exec fish', shell: 'csh', exec: 'fish', swallows: true },
];

const userOf = (row: LoginShell): string => `shell-${table.indexOf(row)}`;

function filesOf({ shell, exec, files }: LoginShell): Readonly<Record<string, string>> {
  const startUpFile = shell === 'csh' ? '.cshrc' : '.bashrc';
  return {
    ...fishHome,
    '.zshrc': '', // or zsh offers to write one
    ...files,
    ...(exec && { [startUpFile]: `exec ${shells[exec]}\n` }),
  };
}

/** Why that login shell cannot be tried here. */
function obstacleOf({ shell, exec }: LoginShell): string | undefined {
  const missing = [shell, exec].find((name) => name && !existsSync(shells[name]));
  return missing && `there is no ${missing} (${shells[missing]})`;
}

describe('whatever the login shell', () => {
  let server: PrivateUsersSshd;
  let watching: Watching | undefined;
  beforeAll(async () => {
    if (existsSync('/bin/busybox')) symlinkSync('/bin/busybox', ash);
    if (privateUsersObstacle() !== undefined) return;
    server = await startSshdWithUsers({
      config: [markSessions(mark)],
      users: table.map((row) => ({ name: userOf(row), shell: shells[row.shell], files: filesOf(row) })),
    });
  });
  afterAll(async () => {
    if (privateUsersObstacle() === undefined) await server.stop();
    rmSync(links, { recursive: true });
  });
  beforeEach(({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
  });
  afterEach(() => {
    watching?.monitor.stop();
    watching = undefined;
  });

  /** What our sessions run on the host, sshd left out. */
  const commands = (): string[] =>
    sessionProcesses(mark)
      .map(({ command }) => command)
      .filter((command) => !command.startsWith('sshd'));

  for (const row of table) {
    it(`${row.title}: is watched, and nothing stays behind`, async ({ skip }) => {
      const obstacle = obstacleOf(row);
      skip(obstacle !== undefined, obstacle);
      const watched = (watching = watch(sshTransport(server.optionsFor(userOf(row)))));
      await reach(watched, 'live', 20_000);
      await more(watched, 3);
      expect(watched.moments[0]?.sample.meminfo?.memTotalBytes).toBeGreaterThan(0);
      expect(kinds(watched)).toEqual(['connecting', 'live']);
      // The try that was lost to another shell has ended, and that shell with it.
      const { exec } = row;
      const lost = (): string[] => commands().filter((command) => exec && command === shells[exec]);
      await expect.poll(lost, { timeout: 10_000 }).toEqual([]);
      expect(commands().some((command) => command.includes('/dev/tty'))).toBe(row.swallows === true);

      watched.monitor.stop();
      await expect.poll(commands, { timeout: 10_000 }).toEqual([]);
    });
  }

  describe('that only a terminal reaches', () => {
    const row = table.find(({ exec, swallows }) => exec === 'fish' && swallows) ?? table[0];
    beforeEach(({ skip }) => {
      const obstacle = row ? obstacleOf(row) : 'there is no such row';
      skip(obstacle !== undefined, obstacle);
    });

    function attach(kernelLog: boolean): Watching {
      const user = row ? userOf(row) : '';
      return (watching = watch(sshTransport(server.optionsFor(user)), { kernelLog }));
    }

    it('the next connection knows what worked, and no history keeps what was typed', async () => {
      const watched = attach(false);
      await reach(watched, 'live', 20_000);
      server.sshd.signalSessions('SIGKILL');
      await reached(watched, 'reconnecting');
      await reach(watched, 'live', 20_000);
      await more(watched, 1);
      watched.monitor.stop();
      await expect.poll(commands, { timeout: 10_000 }).toEqual([]);
      const history = join(server.homeOf(row ? userOf(row) : ''), '.local/share/fish/fish_history');
      expect(existsSync(history) ? readFileSync(history, 'utf8') : '').not.toContain('stty');
    });
  });

  describe('that loses the commands it is given', () => {
    // csh is reached as fish is, in a terminal, and each of them takes 7 s.
    const losing = table.filter(({ shell, exec = 'csh' }) => shell === 'bash' && exec !== 'csh');
    for (const row of losing) {
      it(`${row.title}: commands run and read what is sent, the kernel log is tried, and nothing stays`, async ({
        skip,
      }) => {
        const obstacle = obstacleOf(row);
        skip(obstacle !== undefined, obstacle);
        const watched = (watching = watch(sshTransport(server.optionsFor(userOf(row))), {
          kernelLog: true,
          survey: true,
        }));
        await reach(watched, 'live', 20_000);
        await until(() => watched.kernelLogStates.length > 0);
        expect(['reading', 'denied']).toContain(watched.kernelLogStates[0]?.kind);
        const { connection } = watched.monitor;
        if (!connection) throw new Error('no connection');
        const command = 'IFS= read -r line; echo "$line $(id -un)"; exit 3';
        expect(await run(connection, command, 'sent to\n')).toMatchObject({
          out: `sent to ${userOf(row)}\n`,
          code: 3,
        });
        expect(watched.monitor.surveys).toBe(row.swallows !== true);
        watched.monitor.stop();
        await expect.poll(commands, { timeout: 10_000 }).toEqual([]);
      });
    }
  });
});

describe('a shell that never answers', () => {
  it('is tried in a terminal beside, and stop() ends both', async ({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
    const silent = await startSshdWithUsers({
      config: [markSessions(mark), 'ForceCommand exec sleep 30'],
      users: [{ name: 'silent' }],
    });
    const sleeping = (): number[] =>
      sessionProcesses(mark)
        .filter(({ command }) => command === 'sleep 30')
        .map(({ pid }) => pid);
    const watched = watch(sshTransport(silent.optionsFor('silent')));
    try {
      await until(() => sleeping().length === 2, 20_000);
      expect(kinds(watched)).toEqual(['connecting']);
      watched.monitor.stop();
      await until(() => silent.sshd.sessionPids().length === 0);
      expect(kinds(watched)).toEqual(['connecting', 'stopped']);
    } finally {
      watched.monitor.stop();
      await silent.stop();
      for (const pid of sleeping()) killIfAlive(pid); // no shell that could end by itself
    }
  });
});
