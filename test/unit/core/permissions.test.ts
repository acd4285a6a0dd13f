import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionsOf } from '../../../src/core/permissions';
import {
  permissionAnswersOf,
  type PackageManager,
  type PermissionAnswers,
} from '../../../src/core/permissions/answers';
import { hostToolsOf, type HostTools } from '../../../src/core/permissions/hostTools';
import {
  permissionTitles,
  type Permission,
  type PermissionContext,
  type PermissionId,
} from '../../../src/core/permissions/permission';
import { sampleOf } from '../../../src/core/sample';
import { installSudoersLine, sudoersLine } from '../../../src/core/permissions/sudoers';

const good: HostTools = { osrelease: '6.1.0-50-amd64', pressure: true, memAvailable: 'yes', ownClock: true };
const context: PermissionContext = {
  tools: good,
  sudoAllowed: false,
  dockerSocket: '/var/run/docker.sock',
  sudoCommands: [{ program: '/bin/true', args: [] }],
};
const dev = { uid: 1000, name: 'dev', group: 'dev' };
const debian = { user: dev, packageManager: 'apt-get' } as const;

function row(
  id: PermissionId,
  answers: Partial<PermissionAnswers>,
  more: Partial<PermissionContext> = {},
): Permission {
  const found = permissionsOf({ complete: true, ...answers }, { ...context, ...more }).find(
    (permission) => permission.id === id,
  );
  if (!found) throw new Error(`no row ${id}`);
  return found;
}

const linesOf = ({ remedies }: Permission): (string | undefined)[] => remedies.map(({ line }) => line);

