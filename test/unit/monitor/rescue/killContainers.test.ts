import { describe, expect, it } from 'vitest';
import type { Freezer, GroupAnswer } from '../../../../src/core/rescue/answer';
import { runRescue, type RescueOptions } from '../../../../src/monitor/rescue/killContainers';
import type {
  ApiAnswer,
  KilledContainer,
  KillingApi,
  RescueEvent,
} from '../../../../src/monitor/rescue/rescueEvent';
import type { RescueLimits } from '../../../../src/monitor/rescue/rescueLimits';
import { rescuePlan, type RescueLane, type RescueTarget } from '../../../../src/monitor/rescue/rescuePlan';
import type { RescueReply } from '../../../../src/monitor/rescue/rescueShell';
import { ConnectionError } from '../../../../src/transport/connection';

/** Short times; what is slow below never answers. */
const limits: RescueLimits = {
  freezeMs: 60,
  settleMs: 60,
  apiMs: 30,
  roundMs: 10,
  disabledQuietMs: 40,
  quietMs: 80,
  endMs: 60,
  cancelMs: 40,
  wholeMs: 2000,
};
const never = new Promise<never>(() => undefined);

interface Group {
  freezer: Freezer;
  processes: number;
  /** What the runtime starts again when it was killed. */
  respawns: boolean;
  /** Killed through the runtime: it starts it no more. */
  stopped: boolean;
}

/** A host with containers a, b and c, as its kernel and its runtime see it. */
class Host {
  readonly groups = new Map<string, Group>();
  readonly asked: string[] = [];
  readonly leased = new Set<string>();
  apiAnswers: (id: string) => Promise<ApiAnswer> = () => Promise.resolve({ outcome: 'done' });
  disableAnswers: (id: string) => Promise<ApiAnswer> = () => never;
  laneAnswers: () => Promise<unknown> = () => Promise.resolve();
  version: 1 | 2 = 2;
  kills = true;
  thaws = true;
  isCut = false;
  hasClock = true;
  private cutNow: (error: ConnectionError) => void = () => undefined;
  readonly ended = new Promise<ConnectionError>((resolve) => (this.cutNow = resolve));

  constructor(
    readonly targets: readonly RescueTarget[] = ['a', 'b', 'c'].map((id) => ({
      id,
      cgroup: `/docker/${id}`,
    })),
  ) {
    for (const { id } of targets)
      this.groups.set(`/docker/${id}`, { freezer: 'thawed', processes: 2, respawns: false, stopped: false });
  }

  cut(): void {
    this.isCut = true;
    for (const cgroup of this.leased) this.set(cgroup, 'thawed');
    this.cutNow(new ConnectionError('connection', 'retry', 'The program on the host has ended.'));
  }

  get processes(): number[] {
    return [...this.groups.values()].map(({ processes }) => processes);
  }

  get freezers(): Freezer[] {
    return [...this.groups.values()].map(({ freezer }) => freezer);
  }

  lane(isRoot = true): RescueLane {
    return {
      isRoot,
      leaseMs: this.hasClock ? 300_000 : undefined,
      ended: this.ended,
      mayTake: (cgroup) => cgroup.startsWith('/docker/'),
      freeze: (cgroup, leased) =>
        this.answer('freeze', cgroup, (group) => {
          if (leased && group.freezer === 'thawed') this.leased.add(cgroup);
          this.set(cgroup, 'frozen');
        }),
      thaw: (cgroup, leasedOnly) =>
        this.answer('thaw', cgroup, () => {
          if (!this.thaws) return;
          if (leasedOnly !== true || this.leased.delete(cgroup)) this.set(cgroup, 'thawed');
        }),
      killGroup: (cgroup) => this.answer('kill', cgroup, (group) => this.killed(group)),
      state: (cgroup) => this.answer('state', cgroup, () => undefined),
    };
  }

