import type { PermissionAnswers } from './answers';
import { joinGroupLine } from './groups';
import {
  absent,
  nameOf,
  unknown,
  yes,
  type Permission,
  type PermissionContext,
  type Remedy,
} from './permission';

export function kernelLogOf(answers: PermissionAnswers, { sudoAllowed }: PermissionContext): Permission {
  const id = 'kernel-log';
  const { kmsg, journal, dmesgRestricted } = answers;
  if (kmsg === 'yes') return yes(id, 'Read from /dev/kmsg.');
  if (journal === 'yes') return yes(id, 'Read from the system journal.');
  if (sudoAllowed && answers.sudo === 'yes') return yes(id, 'Read with sudo.');
  if (kmsg === undefined) return unknown(id);
  const remedies = journal === 'no' ? [joinJournal(answers)] : [];
  if (kmsg === 'absent') {
    return { ...absent(id, 'There is no /dev/kmsg here, as in a container.'), remedies };
  }
  if (dmesgRestricted === true) {
    const text = 'kernel.dmesg_restrict is 1: only root may open /dev/kmsg.';
    return { id, state: 'no', why: { text }, remedies: [...remedies, openDmesg] };
  }
  const text = 'Only root may open /dev/kmsg here.';
  return { id, state: 'no', why: { text }, remedies: [...remedies, openKmsg] };
}

function joinJournal({ user, packageManager }: PermissionAnswers): Remedy {
  const name = nameOf(user);
  const line = joinGroupLine(packageManager, name, 'systemd-journal');
  return {
    ...(line !== undefined && { line }),
    means: {
      text: 'In the group systemd-journal, {0} may read the messages of all services, and of the kernel, from the next login on.',
      args: [name],
    },
  };
}

const openDmesg: Remedy = {
  line: 'sudo sysctl -w kernel.dmesg_restrict=0',
  means: {
    text: 'Every user of the host may then read the kernel log, which helps those who attack the kernel. Until the next boot, unless a file in /etc/sysctl.d says so too.',
  },
};
const openKmsg: Remedy = {
  line: 'sudo chmod o+r /dev/kmsg',
  means: { text: 'Every user of the host may then read the kernel log. Until the next boot.' },
};

export function journalOf(answers: PermissionAnswers): Permission {
  const id = 'journal';
  const { journal } = answers;
  if (journal === undefined) return unknown(id);
  if (journal === 'yes') return yes(id, 'Your user may read it.');
  if (journal === 'absent') return absent(id, 'This host keeps none that could be read.');
  const text = 'Only root and the members of the groups systemd-journal and adm may read it.';
  return { id, state: 'no', why: { text }, remedies: [joinJournal(answers)] };
}
