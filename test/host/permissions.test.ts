import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import type { PermissionAnswers } from '../../src/core/permissions/answers';
import { permissionsOf } from '../../src/core/permissions';
import { hostLimitsOf } from '../../src/core/permissions/hostLimits';
import type { Permission, PermissionId } from '../../src/core/permissions/permission';
import { KernelLog, type KernelLogState } from '../../src/monitor/kernelLog';
import { kernelLogSudoCommands, probePermissions } from '../../src/monitor/permissionProbe';
import type { Connection } from '../../src/transport/connection';
import {
  privateUsersObstacle,
  startSshdWithUsers,
  type PrivateUsersOptions,
  type PrivateUsersSshd,
} from './lab/privateUsers';
import { connect, run } from './transport/attaching';
import { until } from './lab/until';

interface Host {
  readonly server: PrivateUsersSshd;
  /** A socket that belongs to root and the group docker, and that nobody serves. */
  readonly docker: string;
  ask(user: string, sudo?: boolean): Promise<PermissionAnswers>;
  /** What that user is told of one thing. */
  row(user: string, id: PermissionId, sudo?: boolean): Promise<Permission>;
  /** Runs one line as the root of the server's namespace. */
  asRoot(line: string): void;
}

/** A server for all tests of a group. */
function hostWith(options: PrivateUsersOptions): () => Host {
  let host: (Host & { stop(): Promise<void> }) | undefined;
  beforeAll(async () => {
    if (privateUsersObstacle() === undefined) host = await startHost(options);
  });
  afterAll(() => host?.stop());
  beforeEach(({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
  });
  return () => {
    if (!host) throw new Error('no host');
    return host;
  };
}

async function startHost(options: PrivateUsersOptions): Promise<Host & { stop(): Promise<void> }> {
  const server = await startSshdWithUsers(options);
  const docker = server.sshd.file('docker.sock');
  const listening: Server = createServer();
  await new Promise<void>((resolve) => listening.listen(docker, resolve));
  chmodSync(docker, 0o660);
  chownSync(docker, 0, server.gidOf('docker'));
  const ask = (user: string, sudo = false): Promise<PermissionAnswers> =>
    onHost(server, user, (connection) => probePermissions(connection, { sudo, dockerSocket: docker }));
  return {
    server,
    docker,
    ask,
    row: async (user, id, sudo = false) => rowOf(id, await ask(user, sudo), docker, sudo),
    asRoot: (line) => {
      const args = ['--mount', '--target', String(server.sshd.pid), 'sh', '-c', line];
      execFileSync('nsenter', args, { cwd: '/', stdio: 'pipe' });
    },
    stop: async () => {
      listening.close();
      await server.stop();
    },
  };
}

async function onHost<T>(
  server: PrivateUsersSshd,
  user: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(server.optionsFor(user));
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

function rowOf(id: PermissionId, answers: PermissionAnswers, docker: string, sudo: boolean): Permission {
  const rows = permissionsOf(answers, {
    tools: { osrelease: undefined, pressure: undefined, memAvailable: undefined, ownClock: undefined },
    sudoAllowed: sudo,
    dockerSocket: docker,
    sudoCommands: kernelLogSudoCommands,
  });
  const row = rows.find((permission) => permission.id === id);
  if (!row) throw new Error(`no row ${id}`);
  return row;
}

const restricted = readText('/proc/sys/kernel/dmesg_restrict') === '1';
const hasSudo = findProgram('sudo') !== undefined;

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** A journal where systemd-journald keeps it, and a folder of root's Podman, in the namespace alone. */
const journalAndPodman = [
  'mount -t tmpfs -o mode=755 tmpfs /var/log',
  'mkdir -p /var/log/journal/0123; cd /var/log/journal/0123',
  'echo >system.journal; chmod 640 system.journal; chgrp systemd-journal system.journal; cd /',
  'mount -t tmpfs -o mode=755 tmpfs /run; mkdir -m 700 /run/podman; echo >/run/podman/podman.sock',
];

describe('what users with different rights may see', () => {
  const host = hostWith({
    users: [
      { name: 'root' },
      { name: 'plain' },
      { name: 'in-docker', groups: ['docker'] },
      { name: 'in-journal', groups: ['systemd-journal'] },
      { name: 'sudoer', groups: ['sudo'] },
      { name: 'asked', groups: ['sudo'] },
      { name: 'ALL' },
    ],
    sudoers: 'sudoer ALL=(root) NOPASSWD: ALL\nasked ALL=(root) PASSWD: ALL\n',
    prepare: journalAndPodman,
  });
  const journal = findProgram('journalctl') === undefined ? 'absent' : undefined;
  const sudo = hasSudo ? undefined : 'absent';
  const hidden = {
    complete: true,
    kmsg: restricted ? 'no' : 'yes',
    dmesgRestricted: restricted,
    journal: journal ?? 'no',
    processOne: 'yes',
    processMemory: 'no',
    processIo: 'no',
    docker: { access: 'no', group: 'docker' },
    podman: 'no',
    sudo: sudo ?? 'untried',
  };

  it('root: everything', async () => {
    expect(await host().ask('root')).toMatchObject({
      complete: true,
      user: { uid: 0, name: 'root', group: 'root' },
      kmsg: 'yes',
      journal: journal ?? 'yes',
      processOne: 'own',
      processMemory: 'yes',
      processIo: 'yes',
      docker: { access: 'yes' },
      sudo: 'root',
    });
  });

  it('a plain user: no more than everybody', async () => {
    const user = { uid: host().server.uidOf('plain'), name: 'plain', group: 'plain' };
    expect(await host().ask('plain')).toMatchObject({ user, ...hidden });
  });

  it('a member of the group docker: its socket', async () => {
    expect(await host().ask('in-docker')).toMatchObject({ ...hidden, docker: { access: 'yes' } });
  });

  it('a member of the group systemd-journal: the journal', async () => {
    expect(await host().ask('in-journal')).toMatchObject({ ...hidden, journal: journal ?? 'yes' });
  });

  it('a user of the group sudo: whether sudo wants a password', async () => {
    expect(await host().ask('sudoer')).toMatchObject({ ...hidden, sudo: sudo ?? 'yes' });
    expect(await host().ask('asked')).toMatchObject({ ...hidden, sudo: sudo ?? 'password' });
  });

  it('a user who is not in sudoers: sudo is asked only where it was allowed', async ({ skip }) => {
    skip(!hasSudo, 'sudo is not installed');
    expect((await host().ask('plain')).sudo).toBe('untried');
    // Debian's sudo asks for the password first and only then looks whether it was worth asking.
    expect((await host().ask('plain', true)).sudo).toMatch(/^(password|not-allowed)$/);
  });

  it('a name that is more than a name stays out of every line', async () => {
    const answers = await host().ask('ALL');
    expect(answers.user).toEqual({ uid: host().server.uidOf('ALL') });
    const [remedy] = (await host().row('ALL', 'docker')).remedies;
    if (answers.packageManager === 'apt-get') expect(remedy?.line).toBe('sudo usermod -aG docker YOUR_USER');
    expect(JSON.stringify(remedy)).not.toMatch(/\bALL\b/);
  });
});

describe('the line that is told', () => {
  const host = hostWith({
    users: [{ name: 'root' }, { name: 'plain' }, { name: 'second' }],
    sudoers: '',
    // usermod replaces files of /etc, which it cannot where each of them is a mount.
    prepare: [
      'mount -t tmpfs tmpfs /mnt; cp -a /etc /mnt; mount --bind /mnt/etc /etc',
      'mount -t proc -o hidepid=2 proc /proc',
      ...journalAndPodman,
    ],
  });

  beforeEach(({ skip }) => {
    skip(!hasSudo, 'sudo is not installed');
    skip(findProgram('usermod') === undefined, 'there is no usermod');
  });

  /** What there is to do about `id`, done; then the state of that. */
  async function afterRemedy(id: PermissionId, which: number, user = 'plain'): Promise<Permission['state']> {
    const before = await host().row(user, id);
    expect(before.state).toBe('no');
    host().asRoot(before.remedies[which]?.line ?? 'false');
    return (await host().row(user, id)).state;
  }

  it('opens the journal, and with it the kernel log', async ({ skip }) => {
    skip(findProgram('journalctl') === undefined, 'there is no journalctl');
    skip(!restricted, 'everybody may read the kernel log here');
    expect((await host().row('plain', 'kernel-log')).remedies[0]?.line).toBe(
      'sudo usermod -aG systemd-journal plain',
    );
    expect(await afterRemedy('journal', 0)).toBe('yes');
    expect(await host().row('plain', 'kernel-log')).toMatchObject({
      state: 'yes',
      why: { text: 'Read from the system journal.' },
    });
  });

  it('opens Docker', async () => {
    expect(await afterRemedy('docker', 0)).toBe('yes');
  });

  it('opens Podman', async () => {
    host().asRoot(
      'rm /run/podman/podman.sock; cd /run/podman; ' +
        'perl -MIO::Socket::UNIX -e \'IO::Socket::UNIX->new(Local => "podman.sock", Listen => 1)\'',
    );
    expect(await afterRemedy('podman', 0)).toBe('yes');
  });

  it('shows the processes to one user, and then to all', async () => {
    expect(await host().row('second', 'other-processes')).toMatchObject({
      why: { text: '/proc is mounted with hidepid={0}: only your own processes are shown.', args: ['2'] },
    });
    expect(await afterRemedy('other-processes', 0)).toBe('yes');
    expect((await host().row('second', 'other-processes')).state).toBe('no');
    // Now that the mount names a group, that group is told.
    const { remedies } = await host().row('second', 'other-processes');
    expect(remedies[0]?.line).toMatch(/^sudo usermod -aG "\$\(getent group \d+ \| cut -d: -f1\)" second$/);
    expect(await afterRemedy('other-processes', 0, 'second')).toBe('yes');
  });

  it('adds psi=1 once, however often it is run', async ({ skip }) => {
    const answers = await host().ask('plain');
    skip(answers.packageManager !== 'apt-get', 'not of the family of Debian');
    const [pressure] = hostLimitsOf(
      { osrelease: '6.1.0-50-amd64', pressure: false, memAvailable: undefined, ownClock: undefined },
      { ...answers, container: false },
    );
    // The machine's own update-grub stays out of it: /usr/local/sbin comes first in the path of sudo.
    host().asRoot(
      'mount -t tmpfs tmpfs /usr/local/sbin; cd /usr/local/sbin; ' +
        `printf '#!/bin/sh\\necho updated >>/mnt/updated\\n' >update-grub; chmod 755 update-grub; ` +
        `mkdir -p /etc/default; echo 'GRUB_CMDLINE_LINUX="quiet"' >/etc/default/grub`,
    );
    for (let time = 0; time < 2; time += 1) host().asRoot(pressure?.remedies[0]?.line ?? 'false');
    const ofHost = (path: string): string | undefined =>
      readText(`/proc/${host().server.sshd.pid}/root${path}`);
    expect(ofHost('/etc/default/grub')).toBe('GRUB_CMDLINE_LINUX="psi=1 quiet"');
    expect(ofHost('/mnt/updated')).toBe('updated\nupdated');
  });

  it('lets sudo do what is done here with it, and nothing else', async ({ skip }) => {
    skip(!restricted, 'everybody may read the kernel log here');
    const { server } = host();
    const [remedy] = (await host().row('second', 'sudo', true)).remedies;
    host().asRoot(remedy?.line ?? 'false');
    expect(readText('/etc/sudoers.d/remote-memory')).toBeUndefined();
    expect((await host().row('second', 'sudo', true)).state).toBe('yes');
    expect((await host().row('second', 'kernel-log', true)).why.text).toBe('Read with sudo.');
    await onHost(server, 'second', async (connection) => {
      const states: KernelLogState[] = [];
      const onState = (state: KernelLogState): void => void states.push(state);
      const log = await KernelLog.open(connection, { sudo: true, onLine: () => undefined, onState });
      await until(() => states.length > 0);
      expect(states).toEqual([{ kind: 'reading', from: 'kmsg' }]);
      log.close();
      const { dockerProgram } = await host().ask('second');
      if (dockerProgram !== undefined) {
        const dial = `docker -H unix://${host().docker} system dial-stdio`;
        expect(await run(connection, `sudo -n -l ${dial}`)).toMatchObject({ code: 0 });
      }
      for (const other of ['id', 'cat /dev/kmsg', "sh -c 'echo log'", 'true and more']) {
        expect(await run(connection, `sudo -n ${other}`)).toMatchObject({ code: 1, out: '' });
      }
    });
  });
});

describe('the question', () => {
  const shells = ['/bin/bash', '/usr/bin/zsh', '/usr/bin/fish', '/usr/bin/csh'].filter((shell) =>
    existsSync(shell),
  );
  const replacements = ['fish', 'zsh', 'csh'].filter((shell) => findProgram(shell) !== undefined);
  const nameOf = (shell: string): string => `with${shell.replaceAll('/', '-')}`;
  const host = hostWith({
    users: [
      { name: 'plain' },
      { name: 'noisy', shell: '/bin/bash', files: { '.bashrc': 'echo welcome; printf "no line feed"' } },
      ...replacements.map((shell) => ({
        name: `other-${shell}`,
        shell: '/bin/bash',
        files: { '.bashrc': `exec ${shell}` },
      })),
      ...shells.map((shell) => ({ name: nameOf(shell), shell })),
    ],
  });

  it.each(shells)('is understood where %s is the login shell', async (shell) => {
    const { user, ...expected } = await host().ask('plain');
    expect(user?.name).toBe('plain');
    expect(await host().ask(nameOf(shell))).toMatchObject({ ...expected, user: { name: nameOf(shell) } });
  });

  it.each(replacements)('is understood where .bashrc puts %s in the place of bash', async (shell) => {
    const { user, ...expected } = await host().ask('plain');
    expect(user?.name).toBe('plain');
    expect(await host().ask(`other-${shell}`)).toMatchObject(expected);
  });

  it('is understood where the login prints something', async () => {
    const { user, ...expected } = await host().ask('plain');
    expect(user?.name).toBe('plain');
    expect(await host().ask('noisy')).toMatchObject(expected);
  });
});

describe.each(['busybox', 'bash', 'dash'])('where sh is %s', (shell) => {
  const program = findProgram(shell);
  const host = hostWith({
    users: [{ name: 'plain' }, { name: 'in-docker', groups: ['docker'] }],
    prepare: program === undefined ? [] : [`mount --bind ${program} "$(readlink -f /bin/sh)"`],
  });
  beforeEach(({ skip }) => skip(program === undefined, `there is no ${shell}`));

  it('the answers are the same', async () => {
    expect(await host().ask('plain')).toMatchObject({
      user: { name: 'plain', group: 'plain' },
      kmsg: restricted ? 'no' : 'yes',
      dmesgRestricted: restricted,
      processOne: 'yes',
      processMemory: 'no',
      processIo: 'no',
      complete: true,
      docker: { access: 'no', group: 'docker' },
      podman: 'absent',
      sudo: hasSudo ? 'untried' : 'absent',
    });
    expect(await host().ask('in-docker')).toMatchObject({ docker: { access: 'yes' } });
  });
});
