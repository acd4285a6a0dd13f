import { describe, expect, it } from 'vitest';
import type { PermissionAnswers } from '../../../../src/core/permissions/answers';
import { usualDockerSocket } from '../../../../src/core/permissions/containers';
import { dialCommand, noApiWords, placesAfter } from '../../../../src/monitor/docker/apiPlaces';

const rights = (answers: Partial<PermissionAnswers>): PermissionAnswers => ({ complete: true, ...answers });
const placesOf = (socket: string, answers: Partial<PermissionAnswers>, sudo: boolean): readonly string[] =>
  placesAfter(socket, rights(answers), sudo).map(({ way, socketPath }) => `${way} ${socketPath}`);

describe('where the API may be', () => {
  const user = { uid: 1000, name: 'dev' };
  const docker = usualDockerSocket;

  it('is the same socket by the program, with sudo only where that is allowed and needed', () => {
    expect(placesOf(docker, { docker: { access: 'yes' } }, true)).toEqual([`dial-stdio ${docker}`]);
    expect(placesOf(docker, { docker: { access: 'no' } }, false)).toEqual([]);
    expect(placesOf(docker, { docker: { access: 'no' } }, true)).toEqual([`sudo dial-stdio ${docker}`]);
    expect(placesOf(docker, {}, true)).toEqual([`dial-stdio ${docker}`, `sudo dial-stdio ${docker}`]);
  });

  it("is a user's own Docker, root's Podman and the user's own", () => {
    const answers = {
      user,
      docker: { access: 'absent' },
      rootlessDocker: true,
      rootlessPodman: true,
    } as const;
    expect(placesOf(docker, { ...answers, podman: 'yes' }, false)).toEqual([
      'socket /run/user/1000/docker.sock',
      'dial-stdio /run/user/1000/docker.sock',
      'socket /run/podman/podman.sock',
      'dial-stdio /run/podman/podman.sock',
      'socket /run/user/1000/podman/podman.sock',
      'dial-stdio /run/user/1000/podman/podman.sock',
    ]);
    expect(placesOf(docker, { podman: 'no', docker: { access: 'absent' } }, true)).toEqual([
      'sudo dial-stdio /run/podman/podman.sock',
    ]);
  });

  it('is only what the setting names, where it was changed', () => {
    const answers = { user, docker: { access: 'absent' }, rootlessDocker: true, podman: 'yes' } as const;
    expect(placesOf('/run/mine.sock', answers, true)).toEqual([]);
  });

  it('is never a path that a shell could read as more', () => {
    for (const path of ['/run/a b', '/run/$(x)', "/run/'", '/run/\n', 'run', '/run/;x'])
      expect(placesOf(path, {}, true)).toEqual([]);
  });

  it('is dialled by the program of the runtime', () => {
    expect(dialCommand({ socketPath: docker, way: 'dial-stdio' })).toBe(
      'exec docker -H unix:///var/run/docker.sock system dial-stdio',
    );
    expect(dialCommand({ socketPath: '/run/podman/podman.sock', way: 'sudo dial-stdio' })).toBe(
      'exec sudo -n podman --remote --url unix:///run/podman/podman.sock system dial-stdio',
    );
  });
});

describe('why there is no API', () => {
  it.each<[Partial<PermissionAnswers>, boolean, string]>([
    [
      { docker: { access: 'no', group: 'docker' }, user: { uid: 5, name: 'dev' } },
      false,
      'dev may not open /var/run/docker.sock, only root and the members of the group docker may. Have dev put into the group docker (this equals the rights of root) and connect again, or allow sudo for this host.',
    ],
    [
      { docker: { access: 'no', group: 'root' }, user: { uid: 5 }, sudo: 'password' },
      true,
      'your user may not open /var/run/docker.sock, only root may. Log in as root, or let sudo run docker without a password.',
    ],
    [
      { docker: { access: 'absent' }, podmanInstalled: true },
      false,
      'there is no socket /var/run/docker.sock, and nothing listens for the API of Podman. Start it: systemctl --user enable --now podman.socket (as root without --user).',
    ],
    [
      { docker: { access: 'absent' }, podman: 'no' },
      false,
      'there is no socket /var/run/docker.sock, and only root may use /run/podman/podman.sock. Log in as root, or run Podman for your own user: systemctl --user enable --now podman.socket',
    ],
    [
      { docker: { access: 'absent' } },
      false,
      'there is no socket /var/run/docker.sock. Docker or Podman has to run there.',
    ],
  ])('%j', (answers, sudo, words) => {
    const { why, advice } = noApiWords(usualDockerSocket, rights(answers), sudo, []);
    expect(`${why}. ${advice}`).toBe(words);
  });
});
