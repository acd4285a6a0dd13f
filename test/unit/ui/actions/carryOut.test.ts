import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TargetResult } from '../../../../src/core/actions/result';
import { withSelected, type Plan } from '../../../../src/core/actions/plan';
import { ConnectionError } from '../../../../src/transport/connection';
import { carryOut } from '../../../../src/ui/actions/carryOut';
import {
  allRights,
  apiOnly,
  container,
  group,
  idOf,
  joined,
  MiB,
  plan,
  process,
  rootOnly,
} from '../../core/actions/hosts';
import type { ActingApi, ActingShell } from '../../../../src/ui/actions/means';
import { answered, FakeHost, never } from './fakeHost';

const [web, db] = [idOf('a'), idOf('b')];
const containers = [
  joined(web, container(web, { name: 'web' }), group('/docker/web')),
  joined(db, container(db, { name: 'db' }), group('/docker/db')),
];

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A person has ticked all. */
function selecting(one: Plan): Plan {
  return withSelected(one, new Set(one.targets.map(({ key }) => key)));
}

function outcomes(results: readonly TargetResult[]): Record<string, string> {
  return Object.fromEntries(results.map(({ key, outcome }) => [key.slice(0, 1), outcome]));
}

describe('what the API does', () => {
  const act = (action: Parameters<typeof plan>[0]['action'], more: object = {}): Plan =>
    plan({ action, target: { kind: 'containers', ids: [web, db] }, containers, ...more });

  it.each([
    ['stop-containers', 'stop'],
    ['restart-containers', 'restart'],
    ['disable-restart-policy', 'disable-restart'],
  ] as const)('%s', async (action, sent) => {
    const results = await carryOut(act(action), host.means());
    expect(host.asked).toEqual([`${sent} web`, `${sent} db`]);
    expect(results).toMatchObject([
      { key: web, outcome: 'done', by: 'api', sent },
      { key: db, outcome: 'done', by: 'api', sent },
    ]);
    expect(host.reported.at(-1)).toMatch(/ 2$/);
  });

  it('sets a limit', async () => {
    const target = { kind: 'container', id: web } as const;
    const limit = plan({ action: 'set-memory-limit', target, containers, limitBytes: 64 * MiB });
    expect(outcomes(await carryOut(limit, host.means()))).toEqual({ a: 'done' });
    expect(host.asked).toEqual(['set-memory-limit web']);
  });

  it('leaves the others alone, and says what the runtime refuses', async () => {
    host.apiSays = ({ name }) =>
      name === 'web' ? { outcome: 'failed', message: 'permission denied' } : { outcome: 'gone' };
    const results = await carryOut(act('stop-containers'), host.means());
    expect(outcomes(results)).toEqual({ a: 'failed', b: 'gone' });
    expect(results[0]?.reason).toBe('permission denied');
  });

  it('has not done anything where it cannot be reached, or where it was cancelled before', async () => {
    host.apiError = new ConnectionError('socket', 'user', 'It cannot be reached.');
    const unreached = await carryOut(act('stop-containers'), host.means());
    expect(outcomes(unreached)).toEqual({ a: 'not-done', b: 'not-done' });
    expect(unreached[0]?.reason).toBe('It cannot be reached.');
    host.apiError = undefined;
    host.abort.abort();
    expect(outcomes(await carryOut(act('stop-containers'), host.means()))).toEqual({
      a: 'not-done',
      b: 'not-done',
    });
    expect(host.asked).toEqual([]);
  });
});

describe('an API that is not open yet', () => {
  const kinds = ['stop-containers', 'kill-containers'] as const;

  it.each(kinds)('is not waited for after a cancel: %s', async (action) => {
    const target = { kind: 'containers', ids: [web, db] } as const;
    const means = host.means({ root: false, more: { api: () => never } });
    const done = carryOut(plan({ action, target, containers, rights: apiOnly }), means);
    setTimeout(() => host.abort.abort(), 20);
    expect(outcomes(await done)).toEqual({ a: 'not-done', b: 'not-done' });
    expect(host.asked).toEqual([]);
  });
});