  api(): KillingApi {
    return {
      kill: async (id) => {
        this.asked.push(`api ${id}`);
        const answer = await this.untilCut(this.apiAnswers(id));
        const group = this.groups.get(`/docker/${id}`);
        if (answer.outcome === 'done' && group && this.kills) {
          group.stopped = true;
          group.processes = 0;
        }
        return answer;
      },
      disableRestart: async (id) => {
        this.asked.push(`disable ${id}`);
        const answer = await this.untilCut(this.disableAnswers(id));
        const group = this.groups.get(`/docker/${id}`);
        if (answer.outcome === 'done' && group) group.respawns = false;
        return answer;
      },
    };
  }

  private killed(group: Group): void {
    group.processes = 0;
    if (!group.respawns) return;
    setTimeout(() => {
      if (!group.stopped) group.processes = 2;
    }, 15);
  }

  private set(cgroup: string, freezer: Freezer): void {
    const group = this.groups.get(cgroup);
    if (group) group.freezer = freezer;
  }

  private async answer(
    verb: string,
    cgroup: string,
    act: (group: Group) => void,
  ): Promise<RescueReply<GroupAnswer>> {
    if (this.isCut) return { kind: 'not-sent', why: 'cut' };
    if (verb !== 'state') this.asked.push(`${verb} ${cgroup}`);
    const cut = this.ended.then(() => 'cut');
    if ((await Promise.race([cut, this.laneAnswers()])) === 'cut')
      return { kind: 'unknown', why: 'cut', sentAtMs: 0 };
    const group = this.groups.get(cgroup);
    const times = { hostUptimeMs: 1, sentAtMs: 0, receivedAtMs: 0 };
    if (!group) return { kind: 'answered', value: { kind: 'gone' }, ...times };
    const before = group.freezer;
    const signalled = group.processes;
    const kill = { signalled, ...(verb === 'kill' && { killedBy: 'cgroup.kill' as const }) };
    act(group);
    const state = {
      version: this.version,
      freezer: group.freezer,
      processes: group.processes,
      currentBytes: 1,
    };
    return { kind: 'answered', value: { kind: 'group', before, state, ...kill }, ...times };
  }

  private untilCut(answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
    return Promise.race([answer, this.ended.then((): ApiAnswer => ({ outcome: 'unknown', message: 'cut' }))]);
  }
}

async function rescue(
  host: Host,
  more: Partial<RescueOptions> = {},
): Promise<{ results: string[]; reasons: (string | undefined)[]; steps: string[]; full: KilledContainer[] }> {
  const events: RescueEvent[] = [];
  const { onEvent } = more;
  const full = await runRescue(host.targets, {
    lane: host.lane(),
    api: host.api(),
    signal: new AbortController().signal,
    cut: host.ended,
    limits,
    ...more,
    onEvent: (event) => {
      events.push(event);
      onEvent?.(event);
    },
  });
  return {
    full,
    results: full.map(({ outcome }) => outcome),
    reasons: full.map(({ reason }) => reason),
    steps: events.filter(({ target, outcome }) => !target && outcome === 'started').map(({ step }) => step),
  };
}

const all = (outcome: string): string[] => [outcome, outcome, outcome];

describe('the plan', () => {
  it('says beforehand what can be done', () => {
    const { targets } = new Host();
    const odd = [...targets, { id: 'd', cgroup: undefined }, { id: 'e', cgroup: '/own' }];
    const plan = rescuePlan(odd, new Host().lane());
    expect(plan).toEqual({ byLane: targets, byApiOnly: odd.slice(3), laneMissing: undefined });
    expect(rescuePlan(targets, undefined)).toEqual({
      byLane: [],
      byApiOnly: targets,
      laneMissing: 'no-shell',
    });
    expect(rescuePlan(targets, new Host().lane(false))).toMatchObject({
      byLane: [],
      laneMissing: 'not-root',
    });
  });
});

