import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from './lab/privateUsers';
import { connect, run } from './transport/attaching';

describe('a server with users of its own', () => {
  let server: PrivateUsersSshd | undefined;
  beforeEach(({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
  });
  afterEach(() => server?.stop());

  async function say(name: string, command: string): Promise<string> {
    if (!server) throw new Error('no server');
    const connection = await connect(server.optionsFor(name));
    const { out } = await run(connection, command);
    connection.close();
    return out.trim();
  }

  it('lets each in with groups, files and shell, and leaves the accounts of this machine alone', async () => {
    const before = readFileSync('/etc/passwd', 'utf8');
    server = await startSshdWithUsers({
      users: [
        { name: 'root' },
        { name: 'plain-one', files: { '.config/fish/config.fish': 'echo hello' } },
        { name: 'in-groups', shell: '/bin/bash', groups: ['docker', 'adm'] },
      ],
      prepare: ['mount -t tmpfs tmpfs /mnt; touch /mnt/prepared'],
    });
    expect(await say('root', 'id -un; echo ~; ls /mnt')).toBe(`root\n${server.homeOf('root')}\nprepared`);
    expect(await say('plain-one', 'id -Gn; cat ~/.config/fish/config.fish')).toBe('plain-one\necho hello');
    const groups = (await say('in-groups', 'id -Gn')).split(' ');
    expect(groups.sort()).toEqual(['adm', 'docker', 'in-groups']);
    expect(await say('in-groups', 'id -u; echo "${BASH_VERSION:+bash}"')).toBe(
      `${server.uidOf('in-groups')}\nbash`,
    );
    expect(await say('in-groups', 'id -G')).toContain(String(server.gidOf('docker')));
    expect(readFileSync('/etc/passwd', 'utf8')).toBe(before);
    expect(existsSync('/mnt/prepared')).toBe(false);
    const { pid } = server.sshd;
    const { folder } = server.sshd;
    await server.stop();
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });
});
