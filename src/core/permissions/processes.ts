import type { Access, PermissionAnswers } from './answers';
import { inOneLine, joinGroupLine, makeGroupLine } from './groups';
import { nameOf, unknown, yes, type Permission, type Remedy, type Words } from './permission';

export function otherProcessesOf(answers: PermissionAnswers): Permission {
  const id = 'other-processes';
  const { processOne, procMount, user } = answers;
  if (processOne === undefined) return unknown(id);
  if (processOne === 'yes' || user?.uid === 0) return yes(id, 'Size, state and command line of each.');
  if (processOne === 'own') {
    const text = 'The first process of this host is your own: there may be no others, as in a container.';
    return { id, state: 'unknown', why: { text }, remedies: [] };
  }
  const { hidepid, gid } = procMount ?? {};
  if (hidepid === undefined) {
    return { id, state: 'no', why: { text: 'The host shows your own processes only.' }, remedies: [] };
  }
  const why: Words = {
    text: '/proc is mounted with hidepid={0}: only your own processes are shown.',
    args: [hidepid],
  };
  return { id, state: 'no', why, remedies: [openToGroup(answers, hidepid, gid), showProcesses] };
}

/**
 * The members of the group that the mount names see everything, except with hidepid=4: there the kernel returns before it
 * looks at the group (has_pid_permissions in fs/proc/base.c, since 5.8). gid=0 is what the mount has without one.
 */
function openToGroup(answers: PermissionAnswers, hidepid: string, gid = 0): Remedy {
  if (hidepid === '4') return remountForGroup(answers, '2');
  if (gid === 0) return remountForGroup(answers, hidepid);
  const name = nameOf(answers.user);
  const line = joinGroupLine(answers.packageManager, name, `"$(getent group ${gid} | cut -d: -f1)"`);
  return {
    ...(line !== undefined && { line }),
    means: {
      text: 'In the group with the number {1}, {0} may see all processes with their command lines, from the next login on.',
      args: [name, String(gid)],
    },
  };
}

function remountForGroup({ user, packageManager }: PermissionAnswers, hidepid: string): Remedy {
  const name = nameOf(user);
  const line = inOneLine(
    makeGroupLine(packageManager, 'seeproc'),
    joinGroupLine(packageManager, name, 'seeproc'),
    `sudo mount -o "remount,hidepid=${hidepid},gid=$(getent group seeproc | cut -d: -f3)" /proc`,
  );
  return {
    ...(line !== undefined && { line }),
    means: {
      text: 'Where /proc is mounted with hidepid={1} and the gid of a group, {0} may see all processes with their command lines as its member, from the next login on and until the next boot, unless /etc/fstab says so too.',
      args: [name, hidepid],
    },
  };
}

const showProcesses: Remedy = {
  line: 'sudo mount -o remount,hidepid=0 /proc',
  means: {
    text: 'Every user may then see all processes with their command lines. Until the next boot, unless /etc/fstab says so too.',
  },
};

export function processFileOf(
  id: 'process-memory' | 'process-io',
  access: Access | undefined,
  { processOne, user }: PermissionAnswers,
): Permission {
  const file = id === 'process-memory' ? '/proc/PID/smaps_rollup' : '/proc/PID/io';
  if (access === undefined || (processOne === 'own' && user?.uid !== 0)) return unknown(id);
  if (access === 'yes') return yes(id, 'Read from {0}.', [file]);
  if (access === 'absent') {
    const text = 'The kernel of this host has no {0}.';
    return { id, state: 'absent', why: { text, args: [file] }, remedies: [] };
  }
  if (user?.uid === 0) {
    const text = 'You are root, but without CAP_SYS_PTRACE, as in a container: {0} stays closed.';
    return { id, state: 'no', why: { text, args: [file] }, remedies: [] };
  }
  const text =
    id === 'process-memory'
      ? 'Only root may read {0} of other users. Resident sizes, which count shared pages in full, are seen nevertheless.'
      : 'Only root may read {0} of other users. What the whole host reads and writes is seen nevertheless.';
  return { id, state: 'no', why: { text, args: [file] }, remedies: [attachAsRoot] };
}

/**
 * No group opens these files, and CAP_SYS_PTRACE, which does, takes over any process. There is no line: which keys root
 * takes, and with what in front of them, differs from image to image.
 */
const attachAsRoot: Remedy = {
  means: { text: 'No narrower right opens it: attach as root, where the host lets root log in.' },
};