describe('kill-all', () => {
  it('freezes all, kills through the API and is told so', async () => {
    const host = new Host();
    const { full, steps } = await rescue(host);
    expect(full).toEqual(host.targets.map((target) => ({ target, outcome: 'killed' })));
    expect(steps).toEqual(['freeze', 'api']);
    expect(host.asked.slice(0, 6).map((text) => text.split(' ')[0])).toEqual([
      'freeze',
      'freeze',
      'freeze',
      'api',
      'api',
      'api',
    ]);
    expect(host.asked).not.toContain('kill /docker/a');
  });

  it('kills by the kernel until the API has answered', async () => {
    const host = new Host();
    for (const group of host.groups.values()) group.respawns = true;
    host.apiAnswers = () => new Promise((resolve) => setTimeout(resolve, 150, { outcome: 'done' }));
    const { results, steps } = await rescue(host);
    expect(results).toEqual(all('killed'));
    expect(steps).toEqual(['freeze', 'api', 'without-api']);
    expect(host.asked.filter((text) => text === 'kill /docker/a').length).toBeGreaterThan(2);
    expect(host.asked).toContain('disable a');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.processes).toEqual([0, 0, 0]);
  });

  it('kills by the kernel until the restart policy is disabled, and then what was being started', async () => {
    const host = new Host();
    for (const group of host.groups.values()) group.respawns = true;
    host.apiAnswers = () => never;
    host.disableAnswers = () => new Promise((resolve) => setTimeout(resolve, 60, { outcome: 'done' }));
    const { full } = await rescue(host);
    const told = { outcome: 'killed', restartPolicy: 'disabled' };
    expect(full).toEqual(host.targets.map((target) => ({ target, ...told })));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.processes).toEqual([0, 0, 0]);
  });

  it('tells of each request when it was made, and how the kernel was told to kill', async () => {
    const host = new Host();
    host.apiAnswers = () => never;
    const events: RescueEvent[] = [];
    const beganAtMs = performance.now();
    await rescue(host, { onEvent: (event) => events.push(event) });
    const ofTargets = events.filter(({ target }) => target);
    for (const { sentAtMs, startedAtMs, elapsedMs } of ofTargets) {
      expect(sentAtMs).toBeGreaterThanOrEqual(startedAtMs);
      expect(sentAtMs).toBeLessThanOrEqual(startedAtMs + elapsedMs);
    }
    expect(ofTargets[0]?.sentAtMs).toBeGreaterThanOrEqual(beganAtMs);
    const kills = ofTargets.filter(({ step }) => step === 'without-api');
    expect(new Set(kills.map(({ killedBy }) => killedBy))).toEqual(new Set(['cgroup.kill']));
  });

  it('kills by the kernel what the API refuses to kill', async () => {
    const host = new Host();
    host.apiAnswers = (id) =>
      Promise.resolve(id === 'b' ? { outcome: 'failed', message: 'no' } : { outcome: 'done' });
    const { results, reasons } = await rescue(host);
    expect(results).toEqual(all('killed'));
    expect(reasons[1]).toContain('has not said');
    expect(host.processes).toEqual([0, 0, 0]);
  });

  it('says so where the API never answers', async () => {
    const host = new Host();
    host.apiAnswers = () => never;
    const { results, reasons } = await rescue(host);
    expect(results).toEqual(all('killed'));
    expect(reasons[0]).toContain('has not said');
  });

  it('is by the API alone without root', async () => {
    const host = new Host();
    host.apiAnswers = (id) =>
      Promise.resolve(id === 'a' ? { outcome: 'failed', message: 'no rights' } : { outcome: 'gone' });
    const { full, steps } = await rescue(host, { lane: host.lane(false) });
    expect(full.map(({ outcome }) => outcome)).toEqual(['refused', 'gone', 'gone']);
    expect(full[0]?.reason).toBe('no rights');
    expect(steps).toEqual(['api']);
    expect(host.asked).toEqual(['api a', 'api b', 'api c']);
  });

  it('is by the kernel alone without an API', async () => {
    const host = new Host();
    const { results, reasons } = await rescue(host, { api: undefined });
    expect(results).toEqual(all('killed'));
    expect(reasons[0]).toContain('may start it again');
  });

  it('kills nothing where it can reach nothing', async () => {
    const { results, reasons } = await rescue(new Host(), { api: undefined, lane: undefined });
    expect(results).toEqual(all('not-killed'));
    expect(reasons[0]).toContain('no API');
  });

  it('goes on with the API where the shell ends', async () => {
    const host = new Host();
    host.apiAnswers = () => new Promise((resolve) => setTimeout(resolve, 100, { outcome: 'done' }));
    const lane = {
      ...host.lane(),
      ended: Promise.resolve(new ConnectionError('channel', 'retry', 'killed')),
    };
    const answers = { freeze: notSent, thaw: notSent, killGroup: notSent, state: notSent };
    const { results } = await rescue(host, { lane: { ...lane, ...answers } });
    expect(results).toEqual(all('killed'));
  });
});

