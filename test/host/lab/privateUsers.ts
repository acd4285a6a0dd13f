import { existsSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync, chownSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { start, type Running } from '../../../scripts/processes.mjs';
import { freePort, Sshd, sshdPath } from '../../../scripts/sshd.mjs';
import type { SshOptions } from '../../../src/transport/ssh';
import { trust } from './trust';
import { until } from './until';
import { mountNamespaceObstacle } from './mountNamespace';

/** A user that exists only for one server. `root` may be one: then its shell, home and groups are replaced. */
export interface PrivateUser {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** Absolute path of the login shell; default `/bin/sh`. */
  readonly shell?: string;
  /** Further groups by name; one that this machine does not have is made. */
  readonly groups?: readonly string[];
  /** Text by path below the home folder, e.g. `{ '.bashrc': 'exec fish' }`. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface PrivateUsersOptions {
  readonly users: readonly PrivateUser[];
  /** What stands in /etc/sudoers.d, in place of what this machine has there; nothing where sudo is not installed. */
  readonly sudoers?: string;
  /** Lines of `sh` that root runs in the namespace before the server starts, e.g. a `mount`. */
  readonly prepare?: readonly string[];
  /** Lines of sshd_config that go before ours. */
  readonly config?: readonly string[];
  /** Lines that go after them: blocks of `Match`. */
  readonly matches?: readonly string[];
}

/** Why there can be no users of one's own here, in words; undefined where there can. */
export function privateUsersObstacle(): string | undefined {
  return existsSync(sshdPath) ? mountNamespaceObstacle() : `there is no ${sshdPath}`;
}

/**
 * Starts an sshd with users of its own, in a mount namespace where the account files are copies: nothing of this
 * machine's /etc is changed. Needs {@link privateUsersObstacle} to be undefined. `stop()` it at the end.
 */
export async function startSshdWithUsers(options: PrivateUsersOptions): Promise<PrivateUsersSshd> {
  const server = new PrivateUsersSshd(options, new Sshd({}, await freePort()));
  await server.start();
  return server;
}

const firstId = 52_000;
const etcFiles = ['passwd', 'group', 'shadow'] as const;

/** A server with users of its own; all of them log in with the same key. */
export class PrivateUsersSshd {
  private running: Running | undefined;
  private readonly accounts: Accounts;

  /** Use {@link startSshdWithUsers}. @param sshd keys, folder, log and the signals to the server's processes. */
  constructor(
    private readonly options: PrivateUsersOptions,
    readonly sshd: Sshd,
  ) {
    this.accounts = accountsOf(options.users, (name) => this.homeOf(name));
  }

  /** What `sshTransport` and `connect` take to log in as that user; the host key is known. */
  optionsFor(name: string): SshOptions {
    return { target: name, configFile: this.sshd.file('ssh_config') };
  }

  /** The home folder of a user, as this machine and the server see it. */
  homeOf(name: string): string {
    return this.sshd.file(`home/${name}`);
  }

  /** The number of a user on the server. */
  uidOf(name: string): number {
    return this.accounts.users.get(name) ?? absent(name);
  }

  /** The number of a group on the server. */
  gidOf(group: string): number {
    return this.accounts.groups.get(group) ?? absent(group);
  }

  /** Called by {@link startSshdWithUsers}. */
  async start(): Promise<void> {
    this.writeFiles();
    const log = openSync(this.sshd.logFile, 'a');
    const script = [
      'set -e',
      // All of /etc: the mount over a single file ends where this machine puts another file in its place.
      `cp -a /etc '${this.sshd.file('whole-etc')}'; mount --bind '${this.sshd.file('whole-etc')}' /etc`,
      ...etcFiles.map((name) => `mount --bind '${this.sshd.file(`etc/${name}`)}' /etc/${name}`),
      ...(this.options.sudoers === undefined || !existsSync('/etc/sudoers.d')
        ? []
        : [`mount --bind '${this.sshd.file('etc/sudoers.d')}' /etc/sudoers.d`]),
      ...(this.options.prepare ?? []),
      `mkdir -p /run/sshd; exec ${sshdPath} -D -e -f '${this.sshd.file('sshd_config')}'`,
    ].join('\n');
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', script];
    this.running = start('unshare', args, { output: log, errors: log });
    closeSync(log);
    await until(() => this.sshd.log().includes('Server listening on'), 10_000).catch(
      async (error: unknown) => {
        const said = this.sshd.log();
        await this.stop();
        throw new Error(`no server: ${said}`, { cause: error });
      },
    );
  }

  /** Ends the server with all its sessions and removes everything. */
  async stop(): Promise<void> {
    this.sshd.kill9();
    await this.running?.stop();
    await this.sshd.stop();
  }

  private writeFiles(): void {
    const file = (name: string, text: string, mode = 0o644): void => {
      const path = this.sshd.file(name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode });
    };
    for (const name of etcFiles)
      file(`etc/${name}`, this.accounts.text[name], name === 'shadow' ? 0o600 : 0o644);
    if (this.options.sudoers !== undefined) file('etc/sudoers.d/private', this.options.sudoers, 0o440);
    for (const { name, files = {} } of this.options.users) this.makeHome(name, files);
    file('sshd_config', this.config());
    file('ssh_config', this.options.users.map(({ name }) => this.sectionOf(name)).join(''));
    trust(this.sshd);
  }

  private makeHome(name: string, files: Readonly<Record<string, string>>): void {
    const home = this.homeOf(name);
    const own = (path: string): void => chownSync(path, this.uidOf(name), this.uidOf(name));
    mkdirSync(home, { recursive: true });
    own(home);
    for (const [path, text] of Object.entries(files)) {
      for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
        mkdirSync(join(home, folder), { recursive: true });
        own(join(home, folder));
      }
      writeFileSync(join(home, path), text);
      own(join(home, path));
    }
  }

  private sectionOf(name: string): string {
    return this.sshd.sshConfig(name, { extra: [`User ${name}`] });
  }

  private config(): string {
    return [
      ...(this.options.config ?? []),
      'ListenAddress 127.0.0.1',
      `Port ${this.sshd.port}`,
      ...this.sshd.hostKeyTypes.map((type) => `HostKey ${this.sshd.hostKeyFile(type)}`),
      `AuthorizedKeysFile ${this.sshd.file('authorized_keys')}`,
      `PidFile ${this.sshd.file('sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'LogLevel VERBOSE',
      ...(this.options.matches ?? []),
      '',
    ].join('\n');
  }
}

interface Accounts {
  readonly text: Readonly<Record<(typeof etcFiles)[number], string>>;
  /** User and group numbers by name. */
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, number>;
}

/** The account files of this machine with those users in place of whoever has their names. See passwd(5), group(5). */
function accountsOf(users: readonly PrivateUser[], homeOf: (name: string) => string): Accounts {
  const names = new Set(users.map(({ name }) => name));
  const uids = new Map(users.map(({ name }, index) => [name, name === 'root' ? 0 : firstId + index]));
  const others = (name: string): string[][] => entriesOf(name).filter(([entry = '']) => !names.has(entry));

  const groups = new Map(
    entriesOf('group').map(([name = '', , gid, members = '']) => [
      name,
      {
        gid: Number(gid),
        members: new Set(members.split(',').filter((member) => member && !names.has(member))),
      },
    ]),
  );
  for (const [name, gid] of uids) groups.set(name, { gid, members: new Set() });
  for (const { name, groups: wanted = [] } of users) {
    for (const wantedName of wanted) {
      const group = groups.get(wantedName) ?? {
        gid: firstId + 1000 + groups.size,
        members: new Set<string>(),
      };
      groups.set(wantedName, group);
      group.members.add(name);
    }
  }

  const passwdOf = ({ name, shell = '/bin/sh' }: PrivateUser): string[] => {
    const id = String(uids.get(name));
    return [name, 'x', id, id, '', homeOf(name), shell];
  };
  return {
    users: uids,
    groups: new Map([...groups].map(([name, { gid }]) => [name, gid])),
    text: {
      passwd: textOf([...users.map(passwdOf), ...others('passwd')]),
      // No password opens these accounts, but they are not locked either, which sshd would refuse.
      shadow: textOf([
        ...users.map(({ name }) => [name, '*', '19000', '0', '99999', '7', '', '', '']),
        ...others('shadow'),
      ]),
      group: textOf(
        [...groups].map(([name, { gid, members }]) => [name, 'x', String(gid), [...members].join(',')]),
      ),
    },
  };
}

function entriesOf(name: string): string[][] {
  const lines = readFileSync(`/etc/${name}`, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => line.split(':'));
}

function textOf(entries: readonly (readonly string[])[]): string {
  return entries.map((entry) => `${entry.join(':')}\n`).join('');
}

function absent(name: string): never {
  throw new Error(`there is no ${name} on this server`);
}
