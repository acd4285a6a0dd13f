import { randomBytes } from 'node:crypto';
import { permissionAnswersOf, type PermissionAnswers } from '../core/permissions/answers';
import { commandLinePath } from '../core/permissions/commandLine';
import type { SudoCommand } from '../core/permissions/sudoers';
import { stripControls } from '../transport/cleanText';
import type { Connection } from '../transport/connection';
import { commandOutput } from './commandOutput';
import { fromKmsg } from './kernelLog';

export interface ProbeOptions {
  /**
   * Whether the user allowed `sudo -n` on this host. Else sudo is only asked where the user is in a group that it is
   * usually given to: a user who is not in sudoers is reported to the administrator for asking.
   */
  readonly sudo: boolean;
  /** Path of the Docker API's socket on the host; it is not asked about where it could be more than a path to a shell. */
  readonly dockerSocket: string;
}

/** What is run with `sudo -n` to read the kernel log (`kernelLog.ts`), as sudo sees it. */
export const kernelLogSudoCommands: readonly SudoCommand[] = [
  { program: '/bin/true', args: [] },
  { program: '/bin/sh', args: ['-c', fromKmsg] },
];

/*
 * Each part says `MARK key answer`, the last one `end`. Started are `id`, `readlink`, where a socket is closed `ls`, and
 * where it is tried `sudo`; the rest are builtins. What may be read is opened, because `test -r` says yes to root even where the
 * kernel refuses. `true` and not `:`, whose failed redirection would end the shell.
 *
 * The whole stands between single quotes in the command line of any login shell. Therefore it has no line feed, no single
 * quote, no `\\` (fish) and no `!` with anything but a blank behind it (csh).
 */
const questions = [
  'can() { true <"$1"; }',
  'opens() { if can "$2"; then say $1 yes; elif [ -e "$2" ]; then say $1 no; else say $1 absent; fi; }',
  // To connect to a socket is to write it.
  'connects() { if [ ! -S "$2" ]; then say $1 absent; elif [ -w "$2" ]; then say $1 yes; else say $1 no; fi; }',
  'i=$(id); say id "$i"; u=${i#uid=}; u=${u%% *}; u=${u%%"("*}',

  'opens kmsg /dev/kmsg',
  // Byte by byte, as dash reads, files in /proc/sys end before their line feed: what came at all is enough.
  'x=; read -r x </proc/sys/kernel/dmesg_restrict; say dmesg-restrict "$x"',
  'x=absent; if command -v journalctl >/dev/null; then ' +
    'for j in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do ' +
    'if can "$j"; then x=yes; elif [ $x = absent ] && [ -e "$j" ]; then x=no; fi; done; fi; say journal $x',

  'if can /proc/1/stat; then if [ -O /proc/1 ]; then say process-one own; else say process-one yes; fi; ' +
    'else say process-one no; x=; while read -r device folder type options rest; do ' +
    'if [ "$folder $type" = "/proc proc" ]; then x=$options; fi; done </proc/self/mounts; say proc-mount "$x"; fi',
  // Read and not only opened: the owner may open io without the right to read it.
  'reads() { if [ ! -e "$2" ]; then say $1 absent; elif read -r x <"$3"; then say $1 yes; else say $1 no; fi; }',
  'reads process-memory /proc/self/smaps_rollup /proc/1/smaps_rollup',
  'reads process-io /proc/self/io /proc/1/io',
  'while read -r x y; do if [ "$x" = CapEff: ]; then say capabilities $y; fi; done </proc/self/status',

  'if [ -n "$D" ]; then connects docker "$D"; fi; if [ -S "$D" ] && [ ! -w "$D" ]; then say docker-listing "$(ls -ldL "$D")"; fi',
  'connects rootless-docker "/run/user/$u/docker.sock"; say docker-program "$(command -v docker)"',
  // The folder of the socket of root's Podman is closed to others.
  'if [ -d /run/podman ] && [ ! -x /run/podman ]; then say podman no; ' +
    'else connects podman /run/podman/podman.sock; fi',
  'connects rootless-podman "/run/user/$u/podman/podman.sock"',
  'if command -v podman >/dev/null; then say podman-program yes; fi',

  'case $i in *"(sudo)"*|*"(wheel)"*|*"(admin)"*|*"(root)"*) S=yes;; esac',
  'if [ "$u" = 0 ]; then say sudo root; elif command -v sudo >/dev/null; then if [ $S = yes ]; then ' +
    'if x=$(sudo -n true 2>&1 </dev/null); then say sudo yes; else say sudo no; say sudo-says "$x"; fi; ' +
    'else say sudo untried; fi; else say sudo absent; fi',
  'for p in apt-get dnf yum zypper pacman apk opkg; do ' +
    'if command -v $p >/dev/null; then say packages $p; break; fi; done',

  // What Docker, Podman and systemd-nspawn or LXC leave; else the first namespace of processes has a number of its own
  // (PROC_PID_INIT_INO in include/linux/proc_ns.h).
  'x=$(readlink /proc/self/ns/pid); if [ -e /.dockerenv ] || [ -e /run/.containerenv ] || ' +
    '[ -e /run/systemd/container ]; then say container yes; elif [ "$x" = "pid:[4026531836]" ]; then say container no; ' +
    'elif [ -n "$x" ]; then say container yes; fi',
  'say end yes',
];

function command(mark: string, { sudo, dockerSocket }: ProbeOptions): string {
  const script = [
    'exec 2>/dev/null',
    'LC_ALL=C; export LC_ALL',
    `M=${mark}; D=${commandLinePath.test(dockerSocket) ? dockerSocket : ''}; S=${sudo ? 'yes' : 'no'}`,
    // A line feed first: a login script may have printed a title without one.
    'say() { printf "%s\\n" "$M $*"; }; echo',
    ...questions,
  ].join('; ');
  return `exec sh -c '${script}'`;
}

const timeOutMs = 10_000;
const maxBytes = 32 * 1024;

/**
 * Asks a host what its user may see there, with one short command on one channel. It starts a handful of processes, so it
 * is for a host that is calm. Whatever has not been answered within ten seconds, or before the connection ended, is left out;
 * the answers are `complete` where nothing was.
 *
 * sudo is only asked whether it would want a password (`sudo -n true`); nothing is done with it.
 *
 * @throws {ConnectionError} where the channel is refused or the connection is gone.
 */
export async function probePermissions(
  connection: Connection,
  options: ProbeOptions,
): Promise<PermissionAnswers> {
  const mark = randomBytes(12).toString('hex');
  const asking = command(mark, options);
  const channel = await connection.exec(asking);
  // Where a start-up file puts another shell in the place of the one that was given the command, that one reads it here.
  channel.stream.end(`${asking}\n`);
  const output = await commandOutput(channel, { timeOutMs, maxBytes });
  return permissionAnswersOf(stripControls(output), mark);
}