describe('what the runtime and the kernel see differently', () => {
  it('is killed by the kernel where it has ended for the runtime only', async () => {
    const host = new Host();
    host.apiAnswers = () => Promise.resolve({ outcome: 'gone' });
    const { results, steps } = await rescue(host);
    expect(results).toEqual(all('killed'));
    expect(steps).toEqual(['freeze', 'api', 'without-api']);
    expect(host.processes).toEqual([0, 0, 0]);
  });

  it('does not wait for a shell that stands still where the API has killed all', async () => {
    const host = new Host();
    host.laneAnswers = () => never;
    host.apiAnswers = () => new Promise((resolve) => setTimeout(resolve, 150, { outcome: 'done' }));
    const startedAtMs = performance.now();
    const { results } = await rescue(host);
    expect(results).toEqual(all('killed'));
    expect(performance.now() - startedAtMs).toBeLessThan(1500);
  });
});

const notSent = (): Promise<RescueReply<GroupAnswer>> =>
  Promise.resolve({ kind: 'not-sent', why: 'It has ended.' });

describe('what is told as dead', () => {
  const gone = { outcome: 'gone', message: 'No such container: a' } as const;
  const alone = (more: Partial<RescueTarget> = {}): Host => {
    const host = new Host([{ id: 'a', cgroup: '/docker/a', ...more }]);
    host.apiAnswers = () => Promise.resolve(gone);
    return host;
  };

  it('is not what an API does not know that has never told of it', async () => {
    const { full } = await rescue(alone({ unlisted: true }), { lane: undefined });
    expect(full).toMatchObject([{ outcome: 'refused', reason: 'No such container: a' }]);
  });

  it('is by the kernel what such an API does not know, and its restart policy is not asked for', async () => {
    const host = alone({ unlisted: true });
    const { full } = await rescue(host);
    expect(full).toMatchObject([
      { outcome: 'killed', reason: 'Whatever has started it may start it again.' },
    ]);
    expect(host.processes).toEqual([0]);
    expect(host.asked).not.toContain('disable a');
  });

  it('had ended before where the API says so and the kernel finds nothing', async () => {
    const host = alone();
    for (const group of host.groups.values()) group.processes = 0;
    const { full } = await rescue(host);
    expect(full).toEqual([{ target: host.targets[0], outcome: 'gone' }]);
    host.groups.clear();
    expect((await rescue(host)).results).toEqual(['gone']);
    host.apiAnswers = () => never;
    expect((await rescue(host, { api: undefined })).results).toEqual(['gone']);
  });

  it('is nothing of which a shell that stands still says nothing', async () => {
    const host = alone({ unlisted: true });
    host.laneAnswers = () => never;
    const { results } = await rescue(host, { limits: { ...limits, wholeMs: 300 } });
    expect(results).toEqual(['unknown']);
  });

  it('is not what the API calls ended while the kernel finds processes in it', async () => {
    const host = alone();
    const cancel = new AbortController();
    const { full } = await rescue(host, {
      signal: cancel.signal,
      limits: { ...limits, endMs: 1000 },
      onEvent: ({ step, target }) => {
        if (step === 'api' && target) setTimeout(() => cancel.abort(), 150);
      },
    });
    expect(full).toMatchObject([{ outcome: 'not-killed' }]);
    expect(full[0]?.reason).toContain('2 of its processes go on');
    expect(host.freezers).toEqual(['thawed']);
  });

  it('is not yet what the API has killed while the kernel finds processes in it', async () => {
    const host = alone();
    host.kills = false;
    host.apiAnswers = () => Promise.resolve({ outcome: 'done' });
    const { full } = await rescue(host);
    expect(full).toMatchObject([{ outcome: 'ending' }]);
    expect(full[0]?.reason).toContain('2 of its processes have yet to end');
  });
});

