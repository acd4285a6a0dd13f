import type { HostUser, PermissionAnswers } from './answers';
import { commandLinePath } from './commandLine';
import { inOneLine, joinGroupLine, makeGroupLine } from './groups';
import {
  absent,
  nameOf,
  unknown,
  yes,
  type Permission,
  type PermissionContext,
  type Remedy,
  type Words,
} from './permission';

/** Where Docker has its socket unless somebody says otherwise. A setting that was changed names the only one that is meant. */
export const usualDockerSocket = '/var/run/docker.sock';

export function dockerOf(
  answers: PermissionAnswers,
  { dockerSocket, sudoAllowed }: PermissionContext,
): Permission {
  const id = 'docker';
  const { docker, user } = answers;
  if (docker === undefined) return unknown(id);
  if (docker.access === 'yes') return yes(id, 'Your user may use {0}.', [dockerSocket]);
  if (docker.access === 'absent') {
    if (answers.rootlessDocker !== true || !user) return absent(id, 'There is no socket of Docker here.');
    const own = `/run/user/${user.uid}/docker.sock`;
    if (dockerSocket === usualDockerSocket) return yes(id, 'Your own Docker is reached at {0}.', [own]);
    return {
      id,
      state: 'no',
      why: {
        text: 'Docker runs for your user alone: set {0} to {1}.',
        args: ['remoteMemory.docker.socketPath', own],
      },
      remedies: [],
    };
  }
  if (sudoAllowed && answers.sudo === 'yes' && answers.dockerProgram !== undefined) {
    return yes(id, 'Reached with sudo.');
  }
  const { group } = docker;
  const why: Words =
    group === undefined || group === 'root'
      ? { text: 'Only root may use {0}.', args: [dockerSocket] }
      : { text: 'Only root and the members of the group {1} may use {0}.', args: [dockerSocket, group] };
  return {
    id,
    state: 'no',
    why,
    remedies: commandLinePath.test(dockerSocket) ? [joinDocker(answers, group, dockerSocket)] : [],
  };
}

function joinDocker(
  { user, packageManager }: PermissionAnswers,
  group: string | undefined,
  socket: string,
): Remedy {
  const name = nameOf(user);
  // Another group, e.g. wheel, gives more than Docker to whoever joins it.
  if (group?.includes('docker') === true) {
    const line = joinGroupLine(packageManager, name, group);
    return {
      ...(line !== undefined && { line }),
      means: {
        text: 'In the group {1}, {0} may do everything with Docker, from the next login on. This equals the rights of root.',
        args: [name, group],
      },
    };
  }
  const line = inOneLine(
    makeGroupLine(packageManager, 'docker'),
    `sudo chgrp docker ${socket}`,
    joinGroupLine(packageManager, name, 'docker'),
  );
  return {
    ...(line !== undefined && { line }),
    means: {
      text: 'Where {1} belongs to a group docker, {0} may do everything with Docker as its member, from the next login on. This equals the rights of root. Docker itself gives the socket to this group at its next start.',
      args: [name, socket],
    },
  };
}

export function podmanOf(
  { podman, rootlessPodman, podmanInstalled, sudo, user }: PermissionAnswers,
  { dockerSocket, sudoAllowed }: Pick<PermissionContext, 'dockerSocket' | 'sudoAllowed'>,
): Permission {
  const id = 'podman';
  if (podman === undefined) return unknown(id);
  const socketSetting = 'remoteMemory.docker.socketPath';
  const isUsual = dockerSocket === usualDockerSocket;
  if (podman === 'yes') {
    return yes(id, 'Your user may use {1}: set {0} to it.', [socketSetting, '/run/podman/podman.sock']);
  }
  if (podman === 'no' && podmanInstalled === true && isUsual && sudoAllowed && sudo === 'yes') {
    return yes(id, 'Reached with sudo, where there is no Docker.');
  }
  if (rootlessPodman === true && user) {
    const socket = `/run/user/${user.uid}/podman/podman.sock`;
    return yes(id, 'Your own containers can be reached: set {0} to {1}.', [socketSetting, socket]);
  }
  if (podman === 'no') {
    const text = 'Only root may use /run/podman/podman.sock.';
    return { id, state: 'no', why: { text }, remedies: [openPodman(user), ownPodman] };
  }
  if (podmanInstalled !== true) return absent(id, 'There is no Podman here.');
  const text = 'Podman is installed, but nothing listens for its API.';
  return { id, state: 'no', why: { text }, remedies: [ownPodman] };
}

const ownPodman: Remedy = {
  line: 'systemctl --user enable --now podman.socket',
  means: { text: 'As your own user, without sudo. It shows your own containers only.' },
};

function openPodman(user: HostUser | undefined): Remedy {
  const group = user?.group ?? 'YOUR_GROUP';
  return {
    line: `sudo chgrp ${group} /run/podman /run/podman/podman.sock && sudo chmod 750 /run/podman && sudo chmod 660 /run/podman/podman.sock`,
    means: {
      text: 'Everybody in the group {0} may then do everything with root’s containers, until podman.socket is started anew. This equals the rights of root.',
      args: [group],
    },
  };
}
