import { describe, expect, it } from 'vitest';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import type { SurveyQuestion } from '../../../../src/core/survey/question';
import {
  SurveySchedule,
  type Demand,
  type SurveyKnowledge,
} from '../../../../src/core/survey/surveySchedule';

const capture: SurveyCapture = {
  bootId: 'boot',
  hostUptimeMs: 0,
  unchangedPids: [],
  cgroups: [],
  text: {},
  unreadable: [],
};

/** A host that answers each slice at once. */
class Host {
  readonly schedule: SurveySchedule;
  nowMs = 100_000;
  left = 0;
  lists: number[] = [];
  readonly asked: SurveyQuestion[] = [];

  constructor(
    readonly pids: number,
    readonly cgroups: number,
    setsEveryMs: Readonly<Record<string, number>> = {},
  ) {
    this.schedule = new SurveySchedule(setsEveryMs);
  }

  ask(everyMs: number, pace = 1): SurveyQuestion | undefined {
    this.nowMs += everyMs;
    const question = this.schedule.next(this.nowMs, this.knowledge, pace);
    if (!question) return undefined;
    this.asked.push(question);
    if (question.list) {
      this.left = this.pids;
      this.lists.push(this.nowMs);
    }
    this.left = Math.max(0, this.left - question.stats);
    const pids = Array.from({ length: this.pids }, (_, index) => index + 1);
    this.schedule.note({
      ...capture,
      hostUptimeMs: this.nowMs,
      left: this.left,
      ...(question.list && { pids }),
    });
    return question;
  }

  askFor(seconds: number, everyMs: number, pace = 1): void {
    for (let ms = 0; ms < seconds * 1000; ms += everyMs) this.ask(everyMs, pace);
  }

  total(what: 'stats' | 'cgroups'): number {
    return this.asked.reduce((total, question) => total + question[what], 0);
  }

  private get knowledge(): SurveyKnowledge {
    return {
      cgroups: this.cgroups,
      hasNew: false,
      wanted: (most) => Array.from({ length: most }, (_, pid) => ({ pid, files: ['s'] })),
    };
  }
}