describe('what was frozen', () => {
  it('and could not be thawed is told', async () => {
    const host = new Host();
    host.thaws = false;
    const { full } = await rescue(host, cancelledAt('freeze'));
    const told = { outcome: 'not-killed', reason: 'It was cancelled.', standsStill: true };
    expect(full).toEqual(host.targets.map((target) => ({ target, ...told })));
  });

  it('and was thawed again needs no word', async () => {
    const host = new Host();
    const { full } = await rescue(host, cancelledAt('freeze'));
    const told = { outcome: 'not-killed', reason: 'It was cancelled.' };
    expect(full).toEqual(host.targets.map((target) => ({ target, ...told })));
  });

  it('is nothing where the shell has no clock to thaw by', async () => {
    const host = new Host();
    host.hasClock = false;
    const { results, steps } = await rescue(host);
    expect(results).toEqual(all('killed'));
    expect(steps).toEqual(['api']);
    expect(host.asked.filter((text) => text.startsWith('freeze'))).toEqual([]);
  });
});

/** Cancels when the first target is told in that step. */
function cancelledAt(step: RescueEvent['step']): Pick<RescueOptions, 'signal' | 'onEvent'> {
  const cancel = new AbortController();
  const onEvent = (event: RescueEvent): void => {
    if (event.step === step && event.target) cancel.abort();
  };
  return { signal: cancel.signal, onEvent };
}

describe('the restart policy', () => {
  it('is not asked for where the API kills in time', async () => {
    const host = new Host();
    await rescue(host);
    expect(host.asked.some((text) => text.startsWith('disable'))).toBe(false);
  });

  it('is taken back where the kill was answered before it was sent', async () => {
    const host = new Host();
    const cancelled: string[] = [];
    host.apiAnswers = () => new Promise((resolve) => setTimeout(resolve, 60, { outcome: 'done' }));
    const api = host.api();
    const disableRestart: KillingApi['disableRestart'] = (id, cancel) =>
      new Promise((resolve) => {
        cancel.addEventListener('abort', () => {
          cancelled.push(id);
          resolve({ outcome: 'not-sent' });
        });
      });
    const { full } = await rescue(host, {
      api: { ...api, disableRestart },
      limits: { ...limits, quietMs: 1000 },
    });
    expect(cancelled.sort()).toEqual(['a', 'b', 'c']);
    expect(full).toEqual(host.targets.map((target) => ({ target, outcome: 'killed' })));
  });

  it('is told where it was sent and not answered', async () => {
    const host = new Host();
    host.apiAnswers = () => new Promise((resolve) => setTimeout(resolve, 60, { outcome: 'done' }));
    const { full } = await rescue(host, { limits: { ...limits, quietMs: 1000 } });
    const told = { outcome: 'killed', restartPolicy: 'unknown' };
    expect(full).toEqual(host.targets.map((target) => ({ target, ...told })));
  });

  it('is asked first for what the API does not hang on already', async () => {
    const host = new Host();
    host.apiAnswers = () => never;
    await rescue(host);
    expect(host.asked.filter((text) => text.startsWith('disable')).slice(0, 3)).toEqual([
      'disable c',
      'disable b',
      'disable a',
    ]);
  });
});