describe('killing containers', () => {
  const kill = (rights = allRights, list = containers): Plan =>
    plan({ action: 'kill-all-containers', target: { kind: 'host' }, containers: list, rights });

  it('freezes them first and kills them through the API', async () => {
    const results = await carryOut(kill(), host.means());
    expect(host.asked.slice(0, 4)).toEqual(['lease /docker/web', 'lease /docker/db', 'kill web', 'kill db']);
    expect(results).toMatchObject([
      { key: web, outcome: 'done', by: 'api', sent: 'freeze, kill' },
      { key: db, outcome: 'done', by: 'api', sent: 'freeze, kill' },
    ]);
  });

  it('without root asks the API only', async () => {
    expect(outcomes(await carryOut(kill(apiOnly), host.means({ root: false })))).toEqual({
      a: 'done',
      b: 'done',
    });
    expect(host.asked).toEqual(['kill web', 'kill db']);
  });

  it('kills by the kernel what the API does not know, and asks it nothing about that', async () => {
    const alone = joined(web, undefined, group('/docker/web'));
    const results = await carryOut(kill(rootOnly, [alone]), host.means({ more: { mayUseApi: false } }));
    expect(outcomes(results)).toEqual({ a: 'done' });
    expect(results[0]).toMatchObject({ by: 'cgroup', sent: 'freeze, cgroup.kill' });
    expect(host.asked).toContain('killGroup /docker/web');
    expect(host.asked.filter((text) => text.startsWith('kill '))).toEqual([]);
  });

  it('asks the API for what it has not told yet, but not for what is another runtime’s', async () => {
    const list = [
      joined(web, undefined, group('/docker/web')),
      joined(db, undefined, group('/k8s/db'), { runtime: 'containerd' }),
    ];
    expect(outcomes(await carryOut(selecting(kill(rootOnly, list)), host.means()))).toEqual({
      a: 'done',
      b: 'done',
    });
    expect(host.asked.filter((text) => text.startsWith('kill')).sort()).toEqual([
      'kill aaaaaaaaaaaa',
      'killGroup /k8s/db',
    ]);
  });

  it('says by which way each was killed, and what became of its restart policy', async () => {
    const always = container(web, { name: 'web', restartPolicy: { name: 'always' } });
    const list = [joined(web, always, group('/docker/web'))];
    const act: ActingApi['act'] = (action, some) =>
      action.kind === 'disable-restart'
        ? Promise.resolve(some.map((one) => ({ container: one, outcome: 'done', ms: 1 })))
        : never;
    const means = host.means({ more: { api: () => Promise.resolve({ act }) } });
    const { lane } = means;
    if (!lane) throw new Error('a lane');
    let kills = 0;
    const killGroup: ActingShell['killGroup'] = async (cgroup) => {
      const reply = await lane.killGroup(cgroup);
      if (reply.kind !== 'answered' || reply.value.kind !== 'group') return reply;
      return { ...reply, value: { ...reply.value, killedBy: 'signals', signalled: kills++ === 0 ? 3 : 0 } };
    };
    vi.useFakeTimers();
    const done = carryOut(kill(allRights, list), { ...means, lane: { ...lane, killGroup } });
    await vi.advanceTimersByTimeAsync(60_000);
    const [result] = await done;
    expect(result).toMatchObject({ outcome: 'done', by: 'cgroup' });
    expect(result?.reason).toContain('Its restart policy (always) was disabled.');
    expect(result?.sent?.split(', ')).toEqual(
      expect.arrayContaining(['freeze', 'SIGKILL', 'disable-restart']),
    );
    expect(result?.sent).not.toContain('cgroup.kill');
  });

  it('writes down what was sent when, and not by the API what only the kernel did', async () => {
    const means = host.means({ more: { api: () => never } });
    const { lane } = means;
    if (!lane) throw new Error('a lane');
    const freeze: ActingShell['freeze'] = (cgroup, leased) => {
      setTimeout(() => host.abort.abort(), 5);
      return lane.freeze(cgroup, leased);
    };
    const beganAtMs = Date.now();
    const [first] = await carryOut(kill(allRights, containers.slice(0, 1)), {
      ...means,
      lane: { ...lane, freeze },
    });
    expect(first).toMatchObject({ outcome: 'not-done', by: 'cgroup', sent: 'freeze, thaw' });
    expect(first?.sentAtMs).toBeGreaterThanOrEqual(beganAtMs - 5);
    expect(first?.endedAtMs).toBeGreaterThanOrEqual((first?.sentAtMs ?? 0) - 1);
  });

  it('leaves alone what was not ticked, and everything after a cancel', async () => {
    const [first, second] = kill().targets;
    if (!first || !second) throw new Error('two targets');
    const one = { ...kill(), targets: [first, { ...second, selected: false }] };
    expect(outcomes(await carryOut(one, host.means()))).toEqual({ a: 'done' });
    expect(host.asked.join(' ')).not.toContain('db');
    host.asked.length = 0;
    host.abort.abort();
    expect(outcomes(await carryOut(kill(), host.means()))).toEqual({ a: 'not-done', b: 'not-done' });
    expect(host.asked).toEqual([]);
  });

  it('after a cut says of each what is known', async () => {
    const api = { act: () => never };
    const done = carryOut(
      kill(apiOnly),
      host.means({ root: false, more: { api: () => Promise.resolve(api) } }),
    );
    setTimeout(() => host.cutOff(), 20);
    expect(outcomes(await done)).toEqual({ a: 'unknown', b: 'unknown' });
  });
});

