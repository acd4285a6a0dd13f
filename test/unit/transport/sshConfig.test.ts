import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/transport/hostName';
import { listHosts, resolveHost } from '../../../src/transport/sshConfig';
import { readConfigValues } from '../../../src/transport/sshConfigFile';
import { askSsh, parseSshG, withoutOldDefaults } from '../../../src/transport/sshProgram';
import { isDefaultIdentityFile, settingsFrom, type SshSettings } from '../../../src/transport/sshSettings';
import { hasProgram } from './programs';

let folder: string;
let configFile: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ssh-config-'));
  configFile = path.join(folder, 'config');
  mkdirSync(path.join(folder, 'more.d'));
  writeFileSync(
    configFile,
    `# first match wins
IdentityFile ~/.ssh/%r@%n
Include ${folder}/more.d/*.conf
Host web web.* !web.bad
  HostName %h.example.com
  User deploy
  Port 2222
  UserKnownHostsFile /k/one /k/two
Host hashed
  User "Jane Doe"
  UserKnownHostsFile /k/%C
  IdentityFile /k/%C
Host WEB
  Port 1
Host = quoted "other name"
  IdentityFile "/keys/with blank/id"
  IdentitiesOnly = yes
Host jump
  ProxyJump near,me@mid:33
  HostKeyAlias Alias
Host command
  ProxyCommand nc -X connect %h %p
Host strict
  StrictHostKeyChecking accept-new
  HashKnownHosts yes
  ConnectTimeout 7
  PasswordAuthentication no
  IdentityAgent none
Match originalhost matched user someone
  Port 77
Match host *.example.com
  ConnectTimeout 3
Match exec "touch ${folder}/ran"
  User from-exec
Host *
  User everybody
  Port 22
`,
  );
  writeFileSync(path.join(folder, 'more.d', 'a.conf'), 'Host included *.wild\n  Port 4444\n');
  writeFileSync(
    path.join(folder, 'more.d', 'b.conf'),
    `Host nested\n  Include ${folder}/more.d/c.nested\n  User after-include\n`,
  );
  writeFileSync(
    path.join(folder, 'more.d', 'c.nested'),
    'Host nested deep\n  Port 5555\nHost other-in-nested\n',
  );
  writeFileSync(path.join(folder, 'more.d', '.hidden.conf'), 'Host hidden\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const byFiles = async (name: string): Promise<SshSettings> =>
  settingsFrom(await readConfigValues(parseTarget(name), configFile), parseTarget(name));

describe('listHosts', () => {
  it('gives the names of the configuration in its order, following Include, without patterns', async () => {
    expect(await listHosts(configFile)).toEqual([
      'included',
      'nested',
      'deep',
      'other-in-nested',
      'web',
      'hashed',
      'WEB',
      'quoted',
      'jump',
      'command',
      'strict',
    ]);
  });

  it('a file that is not there is an error only where it was named', async () => {
    await expect(listHosts(path.join(folder, 'absent'))).rejects.toMatchObject({
      phase: 'config',
      remedy: 'user',
    });
    await expect(listHosts('none')).resolves.toEqual([]);
  });

  it('an Include that leads to a folder is passed over', async () => {
    const including = path.join(folder, 'including');
    writeFileSync(including, `Include ${folder}/more.d\nHost after\n`);
    expect(await listHosts(including)).toEqual(['after']);
    await expect(listHosts(path.join(folder, 'more.d'))).rejects.toMatchObject({ phase: 'config' });
  });

  it('a file that includes itself ends in an error', async () => {
    const endless = path.join(folder, 'endless');
    writeFileSync(endless, `Include ${endless}\n`);
    await expect(listHosts(endless)).rejects.toMatchObject({ phase: 'config', remedy: 'user' });
  });
});

describe('a configuration that is no plain file', () => {
  const { signal } = new AbortController();

  it.runIf(process.platform !== 'win32')('a named pipe is not waited for', async () => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const including = path.join(folder, 'including-pipe');
    writeFileSync(including, `Include ${pipe}\n`);
    for (const file of [pipe, including]) {
      await expect(listHosts(file)).rejects.toMatchObject({
        phase: 'config',
        remedy: 'user',
        message: `The SSH configuration ${pipe} cannot be used: it is no file.`,
      });
    }
  });

  it('is not read where it is larger than anybody writes', async () => {
    const huge = path.join(folder, 'huge');
    writeFileSync(huge, '');
    truncateSync(huge, 2 ** 30);
    await expect(listHosts(huge)).rejects.toThrow(/cannot be used: it is larger than 16 MiB/);
  });

  it('/dev/null is an empty one', async () => {
    await expect(listHosts('/dev/null')).resolves.toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('what ssh -G prints beyond all measure is an error', async () => {
    const program = path.join(folder, 'long-ssh');
    writeFileSync(program, '#!/bin/sh\necho stricthostkeychecking yes\nhead -c 2000000 /dev/zero\n');
    chmodSync(program, 0o700);
    const asked = askSsh(program, parseTarget('host'), { configFile: undefined, timeoutMs: 10_000, signal });
    await expect(asked).rejects.toMatchObject({
      phase: 'config',
      remedy: 'user',
      message: expect.stringContaining('prints more for host than any SSH configuration holds') as string,
    });
  });
});

describe('without an ssh program', () => {
  it('expands names, tokens and the home folder', async () => {
    expect(await byFiles('web')).toMatchObject({
      hostName: 'web.example.com',
      user: 'deploy',
      port: 2222,
      connectTimeoutMs: 3000,
      userKnownHostsFiles: ['/k/one', '/k/two'],
    });
    expect((await byFiles('web')).identityFiles[0]).toMatch(/^\/.*\/\.ssh\/deploy@web$/);
  });

  it('what was typed goes before what is configured', async () => {
    expect(await byFiles('me@web:7')).toMatchObject({ user: 'me', port: 7, hostName: 'web.example.com' });
  });

  it('a name that only the configuration makes dangerous is refused', async () => {
    const evil = path.join(folder, 'evil');
    writeFileSync(evil, 'Host a\n HostName -oProxyCommand=x\nHost b\n User x;id\n');
    for (const name of ['a', 'b']) {
      const values = await readConfigValues(parseTarget(name), evil);
      expect(() => settingsFrom(values, parseTarget(name))).toThrow(/cannot be used/);
    }
  });

  it('runs no Match exec, and tells so', async () => {
    const told: string[] = [];
    const values = await readConfigValues(parseTarget('anything'), configFile, (what) => told.push(what));
    expect(settingsFrom(values, parseTarget('anything')).user).toBe('everybody');
    expect(existsSync(path.join(folder, 'ran'))).toBe(false);
    expect(told).toEqual([expect.stringContaining(`"Match exec" in ${configFile} is not judged`)]);
  });

  it.each([
    ['Match final\n User other', '"Match final"'],
    ['Match host x canonical\n User other', undefined],
    ['CanonicalizeHostname yes', 'CanonicalizeHostname'],
    ['CanonicalizeHostname no', undefined],
  ])('what it cannot do is told where it matters: %s', async (text, what) => {
    const file = path.join(folder, 'beyond');
    writeFileSync(file, text);
    const told: string[] = [];
    await readConfigValues(parseTarget('host'), file, (line) => told.push(line));
    expect(told).toEqual(what === undefined ? [] : [expect.stringContaining(what)]);
  });

  it.each([
    ['Host a\n  User\n  Port 7', 2],
    ['Host a\n\n  User "me', 3],
  ])('a line that makes no sense is named, and swallows no other: %j', async (text, line) => {
    const file = path.join(folder, 'senseless');
    writeFileSync(file, text);
    await expect(readConfigValues(parseTarget('a'), file)).rejects.toMatchObject({
      phase: 'config',
      message: `The SSH configuration ${file} cannot be used: line ${line} is not understood.`,
    });
  });
});

it('lists of paths with blanks are put together again', () => {
  const values = parseSshG(
    'userknownhostsfile C:\\Users\\A B/.ssh/known_hosts ~/.ssh/x /y z\nidentityfile /a b\nidentityfile c\n',
  );
  expect(values.get('userknownhostsfile')).toEqual(['C:\\Users\\A B/.ssh/known_hosts', '~/.ssh/x', '/y z']);
  expect(values.get('identityfile')).toEqual(['/a b', 'c']);
});

it('paths with and without a blank that cannot be told apart are an error', () => {
  const read = (value: string) => () => parseSshG(`userknownhostsfile ${value}\n`).get('userknownhostsfile');
  // The last one: a file of the current folder, which is the project's.
  for (const value of ['a b', 'a b /c', '/absent/x package.json', '/absent/x y package.json']) {
    expect(read(value)).toThrow('It cannot be told which files the SSH configuration means');
  }
  expect(read('a')()).toEqual(['a']);
  expect(read('/x ./a ../b')()).toEqual(['/x', './a', '../b']);
  const blank = path.join(folder, 'with package.json');
  writeFileSync(blank, '');
  expect(read(`${blank} /y`)()).toEqual([blank, '/y']);
});

describe('%C and %j', () => {
  const settings = (more: readonly (readonly [string, string])[]): SshSettings =>
    settingsFrom(
      new Map([
        ['hostname', ['10.0.0.1']],
        ['port', ['7']],
        ['user', ['me']],
        ...more.map(([keyword, value]) => [keyword, [value]] as const),
      ]),
      parseTarget('host'),
    );
  const keywords = ['userknownhostsfile', 'identityfile'] as const;

  it.each(keywords)('%s: the hash of where the connection leads, and no jump', (keyword) => {
    const hash = createHash('sha1').update(`${hostname()}10.0.0.17me`).digest('hex');
    const { userKnownHostsFiles, identityFiles } = settings([[keyword, '/k/%C/x%j']]);
    expect(keyword === 'identityfile' ? identityFiles : userKnownHostsFiles).toEqual([`/k/${hash}/x`]);
  });

  it.each(keywords)('%s: refused with a ProxyJump', (keyword) => {
    for (const token of ['%C', '%j']) {
      const jumping = [
        ['proxyjump', 'near'],
        [keyword, `/k/${token}`],
      ] as const;
      expect(() => settings(jumping)).toThrow(`names a file by ${token}, which together with ProxyJump`);
    }
    expect(() =>
      settings([
        ['proxyjump', 'near'],
        [keyword, '/k/%%C'],
      ]),
    ).not.toThrow();
  });
});

it.each([
  // OpenSSH 8.2 where nothing is configured; OpenSSH 9 with +ssh-rsa; OpenSSH 9 with +ssh-rsa*
  ['rsa-sha2-256-cert-v01@openssh.com,ssh-rsa-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-256,ssh-rsa', false],
  ['rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-256,ssh-rsa', true],
  ['ssh-ed25519,rsa-sha2-256,ssh-rsa,ssh-rsa-cert-v01@openssh.com', true],
])('ssh-rsa of %s was asked for: %s', (printed, asked) => {
  const values = withoutOldDefaults(parseSshG(`hostkeyalgorithms ${printed}\nuser me\n`));
  expect(values.get('hostkeyalgorithms')?.[0]?.split(',').includes('ssh-rsa')).toBe(asked);
  expect(values.get('hostkeyalgorithms')?.[0]).toContain('ssh-ed25519,');
  expect(values.get('user')).toEqual(['me']);
});

it('only the names that ssh tries by itself are default identity files', () => {
  const home = userInfo().homedir;
  expect(isDefaultIdentityFile(path.join(home, '.ssh', 'id_ed25519'))).toBe(true);
  expect(isDefaultIdentityFile(path.join(home, '.ssh', 'id_work'))).toBe(false);
  expect(isDefaultIdentityFile('/elsewhere/.ssh/id_ed25519')).toBe(false);
});

it('RevokedHostKeys none is none', () => {
  const revoked = (value: string): string | undefined =>
    settingsFrom(new Map([['revokedhostkeys', [value]]]), parseTarget('host')).revokedHostKeys;
  expect(revoked('none')).toBeUndefined();
  expect(revoked('/etc/ssh/revoked')).toBe('/etc/ssh/revoked');
});

describe.runIf(hasProgram('ssh'))('beside ssh -G', () => {
  const names = [
    'web',
    'web.x',
    'web.bad',
    'me@web:99',
    'quoted',
    'jump',
    'command',
    'strict',
    'included',
    'x.wild',
    'hashed',
  ];
  const rest = ['nested', 'deep', 'someone@matched', 'matched', 'unheard-of'];

  it.each([...names, ...rest])('both ways agree on %s', async (name) => {
    // The one thing that must differ, Match exec, is left out here.
    const withoutExec = path.join(folder, 'without-exec');
    writeFileSync(withoutExec, readFileSync(configFile, 'utf8').replace(/Match exec.*\n.*\n/, ''));
    const target = parseTarget(name);
    const asked = await resolveHost(target, { configFile: withoutExec });
    const read = settingsFrom(await readConfigValues(target, withoutExec), target);
    // ssh prints its own lists of algorithms where none are configured.
    const lists = {
      ciphers: undefined,
      macs: undefined,
      keyExchanges: undefined,
      hostKeyAlgorithms: undefined,
    };
    const alias = read.hostKeyAlias?.toLowerCase();
    expect({ ...asked, ...lists }).toEqual({ ...read, ...lists, hostKeyAlias: alias });
  });

  it('a path of ssh that leads nowhere is an error, none at all falls back', async () => {
    const nowhere = resolveHost(parseTarget('web'), { configFile, sshPath: path.join(folder, 'no-ssh') });
    await expect(nowhere).rejects.toMatchObject({ phase: 'config', remedy: 'user' });
  });
});