describe('cancel', () => {
  it('before the first step touches nothing', async () => {
    const host = new Host();
    const { results, reasons } = await rescue(host, { signal: AbortSignal.abort() });
    expect(results).toEqual(all('not-killed'));
    expect(reasons[0]).toBe('It was cancelled.');
    expect(host.asked).toEqual([]);
  });

  it('while it freezes thaws all and kills nothing', async () => {
    const host = new Host();
    const cancel = new AbortController();
    const { results } = await rescue(host, {
      signal: cancel.signal,
      onEvent: ({ step, target }) => {
        if (step === 'freeze' && target) cancel.abort();
      },
    });
    expect(results).toEqual(all('not-killed'));
    expect(host.processes).toEqual([2, 2, 2]);
    expect(host.freezers).toEqual(all('thawed'));
    expect(host.asked.some((text) => /^(api|kill|disable)/.test(text))).toBe(false);
  });

  it('while the API kills leaves the others untouched and thaws them, but not what was frozen before', async () => {
    const host = new Host();
    const paused = host.groups.get('/docker/c');
    if (paused) paused.freezer = 'frozen';
    const cancel = new AbortController();
    host.apiAnswers = (id) => (id === 'a' ? Promise.resolve({ outcome: 'done' }) : never);
    const { results, reasons } = await rescue(host, {
      signal: cancel.signal,
      onEvent: ({ step, target }) => {
        if (step === 'api' && target?.id === 'a') cancel.abort();
      },
    });
    // The second request was on its way.
    expect(results).toEqual(['killed', 'unknown', 'not-killed']);
    expect(reasons).toEqual([undefined, 'It was cancelled.', 'It was cancelled.']);
    expect(host.asked).not.toContain('api c');
    expect(host.freezers.slice(1)).toEqual(['thawed', 'frozen']);
  });

  it('while the kernel kills begins no further round', async () => {
    const host = new Host();
    for (const group of host.groups.values()) group.respawns = true;
    host.apiAnswers = () => never;
    const cancel = new AbortController();
    const { results } = await rescue(host, {
      signal: cancel.signal,
      onEvent: ({ step, target }) => {
        if (step === 'without-api' && target) cancel.abort();
      },
    });
    expect(results).toEqual(all('unknown'));
    expect(host.asked.filter((text) => text.startsWith('kill'))).toHaveLength(3);
  });
});

describe('a connection that is cut', () => {
  it('while it freezes: nothing was killed, and the shell thaws', async () => {
    const host = new Host();
    const { full, results, reasons } = await rescue(host, {
      onEvent: ({ step, target }) => {
        if (step === 'freeze' && target) host.cut();
      },
    });
    expect(results).toEqual(all('not-killed'));
    expect(reasons[0]).toBe('The connection has ended.');
    expect(full.every(({ standsStill }) => standsStill === true)).toBe(true);
    expect(host.freezers).toEqual(all('thawed'));
  });

  it('while the API kills: each is told', async () => {
    const host = new Host();
    host.apiAnswers = (id) => (id === 'a' ? Promise.resolve({ outcome: 'done' }) : never);
    const { results } = await rescue(host, {
      limits: { ...limits, apiMs: 1000 },
      onEvent: ({ step, target }) => {
        if (step === 'api' && target?.id === 'a') setTimeout(() => host.cut(), 30);
      },
    });
    expect(results).toEqual(['killed', 'unknown', 'unknown']);
  });

  it('while the kernel kills: whether it was started again is not known', async () => {
    const host = new Host();
    host.apiAnswers = () => never;
    const { results } = await rescue(host, {
      onEvent: ({ step, target }) => {
        if (step === 'without-api' && target) host.cut();
      },
    });
    expect(results).toEqual(all('unknown'));
  });

  it('ends it also where nothing answers any more', async () => {
    const host = new Host();
    host.laneAnswers = () => never;
    host.apiAnswers = () => never;
    setTimeout(() => host.cut(), 200);
    const { results } = await rescue(host);
    expect(results).toEqual(all('unknown'));
  });
});