describe('SurveySchedule', () => {
  it('reads all processes at once at first, and then round after round', () => {
    const host = new Host(300, 20);
    expect(host.ask(1000)?.list).toBe(true);
    host.askFor(4, 1000);
    expect(host.left).toBe(0);
    host.askFor(55, 1000);
    const rounds = host.lists.slice(1).map((at, index) => at - (host.lists[index] ?? 0));
    expect(Math.min(...rounds.slice(2))).toBeGreaterThanOrEqual(8000);
    expect(Math.max(...rounds)).toBeLessThanOrEqual(11_000);
  });

  it.each([200, 1000, 5000])('asks for the same in a minute where it is asked every %i ms', (everyMs) => {
    const host = new Host(300, 20);
    host.askFor(120, everyMs);
    const { length } = host.asked;
    const before = { stats: host.total('stats'), cgroups: host.total('cgroups') };
    host.askFor(60, everyMs);
    expect(host.asked.length).toBeGreaterThan(length);
    expect(Math.abs(host.total('stats') - before.stats - 1900)).toBeLessThan(200);
    expect(Math.abs(host.total('cgroups') - before.cgroups - 120)).toBeLessThanOrEqual(2);
  });

  it('takes no round of a few processes more often than every five seconds', () => {
    const host = new Host(10, 1);
    host.askFor(60, 1000);
    expect(host.lists.length).toBeLessThanOrEqual(13);
    expect(host.lists.length).toBeGreaterThanOrEqual(9);
  });

  it('goes slower at a lower pace, and asks for nothing where nothing is due', () => {
    const full = new Host(1000, 20);
    full.askFor(1000, 1000);
    const slow = new Host(1000, 20);
    slow.askFor(1000, 1000, 0.1);
    expect(slow.total('stats') / full.total('stats')).toBeLessThan(0.13);
    expect(slow.asked.length).toBeGreaterThan(30);
    const quiet = new Host(1, 0);
    quiet.askFor(4, 1000, 0.05);
    expect(quiet.asked.length).toBeLessThan(4);
  });

  it('reads each set about as often as it should be', () => {
    const host = new Host(1, 0, { often: 10_000, seldom: 60_000 });
    host.askFor(120, 1000);
    const times = (set: string): number => host.asked.filter(({ sets }) => sets.includes(set)).length;
    expect(times('often')).toBe(12);
    expect(times('seldom')).toBe(2);
    expect(host.asked[0]?.sets).toEqual(['often', 'seldom']);
    expect(host.asked.slice(1).every(({ sets }) => sets.length <= 1)).toBe(true);
  });

  it('gives a host that stood still no more than five seconds bring', () => {
    const host = new Host(3000, 500);
    host.askFor(60, 1000);
    const question = host.ask(600_000);
    expect(question?.stats).toBeLessThanOrEqual(33 * 5 + 1);
    expect(question?.cgroups).toBeLessThanOrEqual(4 * 5 + 1);
  });

  describe('reads at once', () => {
    const all: Demand = { sets: ['checkup'], allProcesses: true, processes: [] };

    it('all processes, tells when they have come, and goes on as before', () => {
      const host = new Host(2500, 20, { usual: 10_000 });
      host.askFor(10, 1000);
      const met: number[] = [];
      host.schedule.atOnce(all, (captures) => met.push(captures.length));
      expect(host.ask(1000)).toEqual({
        list: true,
        fresh: true,
        stats: 1000,
        schedstats: true,
        cgroups: 0,
        sets: ['checkup'],
        processes: [],
      });
      expect(host.ask(1000)).toMatchObject({ list: false, fresh: false, stats: 1000, sets: [] });
      expect(met).toEqual([]);
      expect(host.ask(1000)).toMatchObject({ list: false, stats: 1000 });
      expect(met).toEqual([3]);
      expect(host.ask(1000)).not.toHaveProperty('schedstats');
      expect(met).toEqual([3]);
    });

    it('files of some processes', () => {
      const host = new Host(100, 20);
      let met = false;
      const processes = [{ pid: 7, files: ['s'] as const }];
      host.schedule.atOnce({ sets: [], allProcesses: false, processes }, () => (met = true));
      expect(host.ask(1000)).toMatchObject({ list: false, stats: 0, processes });
      expect(met).toBe(true);
    });

    it('all cgroups, also those that are found only then, but not any number', () => {
      const demand: Demand = { sets: [], allProcesses: false, processes: [], allCgroups: true };
      for (const known of [0, 20, 1500]) {
        const host = new Host(100, known);
        let met = false;
        host.schedule.atOnce(demand, () => (met = true));
        expect(host.ask(1000)).toMatchObject({ list: false, stats: 0, cgroups: 200 });
        expect(met).toBe(true);
      }
    });

    it('none of what was under way before', () => {
      const host = new Host(100, 20);
      const { schedule } = host;
      const knowledge = { cgroups: 0, hasNew: false, wanted: () => [] };
      expect(schedule.next(1000, knowledge, 1)?.list).toBe(true);
      let met = 0;
      schedule.atOnce(all, () => (met += 1));
      schedule.note({ ...capture, hostUptimeMs: 1000, pids: [1], left: 0 });
      expect(met).toBe(0);
      expect(host.ask(1000)).toMatchObject({ fresh: true, sets: ['checkup'] });
      expect(met).toBe(1);
    });

    it('all of it once more where another program has taken over', () => {
      const host = new Host(2500, 20);
      const met: number[] = [];
      host.schedule.atOnce(all, (captures) => met.push(captures.length));
      host.ask(1000);
      host.schedule.programChanged();
      host.left = 0;
      expect(host.ask(1000)).toMatchObject({ list: true, fresh: true, sets: ['checkup'] });
      host.askFor(2, 1000);
      expect(met).toEqual([3]);
    });

    it('one thing at a time, and none that was taken back', () => {
      const host = new Host(100, 20);
      let met = 0;
      const takeBack = host.schedule.atOnce(all, () => (met += 1));
      expect(() => host.schedule.atOnce(all, () => undefined)).toThrow('something else');
      takeBack();
      host.askFor(5, 1000);
      expect(met).toBe(0);
      host.schedule.atOnce(all, () => (met += 1));
      host.ask(1000);
      expect(met).toBe(1);
    });
  });

  it('reads a set again that was on its way when another program took over', () => {
    const host = new Host(1, 0, { seldom: 600_000 });
    const knowledge = { cgroups: 0, hasNew: false, wanted: () => [] };
    expect(host.schedule.next(1000, knowledge, 1)?.sets).toEqual(['seldom']);
    host.schedule.programChanged();
    expect(host.schedule.hasRead('seldom')).toBe(false);
    expect(host.schedule.next(2000, knowledge, 1)?.sets).toEqual(['seldom']);
  });
});
