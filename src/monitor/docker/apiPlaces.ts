import type { ContainerApiPlace } from '../../core/containers/containerRuntime';
import type { PermissionAnswers } from '../../core/permissions/answers';
import { commandLinePath } from '../../core/permissions/commandLine';
import { usualDockerSocket } from '../../core/permissions/containers';

const rootPodmanSocket = '/run/podman/podman.sock';

/**
 * Where else an API may be, the likeliest first, when the socket of the setting was not forwarded. A setting that was
 * changed names the only one that is meant; else a user's own Docker, root's Podman and the user's own come next.
 * @param rights what the host says of its sockets; what it did not say is tried.
 */
export function placesAfter(
  socketPath: string,
  rights: PermissionAnswers,
  sudo: boolean,
): readonly ContainerApiPlace[] {
  const places: ContainerApiPlace[] = [];
  const dial = (path: string, access: string | undefined): void => {
    if (access === 'absent' || !commandLinePath.test(path)) return;
    if (access !== 'no') places.push({ socketPath: path, way: 'dial-stdio' });
    if (access !== 'yes' && sudo) places.push({ socketPath: path, way: 'sudo dial-stdio' });
  };
  const other = (path: string): void => {
    places.push({ socketPath: path, way: 'socket' });
    dial(path, 'yes');
  };
  dial(socketPath, rights.docker?.access);
  if (socketPath !== usualDockerSocket) return places;

  const own = rights.user === undefined ? undefined : `/run/user/${rights.user.uid}`;
  if (rights.rootlessDocker === true && own !== undefined) other(`${own}/docker.sock`);
  if (rights.podman === 'yes') other(rootPodmanSocket);
  if (rights.podman === 'no') dial(rootPodmanSocket, 'no');
  if (rights.rootlessPodman === true && own !== undefined) other(`${own}/podman/podman.sock`);
  return places;
}

/**
 * The command that carries the API over its standard input and output. Docker's since 18.09; Podman's takes the place of it
 * where the path says so.
 * @param place whose path is a {@link commandLinePath}.
 */
export function dialCommand({ socketPath, way }: ContainerApiPlace): string {
  const program = /\bpodman\b/.test(socketPath) ? 'podman --remote --url' : 'docker -H';
  return `exec ${way === 'sudo dial-stdio' ? 'sudo -n ' : ''}${program} unix://${socketPath} system dial-stdio`;
}

/** Why there is no way to the API, and what helps, in two sentences. */
export function noApiWords(
  socketPath: string,
  { docker, podman, podmanInstalled, user, sudo: sudoAnswer }: PermissionAnswers,
  sudo: boolean,
  said: readonly string[],
): { readonly why: string; readonly advice: string } {
  const path = commandLinePath.test(socketPath) ? socketPath : 'the socket of the setting';
  if (docker?.access === 'no') {
    const group = docker.group === 'root' ? undefined : docker.group;
    const name = user?.name ?? 'your user';
    return {
      why: `${name} may not open ${path}, only ${
        group === undefined ? 'root may' : `root and the members of the group ${group} may`
      }${heard(said)}`,
      advice: [
        group === undefined
          ? 'Log in as root'
          : `Have ${name} put into the group ${group} (this equals the rights of root) and connect again`,
        sudo ? sudoAdvice(sudoAnswer) : 'or allow sudo for this host.',
      ].join(', '),
    };
  }
  if (docker?.access === 'absent') {
    const why = `there is no socket ${path}`;
    if (podman === 'no')
      return {
        why: `${why}, and only root may use ${rootPodmanSocket}`,
        advice:
          'Log in as root, or run Podman for your own user: systemctl --user enable --now podman.socket',
      };
    if (podmanInstalled === true)
      return {
        why: `${why}, and nothing listens for the API of Podman`,
        advice: 'Start it: systemctl --user enable --now podman.socket (as root without --user).',
      };
    return { why, advice: 'Docker or Podman has to run there.' };
  }
  return {
    why: said.at(-1) ?? `${path} does not answer`,
    advice: 'Docker has to run there, and the user has to be root or in the group docker.',
  };
}

/** What sudo, or the program, said when it was tried all the same. */
function heard(said: readonly string[]): string {
  const last = said.at(-1);
  return last === undefined || last === '' ? '' : ` (${last})`;
}

function sudoAdvice(answer: PermissionAnswers['sudo']): string {
  return answer === 'yes' || answer === undefined
    ? 'or see why sudo did not help.'
    : 'or let sudo run docker without a password.';
}