describe('freezing and thawing', () => {
  const freeze = (kind: 'freeze' | 'thaw', list = containers): Plan =>
    plan({
      action: kind === 'freeze' ? 'freeze-containers' : 'thaw-containers',
      target: { kind: 'containers', ids: [web, db] },
      containers: list,
    });

  it('is done by the kernel, and stays so after the connection', async () => {
    expect(outcomes(await carryOut(freeze('freeze'), host.means()))).toEqual({ a: 'done', b: 'done' });
    expect(host.asked).toEqual([
      'lease /docker/web',
      'lease /docker/db',
      'freeze /docker/web',
      'freeze /docker/db',
    ]);
    await carryOut(freeze('thaw'), host.means());
    expect([...host.freezers.values()]).toEqual(['thawed', 'thawed']);
  });

  it('is done by the API without root, and where the runtime itself has paused them', async () => {
    await carryOut(freeze('freeze'), host.means({ root: false }));
    expect(host.asked).toEqual(['pause web', 'pause db']);
    host.asked.length = 0;
    const paused = [joined(web, container(web, { name: 'web', state: 'paused' }), group('/docker/web'))];
    await carryOut(freeze('thaw', paused), host.means());
    expect(host.asked).toEqual(['unpause web']);
  });

  describe('of one whose cgroup has not been read yet', () => {
    const unread = [
      { ...joined(web, container(web, { name: 'web', pid: 50 })), cgroup: undefined },
      joined(db, container(db, { name: 'db', pid: 60 }), group('/docker/db')),
    ];

    it('is done by the kernel as well where its first process says which it is', async () => {
      host.memberships.set(50, `0::/docker/${web}/init.scope\n`);
      const results = await carryOut(freeze('freeze', unread), host.means());
      expect(results).toMatchObject([
        { key: web, outcome: 'done', by: 'cgroup' },
        { key: db, outcome: 'done', by: 'cgroup' },
      ]);
      expect(host.asked.slice(0, 3)).toEqual(['lease /docker/db', 'membership 50', `lease /docker/${web}`]);
    });

    it('is done by the kernel without asking where it was found out before', async () => {
      const cgroupOf = (): string => `/docker/${web}`;
      await carryOut(freeze('freeze', unread), host.means({ more: { cgroupOf } }));
      expect(host.asked.slice(0, 2)).toEqual([`lease /docker/${web}`, 'lease /docker/db']);
    });

    it.each([
      ['another process has its pid', '0::/user.slice\n'],
      ['it has ended', ''],
    ])('is left to the API where %s, which is noted', async (_, membership) => {
      host.memberships.set(50, membership);
      const results = await carryOut(freeze('freeze', unread), host.means());
      expect(results).toMatchObject([
        { by: 'api', reason: 'Through the API, since its cgroup has not been read yet.' },
        { key: db, by: 'cgroup' },
      ]);
      expect(host.asked).toContain('pause web');
      expect(results[1]).not.toHaveProperty('reason');
    });

    it('does not keep the others waiting where no answer comes', async () => {
      vi.useFakeTimers();
      const means = host.means();
      const lane = means.lane && { ...means.lane, membership: () => never };
      const done = carryOut(freeze('freeze', unread), { ...means, lane });
      await vi.advanceTimersByTimeAsync(10);
      expect(host.asked).toEqual(['lease /docker/db']);
      await vi.advanceTimersByTimeAsync(1000);
      expect(outcomes(await done)).toEqual({ a: 'done', b: 'done' });
      expect(host.asked).toEqual(['lease /docker/db', 'pause web', 'freeze /docker/db']);
    });

    it('has it killed by the kernel, too', async () => {
      host.memberships.set(50, `0::/docker/${web}\n`);
      host.apiSays = () => ({ outcome: 'failed', message: 'no' });
      vi.useFakeTimers();
      const kill = plan({ action: 'kill-all-containers', target: { kind: 'host' }, containers: unread });
      const done = carryOut(kill, host.means());
      await vi.advanceTimersByTimeAsync(10_000);
      host.abort.abort();
      await vi.advanceTimersByTimeAsync(10_000);
      await done;
      expect(host.asked).toContain(`lease /docker/${web}`);
      expect(host.asked).toContain(`killGroup /docker/${web}`);
    });
  });

  it('is on a lease until the host has answered again: who comes in through one is not locked out', async () => {
    const means = host.means();
    const lane = means.lane && { ...means.lane, state: () => never };
    const done = carryOut(freeze('freeze'), { ...means, lane });
    setTimeout(() => host.cutOff(), 20);
    expect(await done).toMatchObject([
      { outcome: 'unknown', reason: 'It was frozen, and is thawed by the host within 5 min.' },
      { outcome: 'unknown' },
    ]);
    expect(host.asked).toEqual(['lease /docker/web', 'lease /docker/db']);
  });

  it('after a cancel in the midst is undone', async () => {
    host.freezesTo = 'freezing';
    const done = carryOut(freeze('freeze'), host.means());
    setTimeout(() => host.abort.abort(), 50);
    expect(await done).toMatchObject([
      { outcome: 'not-done', reason: 'It was cancelled, and thawed again.' },
      { outcome: 'not-done' },
    ]);
    expect([...host.freezers.values()]).toEqual(['thawed', 'thawed']);
  });

  it.each(['freeze-containers', 'kill-containers'] as const)(
    'and killing leaves alone what our own shell runs in: %s',
    async (action) => {
      const target = { kind: 'containers', ids: [web, db] } as const;
      const holdsUs = (cgroup: string): boolean => cgroup === '/docker/web';
      const results = await carryOut(plan({ action, target, containers }), host.means({ more: { holdsUs } }));
      expect(results).toMatchObject([
        { outcome: 'not-done', reason: 'It is left alone: this connection to the host depends on it.' },
        { outcome: 'done' },
      ]);
      expect(host.asked.join(' ')).not.toContain('web');
    },
  );

  it('waits for tasks that have yet to stand still, and then says so', async () => {
    vi.useFakeTimers();
    host.freezesTo = 'freezing';
    const settled = vi.fn();
    const done = carryOut(freeze('freeze', containers.slice(0, 1)), host.means());
    void done.then(settled);
    await vi.advanceTimersByTimeAsync(4000);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await done).toMatchObject([
      { outcome: 'done', reason: 'Some of its tasks have yet to stand still.' },
    ]);
  });

  it('tells where the kernel cannot', async () => {
    host.freezesTo = 'absent';
    expect(await carryOut(freeze('freeze'), host.means())).toMatchObject([
      { outcome: 'failed', reason: 'The kernel of the host cannot freeze it.' },
      { outcome: 'failed' },
    ]);
  });
});

