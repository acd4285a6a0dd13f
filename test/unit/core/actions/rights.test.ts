import { describe, expect, it } from 'vitest';
import { obstaclesOf, rightsOf, type Rights, type TriedRights } from '../../../../src/core/actions/rights';
import { refusalText } from '../../../../src/core/actions/refusalText';
import { permissionsOf } from '../../../../src/core/permissions';
import type { PermissionAnswers } from '../../../../src/core/permissions/answers';
import { allRights, container, idOf, joined, noRights, plan, process } from './hosts';
import { english } from '../../../../src/core/translate';

const dev = { uid: 1000, name: 'dev', group: 'dev' };

function rightsWith(
  answers: Partial<PermissionAnswers>,
  sudoAllowed = false,
  tried: TriedRights = {},
): Rights {
  const all = { complete: true, packageManager: 'apt-get', user: dev, ...answers } as const;
  const permissions = permissionsOf(all, {
    tools: { osrelease: '6.1.0', pressure: true, memAvailable: 'yes', ownClock: true },
    sudoAllowed,
    dockerSocket: '/var/run/docker.sock',
    sudoCommands: [],
  });
  return rightsOf(permissions, all.user, sudoAllowed, tried);
}

describe('the rights that a host gives', () => {
  it.each<[string, Partial<PermissionAnswers>, boolean, string, string]>([
    ['root', { user: { uid: 0 }, sudo: 'root', docker: { access: 'yes' } }, false, 'yes', 'yes'],
    ['a member of docker', { docker: { access: 'yes' }, sudo: 'password' }, false, 'no', 'yes'],
    ['with sudo, not allowed', { docker: { access: 'no' }, sudo: 'yes' }, false, 'no', 'no'],
    [
      'with sudo, allowed',
      { docker: { access: 'no' }, sudo: 'yes', dockerProgram: '/usr/bin/docker' },
      true,
      'yes',
      'yes',
    ],
    ['nobody', { docker: { access: 'no' }, podman: 'absent', sudo: 'absent' }, true, 'no', 'no'],
    ['sudo not tried', { docker: { access: 'no' }, sudo: 'untried' }, true, 'unknown', 'no'],
    ['own Podman', { docker: { access: 'absent' }, podman: 'no', rootlessPodman: true }, false, 'no', 'yes'],
    [
      'own Docker',
      { docker: { access: 'absent' }, rootlessDocker: true, podman: 'absent' },
      false,
      'no',
      'yes',
    ],
    [
      'root’s Podman, with sudo',
      { docker: { access: 'absent' }, podman: 'no', podmanInstalled: true, sudo: 'yes' },
      true,
      'yes',
      'yes',
    ],
    ['no containers', { docker: { access: 'absent' }, podman: 'absent' }, true, 'unknown', 'no'],
    ['nothing answered, sudo not allowed', {}, false, 'no', 'unknown'],
    ['nothing answered, sudo allowed', {}, true, 'unknown', 'unknown'],
  ])('%s', (_who, answers, sudoAllowed, root, containerApi) => {
    const rights = rightsWith(answers, sudoAllowed);
    expect([rights.root.state, rights.containerApi.state]).toEqual([root, containerApi]);
  });

  it('are what was tried, whatever the host has said', () => {
    const closed = { docker: { access: 'no' }, podman: 'absent', sudo: 'yes' } as const;
    expect(rightsWith(closed, false, { apiOpen: true }).containerApi.state).toBe('yes');
    const { root } = rightsWith(closed, true, { rootObstacle: 'Sorry, user dev may not run sh.' });
    expect(root.state).toBe('no');
    expect(root.why.args).toEqual(['Sorry, user dev may not run sh']);
    expect(rightsWith({ ...closed, sudo: 'untried' }, true, { rootOpen: true }).root.state).toBe('yes');
    // sudo was allowed when it was opened, and is not any more.
    expect(rightsWith(closed, false, { rootOpen: true }).root.state).toBe('no');
  });

  it('without a shell of root’s are those of the API alone, and that is said beforehand', () => {
    const rights = rightsWith({ docker: { access: 'yes' }, sudo: 'yes' }, true, { rootObstacle: 'denied' });
    const id = idOf('a');
    const target = { kind: 'host' } as const;
    const made = plan({
      action: 'kill-all-containers',
      target,
      containers: [joined(id, container(id))],
      rights,
    });
    expect(made.apiOnly).toBe(true);
    const alone = plan({
      action: 'kill-all-containers',
      target,
      containers: [joined(id, undefined)],
      rights,
    });
    expect(alone.targets).toMatchObject([{ notes: ['out-of-reach'], selected: false }]);
    const other = { kind: 'process', pid: 7, startTicks: 4711 } as const;
    const processes = [process(7, {}, { uid: 33 })];
    expect(plan({ action: 'kill-process', target: other, processes, rights }).refusal).toBe('right-missing');
  });

  it('are not known before the host was asked', () => {
    const rights = rightsOf([], undefined, true);
    expect([rights.uid, rights.root.state, rights.containerApi.state]).toEqual([
      undefined,
      'unknown',
      'unknown',
    ]);
  });

  it('that are missing are told before anything is tried, with the line that gives them', () => {
    const rights = rightsWith({ docker: { access: 'no', group: 'docker' }, sudo: 'password' });
    const made = plan({
      action: 'kill-all-containers',
      target: { kind: 'host' },
      containers: [joined(idOf('a'), container(idOf('a')))],
      rights,
    });
    expect(refusalText(made, 'web', english)).toEqual({
      message:
        'You may not do this on web. Only root and the members of the group docker may use /var/run/docker.sock. ' +
        'sudo asks for a password.',
      remedies: [
        'In the group docker, dev may do everything with Docker, from the next login on. This equals the rights of root.\n' +
          'sudo usermod -aG docker dev',
        'Attach as root, or let your user run programs with sudo without a password and name the host in remoteMemory.allowSudo.',
      ],
    });
  });
});

describe('what stands in the way', () => {
  it('is nothing where one of the rights is held', () => {
    expect(obstaclesOf(['container-api', 'root'], { ...noRights, root: allRights.root }, undefined)).toEqual(
      [],
    );
    expect(obstaclesOf([], noRights, undefined)).toEqual([]);
  });

  it('of a process of somebody else names both users', () => {
    const [own] = obstaclesOf(['own-process', 'root'], noRights, 33);
    expect(own).toMatchObject({ right: 'own-process', blocks: true, why: { args: ['33', '1000'] } });
  });

  it('does not block where one of the rights is not known', () => {
    const unsure = { ...noRights, uid: undefined };
    expect(obstaclesOf(['own-process', 'root'], unsure, 33).map(({ blocks }) => blocks)).toEqual([
      false,
      false,
    ]);
  });
});
