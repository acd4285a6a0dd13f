import { commandLineName } from './commandLine';

/**
 * What a host answered when it was asked what its user may see: the words of the command in
 * `monitor/permissionProbe.ts`, as facts. A question that was not answered is undefined.
 */
export interface PermissionAnswers {
  /** False where the host did not come to the end of its answer: earlier answers may know more. */
  readonly complete: boolean;
  /** Absent where `id` said nothing that could be understood. */
  readonly user?: HostUser;
  /** Whether /dev/kmsg can be opened. */
  readonly kmsg?: Access;
  /** kernel.dmesg_restrict: true where only CAP_SYSLOG opens the kernel log. */
  readonly dmesgRestricted?: boolean;
  /** Whether the system journal can be read; `absent` also where there is no journalctl. */
  readonly journal?: Access;
  /** Whether /proc/1 can be looked into. `own`: it belongs to the user who asks. */
  readonly processOne?: 'yes' | 'own' | 'no';
  /** Options of the mount of /proc where it hides processes. */
  readonly procMount?: ProcMount;
  /** Whether /proc/PID/smaps_rollup (since 4.14) and /proc/PID/io of others can be read. */
  readonly processMemory?: Access;
  readonly processIo?: Access;
  readonly docker?: SocketAnswer;
  /** Whether the user's own Docker (rootless) has a socket in /run/user. */
  readonly rootlessDocker?: boolean;
  /** The docker program, where it stands in a folder of the system. */
  readonly dockerProgram?: string;
  /** The socket of root's Podman; its folder is closed to others. */
  readonly podman?: Access;
  /** Whether the user's own Podman has a socket in /run/user. */
  readonly rootlessPodman?: boolean;
  readonly podmanInstalled?: boolean;
  readonly sudo?: SudoAnswer;
  /** The first package manager that was found. */
  readonly packageManager?: PackageManager;
  /** Whether this is a container: its kernel and boot loader are another host's. */
  readonly container?: boolean;
}

/** `absent`: there is nothing to see. */
export type Access = 'yes' | 'no' | 'absent';

export interface HostUser {
  readonly uid: number;
  /** Undefined where the name is not fit to stand in a command line. */
  readonly name?: string;
  /** Of the primary group; undefined as `name`. */
  readonly group?: string;
}

export interface SocketAnswer {
  readonly access: Access;
  /** Owning group of a socket that may not be written; undefined where the name is not fit for a command line. */
  readonly group?: string;
}

export interface ProcMount {
  /** `1` noaccess, `2` invisible, `4` ptraceable (proc(5)). */
  readonly hidepid?: string;
  /** Number of the group whose members see everything. */
  readonly gid?: number;
}

export type SudoAnswer =
  'root' | 'yes' | 'password' | 'not-allowed' | 'needs-terminal' | 'untried' | 'absent';

const packageManagers = ['apt-get', 'dnf', 'yum', 'zypper', 'pacman', 'apk', 'opkg'] as const;
export type PackageManager = (typeof packageManagers)[number];

/** Where only root can put a program: what a user's own PATH finds first must not become a rule for sudo. */
const dockerProgram = /^\/(?:(?:usr\/(?:local\/)?)?s?bin|snap\/bin)\/docker$/;

/** `uid=1000(dev) gid=1000(dev) groups=…`, the same of coreutils and busybox. */
const idLine = /^uid=(\d{1,10})(?:\((.*)\))? gid=\d{1,10}(?:\(([^)]*)\))?/;

/**
 * Reads the lines of the probe. Never throws: what is missing or not as expected is left out.
 * @param text lines `MARK key value`, among whatever else the login printed.
 */