describe('the answers of a host', () => {
  it('are read from the lines with the mark, among the noise of a login', () => {
    const text = `Welcome to oomlab
kmsg yes
@m id uid=1000(dev) gid=1000(dev) groups=1000(dev),27(sudo),102(docker)
@m kmsg no
@m dmesg-restrict 1
@m journal no
@m process-one no
@m proc-mount rw,nosuid,relatime,gid=27,hidepid=invisible
@m process-memory no
@m process-io no
@m capabilities 0000000000000000
@m docker no
@m docker-listing srw-rw---- 1 root docker 0 Nov 22 21:42 /var/run/docker.sock
@m rootless-docker absent
@m docker-program /usr/bin/docker
@m podman absent
@m rootless-podman yes
@m podman-program yes
@m sudo no
@m sudo-says sudo: a password is required
@m packages apt-get
@m container no
@m end yes
`;
    expect(permissionAnswersOf(text, '@m')).toEqual({
      complete: true,
      user: { uid: 1000, name: 'dev', group: 'dev' },
      kmsg: 'no',
      dmesgRestricted: true,
      journal: 'no',
      processOne: 'no',
      procMount: { hidepid: '2', gid: 27 },
      processMemory: 'no',
      processIo: 'no',
      docker: { access: 'no', group: 'docker' },
      rootlessDocker: false,
      dockerProgram: '/usr/bin/docker',
      podman: 'absent',
      rootlessPodman: true,
      podmanInstalled: true,
      sudo: 'password',
      packageManager: 'apt-get',
      container: false,
    } satisfies PermissionAnswers);
    const cut = text.slice(0, text.indexOf('@m packages'));
    expect(permissionAnswersOf(cut, '@m')).toMatchObject({ complete: false, sudo: 'password' });
  });

  it.each([
    ['sudo: a password is required', 'password'],
    ['sudo: sorry, you must have a tty to run sudo', 'needs-terminal'],
    ['Sorry, user dev may not run sudo on oomlab.', 'not-allowed'],
    ['dev is not in the sudoers file.', 'not-allowed'],
  ])('tell apart why sudo refuses: %s', (says, expected) => {
    expect(permissionAnswersOf(`@m sudo no\n@m sudo-says ${says}\n`, '@m').sudo).toBe(expected);
  });

  it('know the root that may look into every process, though not into the first', () => {
    const closed = '@m process-io no\n@m process-memory absent\n';
    expect(permissionAnswersOf(`${closed}@m capabilities 000001ffffffffff\n`, '@m')).toEqual({
      complete: false,
      processIo: 'yes',
      processMemory: 'absent',
    });
    // The root of a container that Docker starts has no CAP_SYS_PTRACE.
    expect(permissionAnswersOf(`${closed}@m capabilities 00000000a80425fb\n`, '@m').processIo).toBe('no');
  });

  it('leave out a name, group or path that is more than that', () => {
    for (const name of ['x;reboot', '$(reboot)', 'a b', '-rf', 'ALL', '%sudo', "o'neill", 'CORP\\dev', '']) {
      const { user } = permissionAnswersOf(`@m id uid=1000(${name}) gid=1(${name}) groups=1(x)\n`, '@m');
      expect(user).toEqual({ uid: 1000 });
    }
    for (const program of [
      '/home/dev/bin/docker',
      '/usr/bin/',
      '/usr/bin/docker;id',
      'docker',
      '/tmp/docker',
    ]) {
      expect(permissionAnswersOf(`@m docker-program ${program}\n`, '@m')).toEqual({ complete: false });
    }
  });

  it('may be anything', () => {
    const keys = [
      'id',
      'kmsg',
      'proc-mount',
      'docker',
      'docker-listing',
      'docker-program',
      'sudo',
      'sudo-says',
    ];
    const line = fc.tuple(
      fc.constantFrom(...keys, 'process-io', 'capabilities'),
      fc.string({ unit: 'binary' }),
    );
    const plain = /^[\w $%&'"()*+,\-./:;<=>?@[\]^`{|}~!#\\’]*$/;
    fc.assert(
      fc.property(fc.array(line), fc.string({ unit: 'binary' }), (lines, noise) => {
        const text = lines.map(([key, value]) => `@m ${key} ${value}`).join('\n');
        for (const { remedies, why } of permissionsOf(
          permissionAnswersOf(`${noise}\n${text}`, '@m'),
          context,
        )) {
          for (const { line = '' } of remedies) expect(line).toMatch(plain);
          expect((why.args ?? []).join(' ')).toMatch(plain);
        }
      }),
    );
  });
});

describe('what can be seen', () => {
  it('has a row for everything, in one order, also where nothing was answered', () => {
    const rows = permissionsOf(
      { complete: false },
      { ...context, tools: hostToolsOf(undefined, undefined, undefined) },
    );
    expect(rows.map(({ id }) => id)).toEqual(Object.keys(permissionTitles));
    expect(rows.map(({ state }) => state)).toEqual(rows.map(() => 'unknown'));
    expect(rows.flatMap(linesOf)).toEqual([]);
  });

  it('is everything for root', () => {
    const answers: PermissionAnswers = {
      complete: true,
      user: { uid: 0, name: 'root', group: 'root' },
      kmsg: 'yes',
      journal: 'yes',
      processOne: 'own',
      processMemory: 'yes',
      processIo: 'yes',
      docker: { access: 'yes' },
      podman: 'yes',
      sudo: 'root',
    };
    expect(permissionsOf(answers, context).map(({ state }) => state)).toEqual(
      Object.keys(permissionTitles).map(() => 'yes'),
    );
  });

  it('is the kernel log by whichever way there is', () => {
    const denied = { ...debian, kmsg: 'no', journal: 'no', dmesgRestricted: true } as const;
    expect(linesOf(row('kernel-log', denied))).toEqual([
      'sudo usermod -aG systemd-journal dev',
      'sudo sysctl -w kernel.dmesg_restrict=0',
    ]);
    expect(row('kernel-log', { ...denied, kmsg: 'yes' }).state).toBe('yes');
    expect(row('kernel-log', { ...denied, journal: 'yes' }).state).toBe('yes');
    expect(row('kernel-log', { ...denied, sudo: 'yes' }).state).toBe('no');
    expect(row('kernel-log', { ...denied, sudo: 'yes' }, { sudoAllowed: true }).state).toBe('yes');
    expect(linesOf(row('kernel-log', { kmsg: 'no', journal: 'absent', dmesgRestricted: false }))).toEqual([
      'sudo chmod o+r /dev/kmsg',
    ]);
    expect(row('kernel-log', { kmsg: 'absent', journal: 'absent' })).toMatchObject({
      state: 'absent',
      remedies: [],
    });
  });

  it('is other processes unless /proc hides them', () => {
    const hidden = { ...debian, processOne: 'no', processIo: 'no', processMemory: 'no' } as const;
    expect(linesOf(row('other-processes', { ...hidden, procMount: { hidepid: '2' } }))).toEqual([
      'sudo groupadd -f seeproc && sudo usermod -aG seeproc dev && ' +
        'sudo mount -o "remount,hidepid=2,gid=$(getent group seeproc | cut -d: -f3)" /proc',
      'sudo mount -o remount,hidepid=0 /proc',
    ]);
    expect(linesOf(row('other-processes', { ...hidden, procMount: { hidepid: '1', gid: 27 } }))[0]).toBe(
      'sudo usermod -aG "$(getent group 27 | cut -d: -f1)" dev',
    );
    expect(row('other-processes', hidden)).toMatchObject({ state: 'no', remedies: [] });
  });

  it('is not other processes for any group where the kernel asks for the right to trace', () => {
    const hidden = { ...debian, processOne: 'no', procMount: { hidepid: '4', gid: 27 } } as const;
    expect(linesOf(row('other-processes', hidden))).toEqual([
      'sudo groupadd -f seeproc && sudo usermod -aG seeproc dev && ' +
        'sudo mount -o "remount,hidepid=2,gid=$(getent group seeproc | cut -d: -f3)" /proc',
      'sudo mount -o remount,hidepid=0 /proc',
    ]);
  });

  it('is the files of other processes for root alone, and no line gives away a way to be root', () => {
    for (const id of ['process-io', 'process-memory'] as const) {
      const closed = row(id, { ...debian, processOne: 'yes', processIo: 'no', processMemory: 'no' });
      expect(closed.state).toBe('no');
      expect(closed.remedies).toEqual([
        { means: { text: expect.stringContaining('attach as root') as string } },
      ]);
    }
  });

  it('names the programs that the host has for its accounts, and none where that is not known', () => {
    const lines = (packageManager: PackageManager | undefined): (string | undefined)[] => {
      const answers = {
        user: dev,
        ...(packageManager && { packageManager }),
        journal: 'no',
        docker: { access: 'no', group: 'root' },
        processOne: 'no',
        procMount: { hidepid: '2', gid: 27 },
      } as const;
      const ids = ['journal', 'docker', 'other-processes'] as const;
      return ids.map((id) => row(id, answers).remedies[0]?.line);
    };
    const withShadow = [
      'sudo usermod -aG systemd-journal dev',
      'sudo groupadd -f docker && sudo chgrp docker /var/run/docker.sock && sudo usermod -aG docker dev',
      'sudo usermod -aG "$(getent group 27 | cut -d: -f1)" dev',
    ];
    for (const known of ['apt-get', 'dnf', 'yum', 'zypper', 'pacman'] as const) {
      expect(lines(known)).toEqual(withShadow);
    }
    expect(lines('apk')).toEqual([
      'sudo adduser dev systemd-journal',
      '{ getent group docker >/dev/null || sudo addgroup -S docker; } && sudo chgrp docker /var/run/docker.sock && ' +
        'sudo adduser dev docker',
      'sudo adduser dev "$(getent group 27 | cut -d: -f1)"',
    ]);
    expect(lines('opkg')).toEqual([undefined, undefined, undefined]);
    expect(lines(undefined)).toEqual([undefined, undefined, undefined]);
  });

  it('is not what an account without others would show', () => {
    const alone = { user: dev, processOne: 'own', processIo: 'yes' } as const;
    expect(row('other-processes', alone).state).toBe('unknown');
    expect(row('process-io', alone).state).toBe('unknown');
  });

  it('is Docker for the group of its socket, and never for a group that gives more', () => {
    const closed = (group: string): Partial<PermissionAnswers> => ({
      ...debian,
      docker: { access: 'no', group },
    });
    expect(linesOf(row('docker', closed('dockerroot')))).toEqual(['sudo usermod -aG dockerroot dev']);
    for (const group of ['root', 'wheel', 'sudo']) {
      expect(linesOf(row('docker', closed(group)))).toEqual([
        'sudo groupadd -f docker && sudo chgrp docker /var/run/docker.sock && sudo usermod -aG docker dev',
      ]);
    }
    expect(linesOf(row('docker', closed('docker'), { dockerSocket: '/tmp/$(id)' }))).toEqual([]);
    expect(row('docker', closed('docker')).remedies[0]?.means.text).toContain('equals the rights of root');
  });

  it('says which socket to name where Docker or Podman run for the user alone', () => {
    const ownDocker = { user: dev, docker: { access: 'absent' }, rootlessDocker: true } as const;
    expect(row('docker', ownDocker)).toMatchObject({
      state: 'yes',
      why: { args: ['/run/user/1000/docker.sock'] },
    });
    // A setting that was changed names the only socket that is tried.
    expect(row('docker', ownDocker, { dockerSocket: '/run/mine.sock' })).toMatchObject({
      state: 'no',
      why: { args: ['remoteMemory.docker.socketPath', '/run/user/1000/docker.sock'] },
    });
    const podman = row('podman', { user: dev, podman: 'absent', rootlessPodman: true });
    expect(podman.state).toBe('yes');
    expect(podman.why.args).toContain('/run/user/1000/podman/podman.sock');
    expect(linesOf(row('podman', { podman: 'absent', podmanInstalled: true }))).toEqual([
      'systemctl --user enable --now podman.socket',
    ]);
    expect(linesOf(row('podman', { user: dev, podman: 'no' }))[0]).toContain('sudo chgrp dev /run/podman ');
  });

  it('leaves a placeholder where the host gave no fit name', () => {
    const answers: Partial<PermissionAnswers> = {
      packageManager: 'apt-get',
      kmsg: 'no',
      journal: 'no',
      docker: { access: 'no', group: 'docker' },
    };
    expect(linesOf(row('journal', answers))).toEqual(['sudo usermod -aG systemd-journal YOUR_USER']);
    expect(linesOf(row('docker', answers))).toEqual(['sudo usermod -aG docker YOUR_USER']);
  });

  it('is what sudo may do, in one rule', () => {
    const answers: Partial<PermissionAnswers> = {
      user: dev,
      sudo: 'password',
      docker: { access: 'no', group: 'docker' },
      dockerProgram: '/usr/bin/docker',
    };
    expect(row('sudo', answers).state).toBe('no');
    expect(linesOf(row('sudo', answers))[0]).toContain(
      `'dev ALL=(root) NOPASSWD: /bin/true "", /usr/bin/docker -H unix\\:///var/run/docker.sock system dial-stdio'`,
    );
    expect(row('sudo', answers).remedies[0]?.means.text).toContain('no shell of root’s');
    const allowed = { sudoAllowed: true, rootObstacle: 'not allowed' };
    expect(row('sudo', { sudo: 'yes' }, allowed).why.text).toContain('does not give a shell of root’s');
    expect(row('sudo', { sudo: 'yes' }, { sudoAllowed: true }).why.text).not.toContain('shell');
    expect(row('sudo', { sudo: 'untried' }).state).toBe('unknown');
    expect(row('sudo', { sudo: 'absent' })).toMatchObject({ state: 'absent', remedies: [] });
  });

  const grubby = 'sudo grubby --update-kernel=ALL --args="psi=1"';
  const updateGrub =
    `grep -q '^GRUB_CMDLINE_LINUX.*psi=1' /etc/default/grub || ` +
    `sudo sed -i 's/^GRUB_CMDLINE_LINUX="/&psi=1 /' /etc/default/grub && sudo update-grub`;

  it.each([
    ['4.18.0-553.el8_10.x86_64', 'dnf', 'no', [grubby]],
    ['5.14.0-427.13.1.el9_4.x86_64', 'yum', 'no', [grubby]],
    ['5.14.0-427.13.1.el9_4.x86_64', undefined, 'no', [undefined]],
    ['6.1.79-99.164.amzn2023.x86_64', 'dnf', 'no', [grubby]],
    ['5.10.0-28-amd64', 'apt-get', 'no', [updateGrub]],
    ['6.6.0-0-lts', 'apk', 'no', [undefined]],
    ['6.9.1-arch1-1', 'pacman', 'no', [undefined]],
    ['5.15.150', 'opkg', 'no', [undefined]],
    ['5.10.0-28-amd64', undefined, 'no', [undefined]],
    ['4.19.0-26-amd64', 'apt-get', 'absent', []],
    ['3.10.0-1160.el7.x86_64', 'yum', 'absent', []],
  ] as const)('is the pressure on %s with %s: %s', (osrelease, packageManager, state, lines) => {
    const tools: HostTools = { ...good, osrelease, pressure: false };
    const answers = packageManager ? { packageManager } : {};
    const pressure = row('pressure', answers, { tools });
    expect(pressure.state).toBe(state);
    expect(linesOf(pressure)).toEqual(lines);
    expect(row('pressure', { ...answers, container: true }, { tools })).toMatchObject({
      state,
      remedies: [],
    });
  });

  it('is what the tools of the host allow', () => {
    const tools: HostTools = { ...good, memAvailable: 'no', ownClock: false };
    expect(row('mem-available', {}, { tools }).state).toBe('absent');
    expect(linesOf(row('own-clock', { packageManager: 'apk' }, { tools }))).toEqual(['sudo apk add bash']);
    expect(linesOf(row('own-clock', {}, { tools }))).toEqual([undefined]);
  });

  it('tells a MemAvailable that was refused from one that the kernel lacks', () => {
    const rowOf = (meminfo: string): Permission => {
      const sample = sampleOf({
        bootId: 'boot',
        seq: 1,
        clock: 'asked',
        hostUptimeMs: 0,
        askedAtMs: 0,
        receivedAtMs: 0,
        text: { 'proc/meminfo': meminfo },
        unreadable: [],
      });
      return row('mem-available', {}, { tools: hostToolsOf(sample, undefined, undefined) });
    };
    const lines = 'MemTotal: 1000 kB\nMemFree: 500 kB\n';
    expect(rowOf(`${lines}MemAvailable: 700 kB\n`).state).toBe('yes');
    const refused = rowOf(`${lines}MemAvailable: -3 kB\n`);
    expect(refused.state).toBe('no');
    expect(refused.why.text).toContain('a value that cannot be');
    // Another line was refused: that says nothing about this one.
    for (const more of ['', 'Cached: -3 kB\n']) {
      expect(rowOf(lines + more)).toMatchObject({ state: 'absent', remedies: [] });
    }
  });

  it('fills every place in its words', () => {
    const access = fc.constantFrom('yes' as const, 'no' as const, 'absent' as const);
    const answers = fc.record(
      {
        user: fc.constantFrom(dev, { uid: 0, name: 'root', group: 'root' }, { uid: 5 }),
        kmsg: access,
        journal: access,
        dmesgRestricted: fc.boolean(),
        processOne: fc.constantFrom('yes' as const, 'own' as const, 'no' as const),
        procMount: fc.constantFrom({}, { hidepid: '2' }, { hidepid: '1', gid: 3 }, { hidepid: '4' }),
        packageManager: fc.constantFrom('apt-get' as const, 'apk' as const, 'opkg' as const),
        processMemory: access,
        processIo: access,
        docker: fc.record({ access, group: fc.constantFrom('docker', 'root', 'wheel') }),
        rootlessDocker: fc.boolean(),
        podman: access,
        rootlessPodman: fc.boolean(),
        podmanInstalled: fc.boolean(),
        sudo: fc.constantFrom(
          'root',
          'yes',
          'password',
          'not-allowed',
          'needs-terminal',
          'untried',
          'absent',
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(answers, fc.boolean(), (some, sudoAllowed) => {
        for (const { why, remedies } of permissionsOf(
          { complete: true, ...some },
          {
            ...context,
            sudoAllowed,
          },
        )) {
          for (const { text, args = [] } of [why, ...remedies.map(({ means }) => means)]) {
            const places = new Set([...text.matchAll(/\{(\d)\}/g)].map(([, place]) => Number(place)));
            expect([...places].sort()).toEqual(args.map((_, place) => place));
          }
        }
      }),
    );
  });
});

describe('a rule for sudo', () => {
  it('escapes what sudo would take for more than a letter', () => {
    const args = ['-c', 'a=1, b:2 * [x]? \\ # $!'];
    expect(sudoersLine('dev', [{ program: '/bin/sh', args }])).toBe(
      'dev ALL=(root) NOPASSWD: /bin/sh -c a\\=1\\, b\\:2 \\* \\[x\\]\\? \\\\ \\# $!',
    );
  });

  it('refuses what does not fit on one line', () => {
    for (const argument of ['a\nb', 'a\tb', 'two  blanks', 'ä']) {
      expect(() => sudoersLine('dev', [{ program: '/bin/sh', args: [argument] }])).toThrow('not for sudoers');
    }
  });

  it('is installed only if sudo finds nothing wrong in it', () => {
    expect(installSudoersLine("it's")).toBe(
      `printf '%s\\n' 'it'"'"'s' | sudo sh -c 'cd /etc/sudoers.d && umask 0337 && cat >new~ && visudo -cf new~ && mv -f new~ remote-memory'`,
    );
  });
});
