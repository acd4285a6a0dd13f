import type { Right } from '../actions';
import type { HostUser } from '../permissions/answers';
import type { Permission, Remedy, Words } from '../permissions/permission';

/** Whether a right is held, why it is not, and what would change that. */
export interface RightHeld {
  readonly state: 'yes' | 'no' | 'unknown';
  readonly why: Words;
  readonly remedies: readonly Remedy[];
}

/** What the user of the connection may do on a host. */
export interface Rights {
  /** The user's number; undefined: not known. 0 may signal every process. */
  readonly uid: number | undefined;
  readonly root: RightHeld;
  readonly containerApi: RightHeld;
}

/** A right that is missing, or of which it is not known whether it is there. */
export interface Obstacle extends RightHeld {
  readonly right: Right;
  /** True: the action cannot be done. False: it is not known, and may be tried. */
  readonly blocks: boolean;
}

const notAsked: RightHeld = {
  state: 'unknown',
  why: { text: 'The host has not been asked yet.' },
  remedies: [],
};

/** What was tried on a host: it counts more than what the host said of its rights. */
export interface TriedRights {
  /** The API of the containers is open now. */
  readonly apiOpen?: boolean;
  /** A shell of root's is open now. */
  readonly rootOpen?: boolean;
  /** Why a shell of root's could not be opened, in the words of the host: to be cleaned. */
  readonly rootObstacle?: string | undefined;
}

/**
 * @param permissions what the host was asked (`permissionsOf`); empty where it was not.
 * @param sudoAllowed whether the user allowed `sudo -n` on this host.
 */
export function rightsOf(
  permissions: readonly Permission[],
  user: HostUser | undefined,
  sudoAllowed: boolean,
  tried: TriedRights = {},
): Rights {
  const find = (id: Permission['id']): Permission | undefined => permissions.find((row) => row.id === id);
  return {
    uid: user?.uid,
    root: rootOf(find('sudo'), user, sudoAllowed, tried),
    containerApi:
      tried.apiOpen === true
        ? { state: 'yes', why: { text: 'It is open.' }, remedies: [] }
        : containerApiOf(find('docker'), find('podman')),
  };
}

function rootOf(
  sudo: Permission | undefined,
  user: HostUser | undefined,
  allowed: boolean,
  { rootOpen, rootObstacle }: TriedRights,
): RightHeld {
  if (user?.uid === 0) return { state: 'yes', why: { text: 'You are root.' }, remedies: [] };
  if (allowed && rootOpen === true)
    return { state: 'yes', why: { text: 'A shell of root’s is open.' }, remedies: [] };
  if (allowed && rootObstacle !== undefined)
    return {
      state: 'no',
      why: {
        text: 'A shell of root’s could not be opened with sudo: {0}.',
        args: [sentenceEnd(rootObstacle)],
      },
      remedies: [allowShell],
    };
  if (sudo === undefined || user === undefined) return notAsked;
  const { state, why } = sudo;
  if (state === 'no' || state === 'absent') return { state: 'no', why, remedies: [becomeRoot] };
  return allowed ? { state, why, remedies: [] } : { state: 'no', why: sudoNotAllowed, remedies: [allowSudo] };
}

const sudoNotAllowed: Words = {
  text: 'sudo is not used, because the host is not named in {0}.',
  args: ['remoteMemory.allowSudo'],
};

const allowSudo: Remedy = {
  means: {
    text: 'Run “Memory: Allow sudo without password on host”, which names the host in {0}.',
    args: ['remoteMemory.allowSudo'],
  },
};

const allowShell: Remedy = {
  means: {
    text: 'Attach as root, or let your user run /bin/sh with sudo without a password: the line that “Memory: Show permissions” offers does not. This equals the rights of root.',
  },
};

const becomeRoot: Remedy = {
  means: {
    text: 'Attach as root, or let your user run programs with sudo without a password and name the host in {0}.',
    args: ['remoteMemory.allowSudo'],
  },
};

/** Without the full stop, which the sentence has itself. */
function sentenceEnd(text: string): string {
  return text.trim().replace(/\.$/, '');
}

function containerApiOf(docker: Permission | undefined, podman: Permission | undefined): RightHeld {
  const held = [docker, podman].find((row) => row?.state === 'yes');
  if (held) return { state: 'yes', why: held.why, remedies: [] };
  // What is there and closed is told before what is not there at all.
  const closed = [docker, podman].find((row) => row?.state === 'no');
  if (closed) return { state: 'no', why: closed.why, remedies: closed.remedies };
  if (docker?.state === 'absent' && podman?.state === 'absent')
    return { state: 'no', why: { text: 'Neither Docker nor Podman was found here.' }, remedies: [] };
  return docker?.state === 'unknown' ? { state: 'unknown', why: docker.why, remedies: [] } : notAsked;
}

/**
 * What stands in the way of an action. Nothing, where one of the rights that it needs is held.
 * @param needs see `Action.needs`.
 * @param targetUid whose process it is; undefined: not known, or no process.
 */
export function obstaclesOf(
  needs: readonly Right[],
  rights: Rights,
  targetUid: number | undefined,
): Obstacle[] {
  const held = needs.map((right) => ({ right, ...heldOf(right, rights, targetUid) }));
  if (held.some(({ state }) => state === 'yes')) return [];
  const blocks = held.length > 0 && held.every(({ state }) => state === 'no');
  return held.map((right) => ({ ...right, blocks }));
}

/**
 * Whether one right is held. To signal a process, one's user has to be the one who started it (kill(2)); a process that
 * has become root by itself (setuid) is compared by whoever started it, and the host may still refuse.
 */
function heldOf(right: Right, rights: Rights, targetUid: number | undefined): RightHeld {
  switch (right) {
    case 'root':
      return rights.root;
    case 'container-api':
      return rights.containerApi;
    case 'own-process': {
      const { uid } = rights;
      if (uid === undefined || targetUid === undefined) return notAsked;
      if (uid === 0 || uid === targetUid)
        return { state: 'yes', why: { text: 'It is your own process.' }, remedies: [] };
      const text = 'The process belongs to the user with the number {0}, and yours is {1}.';
      return { state: 'no', why: { text, args: [String(targetUid), String(uid)] }, remedies: [] };
    }
  }
}