/** Ways in which a run goes, by what the API says. */
const ways: Readonly<Record<string, (host: Host) => void>> = {
  'the API kills': () => undefined,
  'the API refuses one': (host) => {
    host.apiAnswers = (id) =>
      Promise.resolve(id === 'b' ? { outcome: 'failed', message: 'no' } : { outcome: 'done' });
  },
  'the API says nothing': (host) => {
    host.apiAnswers = () => never;
    host.disableAnswers = () => new Promise((resolve) => setTimeout(resolve, 30, { outcome: 'done' }));
  },
};

describe.each(Object.entries(ways))('stopped at whatever it is doing while %s', (_, prepare) => {
  /** Runs until the event of that number. @returns the host, what was told, and whether there was such an event. */
  async function stoppedAt(
    event: number,
    stop: (host: Host, cancel: AbortController) => void,
  ): Promise<{ host: Host; outcomes: Record<string, string>; asked: readonly string[]; reached: boolean }> {
    const host = new Host();
    prepare(host);
    const cancel = new AbortController();
    let events = 0;
    let before: readonly string[] = [];
    const { full } = await rescue(host, {
      signal: cancel.signal,
      onEvent: () => {
        if (events++ !== event) return;
        before = [...host.asked];
        stop(host, cancel);
      },
    });
    const outcomes = Object.fromEntries(full.map(({ target, outcome }) => [target.id, outcome]));
    return { host, outcomes, asked: host.asked.slice(before.length), reached: events > event };
  }

  const isKill = (text: string): boolean => /^(?:api|kill)/.test(text);

  /** What is told of each is what has become of it. */
  function expectTruth(host: Host, outcomes: Record<string, string>): void {
    for (const [id, outcome] of Object.entries(outcomes)) {
      const { processes } = host.groups.get(`/docker/${id}`) ?? {};
      const wasSent = host.asked.some((text) => text === `api ${id}` || text === `kill /docker/${id}`);
      if (outcome === 'killed') expect(processes).toBe(0);
      else if (outcome === 'unknown') expect(wasSent).toBe(true);
      else if (wasSent)
        expect(id).toBe('b'); // refused, and so it is told
      else expect(processes).toBe(2);
    }
  }

  it('by cancel: what was not sent stays as it was, and all that lives is thawed', async () => {
    let event = 0;
    for (; ; event++) {
      const { host, outcomes, asked, reached } = await stoppedAt(event, (_host, cancel) => cancel.abort());
      if (!reached) break;
      expectTruth(host, outcomes);
      expect(host.freezers, `event ${event}`).toEqual(all('thawed'));
      // What was on its way goes on: at most two requests to the API, and one round by the kernel.
      expect(new Set(asked.filter(isKill)).size, `event ${event}`).toBe(0);
    }
    expect(event).toBeGreaterThan(8);
  });

  it('by a cut: each is told as killed, not killed or unknown, and the shell thaws', async () => {
    let event = 0;
    for (; ; event++) {
      const { host, outcomes, reached } = await stoppedAt(event, (cut) => cut.cut());
      if (!reached) break;
      expect(Object.keys(outcomes)).toEqual(['a', 'b', 'c']);
      expectTruth(host, outcomes);
      expect(host.freezers, `event ${event}`).toEqual(all('thawed'));
    }
    expect(event).toBeGreaterThan(8);
  });
});

it('ends by itself after a time', async () => {
  const host = new Host();
  host.laneAnswers = () => never;
  host.apiAnswers = () => never;
  const { results, reasons } = await rescue(host, { limits: { ...limits, wholeMs: 300 } });
  expect(results).toEqual(all('unknown'));
  expect(reasons[0]).toBe('It took too long.');
});