describe('signals to a process', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  const processes = [process(7)];
  const signal = (action: 'terminate-process' | 'kill-process'): Plan =>
    plan({ action, target: { kind: 'process', pid: 7, startTicks: 4711 }, processes });
  const run = async (action: 'terminate-process' | 'kill-process'): Promise<TargetResult | undefined> => {
    const done = carryOut(signal(action), host.means());
    await vi.advanceTimersByTimeAsync(20_000);
    return (await done)[0];
  };

  it('name the start time, and nothing more is sent once it has ended', async () => {
    let looks = 0;
    host.lookSays = () => answered(++looks === 2 ? 'gone' : 'there');
    expect(await run('terminate-process')).toMatchObject({ outcome: 'done', by: 'signal', sent: 'SIGTERM' });
    expect(host.asked).toEqual(['SIGTERM 7:4711']);
    expect(looks).toBe(2);
  });

  it('let one that is stopped go on, so that it can end', async () => {
    host.lookSays = () => answered(host.asked.includes('SIGCONT 7:4711') ? 'gone' : 'stopped');
    expect(await run('terminate-process')).toMatchObject({ outcome: 'done', sent: 'SIGTERM, SIGCONT' });
    expect(host.asked).toEqual(['SIGTERM 7:4711', 'SIGCONT 7:4711']);
  });

  it('kill what has not ended after ten seconds', async () => {
    host.lookSays = () => answered(host.asked.includes('SIGKILL 7:4711') ? 'other' : 'there');
    expect(await run('terminate-process')).toMatchObject({ outcome: 'done', sent: 'SIGTERM, SIGKILL' });
    expect(host.asked).toEqual(['SIGTERM 7:4711', 'SIGKILL 7:4711']);
  });

  it('say what is not known where it is cut or cancelled while it is looked at', async () => {
    host.lookSays = () => never;
    setTimeout(() => host.cutOff(), 3000);
    expect(await run('kill-process')).toMatchObject({ outcome: 'unknown', sent: 'SIGKILL' });
    host = new FakeHost();
    setTimeout(() => host.abort.abort(), 3000);
    expect(await run('kill-process')).toMatchObject({
      outcome: 'unknown',
      reason: 'It was cancelled; the signal was sent before.',
    });
    expect(host.asked).toEqual(['SIGKILL 7:4711']);
  });

  it('hit nothing where the pid is another process by now', async () => {
    host.signalSays = () => answered('other');
    expect(await run('kill-process')).toEqual({ key: '7:4711', outcome: 'gone' });
    expect(host.asked).toEqual(['SIGKILL 7:4711']);
  });

  it('say what is refused, and what is not known', async () => {
    host.signalSays = () => answered('denied');
    expect(await run('kill-process')).toMatchObject({ outcome: 'failed', reason: 'The kernel denies it.' });
    host.signalSays = () => ({ kind: 'not-sent', why: 'It has ended.' });
    expect(await run('kill-process')).toMatchObject({ outcome: 'not-done', reason: 'It has ended.' });
    host.signalSays = () => never;
    setTimeout(() => host.cutOff(), 100);
    expect(await run('kill-process')).toMatchObject({ outcome: 'unknown', sent: 'SIGKILL' });
  });

  it('are not sent where it was cancelled before the shell was open', async () => {
    const means = host.means({ more: { shell: () => never } });
    const done = carryOut(signal('kill-process'), means);
    host.abort.abort();
    expect(await done).toEqual([{ key: '7:4711', outcome: 'not-done' }]);
    expect(host.asked).toEqual([]);
  });

  it('say of one that waits in the kernel that it has yet to end', async () => {
    expect(await run('kill-process')).toMatchObject({ outcome: 'ending', sent: 'SIGKILL' });
  });
});