export function permissionAnswersOf(text: string, mark: string): PermissionAnswers {
  const said = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [word, key, ...rest] = line.trimEnd().split(' ');
    if (word === mark && key !== undefined && !said.has(key)) said.set(key, rest.join(' '));
  }
  const access = (key: string): Access | undefined => oneOf(['yes', 'no', 'absent'], said.get(key));
  const flag = (key: string, truth: string): boolean | undefined => {
    const word = said.get(key);
    return word === undefined || word === '' ? undefined : word === truth;
  };
  const dockerAccess = access('docker');
  const capabilities = said.get('capabilities');
  return defined({
    complete: said.get('end') === 'yes',
    user: userOf(said.get('id') ?? ''),
    kmsg: access('kmsg'),
    dmesgRestricted: flag('dmesg-restrict', '1'),
    journal: access('journal'),
    processOne: oneOf(['yes', 'own', 'no'], said.get('process-one')),
    procMount: procMountOf(said.get('proc-mount')),
    processMemory: openTo(capabilities, access('process-memory')),
    processIo: openTo(capabilities, access('process-io')),
    docker:
      dockerAccess && defined({ access: dockerAccess, group: groupOfListing(said.get('docker-listing')) }),
    rootlessDocker: flag('rootless-docker', 'yes'),
    dockerProgram: fitting(dockerProgram, said.get('docker-program')),
    podman: access('podman'),
    rootlessPodman: flag('rootless-podman', 'yes'),
    podmanInstalled: flag('podman-program', 'yes'),
    sudo: sudoOf(said.get('sudo'), said.get('sudo-says') ?? ''),
    packageManager: oneOf(packageManagers, said.get('packages')),
    container: flag('container', 'yes'),
  });
}

function userOf(text: string): HostUser | undefined {
  const [, uid, name, group] = idLine.exec(text) ?? [];
  if (uid === undefined) return undefined;
  return defined({
    uid: Number(uid),
    name: fitting(commandLineName, name),
    group: fitting(commandLineName, group),
  });
}

/**
 * Process 1 was tried, and may be closed to root too where it is not an ordinary one, as in a sandbox. What opens the
 * others is CAP_SYS_PTRACE, number 19 (include/uapi/linux/capability.h).
 * @param capabilities `CapEff` of /proc/self/status: hexadecimal.
 */
function openTo(capabilities: string | undefined, processOne: Access | undefined): Access | undefined {
  if (processOne !== 'no' || !/^[0-9a-f]{5,16}$/.test(capabilities ?? '')) return processOne;
  return ((BigInt(`0x${capabilities}`) >> 19n) & 1n) === 1n ? 'yes' : 'no';
}

/** The options as /proc/self/mounts has them; kernels since 5.8 write the names in place of the numbers. */
function procMountOf(options: string | undefined): ProcMount | undefined {
  if (options === undefined) return undefined;
  const [, gid] = /(?:^|,)gid=(\d{1,10})(?:,|$)/.exec(options) ?? [];
  const [, hidepid] = /(?:^|,)hidepid=(1|2|4|noaccess|invisible|ptraceable)(?:,|$)/.exec(options) ?? [];
  const numbers: Readonly<Record<string, string>> = { noaccess: '1', invisible: '2', ptraceable: '4' };
  return defined({
    hidepid: hidepid === undefined ? undefined : (numbers[hidepid] ?? hidepid),
    gid: gid === undefined ? undefined : Number(gid),
  });
}

/** `srw-rw---- 1 root docker 0 Jan  1 00:00 /var/run/docker.sock` */
function groupOfListing(listing: string | undefined): string | undefined {
  return fitting(commandLineName, listing?.split(/\s+/)[3]);
}

/** What sudo said in English (LC_ALL=C) is told apart here, and never shown: it holds words of the host. */
function sudoOf(word: string | undefined, says: string): SudoAnswer | undefined {
  if (word !== 'no') return oneOf(['root', 'yes', 'untried', 'absent'], word);
  if (/not in the sudoers|may not run|not allowed/i.test(says)) return 'not-allowed';
  if (/\btty\b|terminal is required/i.test(says) && !/password is required/i.test(says))
    return 'needs-terminal';
  return 'password';
}

function oneOf<const Word extends string>(
  words: readonly Word[],
  word: string | undefined,
): Word | undefined {
  return words.find((known) => known === word);
}

function fitting(pattern: RegExp, text: string | undefined): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

type Defined<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** Without the keys whose value is undefined. */
function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
