import { describe, expect, it } from 'vitest';
import { isOfEarlierBoot, planOf } from '../../../../src/core/actions/plan';
import type { Permission } from '../../../../src/core/permissions/permission';
import type { RescueHello } from '../../../../src/core/rescue/answer';
import type { Moment } from '../../../../src/monitor/moments';
import { Survey } from '../../../../src/core/survey/survey';
import { planInputOf, rightsOfHost, type KnownOfHost } from '../../../../src/ui/actions/planInput';
import { allRights, container, idOf } from '../../core/actions/hosts';
import { details, slice, stats } from '../../core/processes/slices';

const host = { target: 'root@db1', label: 'db1' };
const settings = { protectedContainers: [], productionHosts: [], readOnly: false } as const;
const id = idOf('a');
const nothing: KnownOfHost = {
  containerList: undefined,
  facts: undefined,
  latest: undefined,
  permissions: undefined,
  standby: undefined,
  survey: undefined,
};

function surveyed(): Survey {
  const survey = new Survey('boot', 4096);
  const path = `/system.slice/docker-${id}.scope`;
  const text = { ...stats({ 7: {} }), ...details(7), [`sys/fs/cgroup${path}/memory.current`]: '1000\n' };
  survey.add(slice(10, { pids: [7], cgroups: [path], text }));
  return survey;
}

describe('what a plan is made from', () => {
  const killAll = { action: 'kill-all-containers', target: { kind: 'host' } } as const;

  it('joins what the API and what the cgroups tell', () => {
    const containerList = { containers: [container(id)], cut: false, askedAtMs: 0, readAtMs: 0 };
    const known = { ...nothing, containerList, survey: surveyed() };
    const plan = planOf(planInputOf(killAll, host, known, allRights, settings));
    expect(plan.targets).toMatchObject([{ key: id, name: 'name-a', holds: { currentBytes: 1000 } }]);
    const alone = planOf(
      planInputOf(killAll, host, { ...known, containerList: undefined }, allRights, settings),
    );
    expect(alone.targets).toMatchObject([{ key: id, notes: ['cgroup-only'] }]);
  });

  it('knows how old the list of containers is', () => {
    const containerList = {
      containers: [container(id)],
      cut: false,
      askedAtMs: 0,
      readAtMs: performance.now() - 60_000,
    };
    const { listAgeMs } = planInputOf(killAll, host, { ...nothing, containerList }, allRights, settings);
    expect(listAgeMs).toBeGreaterThanOrEqual(60_000);
    expect(listAgeMs).toBeLessThan(70_000);
    expect(planInputOf(killAll, host, nothing, allRights, settings)).not.toHaveProperty('listAgeMs');
  });

  it('finds a process by pid and start time only', () => {
    const known = { ...nothing, survey: surveyed() };
    const refusalOf = (startTicks: number): string | undefined => {
      const target = { kind: 'process', pid: 7, startTicks } as const;
      return planOf(planInputOf({ action: 'kill-process', target }, host, known, allRights, settings))
        .refusal;
    };
    const startTicks = known.survey.processes.get(7)?.startTicks ?? 0;
    expect(refusalOf(startTicks)).toBeUndefined();
    expect(refusalOf(startTicks + 1)).toBe('gone');
  });

  it('knows the boot, and nothing that was read in the one before', () => {
    const latest = {
      sample: { bootId: 'another', at: 5, meminfo: { swapFreeBytes: 7 } },
    } as unknown as Moment;
    const facts = { bootId: 'another', problems: {} };
    const known = { ...nothing, survey: surveyed(), latest, facts };
    const target = {
      kind: 'process',
      pid: 7,
      startTicks: known.survey.processes.get(7)?.startTicks ?? 0,
    } as const;
    const input = planInputOf({ action: 'kill-process', target }, host, known, allRights, settings);
    expect(input).toMatchObject({ bootId: 'another', swapFreeBytes: 7, containers: [] });
    const plan = planOf(input);
    expect(plan.refusal).toBe('gone');
    expect(isOfEarlierBoot(plan, 'another')).toBe(false);
    expect(isOfEarlierBoot(plan, 'a third')).toBe(true);
    expect(isOfEarlierBoot(plan, undefined)).toBe(true);
    expect(isOfEarlierBoot({ bootId: undefined }, 'a third')).toBe(false);
  });

  it('knows what our own shell runs in', () => {
    const hello = { ownCgroups: ['/docker/vpn/init.scope'] } as unknown as RescueHello;
    const standby = { containers: undefined, rescue: { hello, isRoot: true } };
    const { holdsUs } = planInputOf(killAll, host, { ...nothing, standby }, allRights, settings);
    expect([holdsUs?.('/docker/vpn'), holdsUs?.('/docker/web')]).toEqual([true, false]);
  });

  it('minds the settings', () => {
    const set = { protectedContainers: ['name-*'], productionHosts: ['db*'], readOnly: ['db1'] };
    const containerList = { containers: [container(id)], cut: false, askedAtMs: 0, readAtMs: 0 };
    const plan = planOf(planInputOf(killAll, host, { ...nothing, containerList }, allRights, set));
    expect(plan).toMatchObject({ refusal: 'read-only', policy: { production: true, readOnly: true } });
    expect(plan.targets).toMatchObject([
      { selected: false, protection: { state: 'yes', pattern: 'name-*' } },
    ]);
  });
});

describe('the rights on a host', () => {
  it('are what is open, and what could not be opened', () => {
    const answers = { complete: true, user: { uid: 1000 } };
    const rows: Permission[] = [
      { id: 'docker', state: 'no', why: { text: 'Only root.' }, remedies: [] },
      { id: 'sudo', state: 'yes', why: { text: '' }, remedies: [] },
    ];
    const standby = { containers: {}, rescue: undefined, rootObstacle: 'not allowed' };
    const rights = rightsOfHost({ permissions: answers, standby }, rows, true);
    expect([rights.containerApi.state, rights.root.state]).toEqual(['yes', 'no']);
  });

  it('are not known before it was asked, whatever its kernel shows', () => {
    const docker: Permission = { id: 'docker', state: 'no', why: { text: 'Only root.' }, remedies: [] };
    expect(rightsOfHost(nothing, [docker], false).containerApi.state).toBe('unknown');
    const permissions = { complete: true, user: { uid: 1000 } };
    expect(rightsOfHost({ ...nothing, permissions }, [docker], false)).toMatchObject({
      uid: 1000,
      containerApi: { state: 'no', why: { text: 'Only root.' } },
    });
  });
});
