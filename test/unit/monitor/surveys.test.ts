import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Sample } from '../../../src/core/sample';
import type { SurveyCapture } from '../../../src/core/survey/capture';
import { Surveys, type SurveyedSession } from '../../../src/monitor/surveys';

const bootId = 'a-boot';
const slice: SurveyCapture = {
  ...{ bootId, hostUptimeMs: 1000, unchangedPids: [], cgroups: [], text: {}, unreadable: [] },
};
const whole = { sets: [], allProcesses: false, processes: [] };

let at: number;
let fullPercent: number;
let looked: boolean;
let nearCliff: boolean;
let hurried: number;
let logged: string[];
let renewed: number;
let surveyEnded: boolean;
let end: () => void;
let session: SurveyedSession;
let surveys: Surveys;

beforeEach(() => {
  vi.useFakeTimers();
  [at, fullPercent, looked, nearCliff, hurried, logged, renewed] = [1000, 0, true, false, 0, [], 0];
  surveyEnded = false;
  const ended = new Promise<void>((resolve) => (end = resolve));
  session = {
    ended,
    facts: { bootId, pageSizeBytes: 4096 },
    hello: { surveys: true },
    renew: () => Promise.resolve(void (renewed += 1)),
    get surveyEnded() {
      return surveyEnded;
    },
  } as unknown as SurveyedSession;
  const sample = (): Sample => ({ bootId, at }) as unknown as Sample;
  surveys = new Surveys(
    {
      latest: () => ({ sample: sample(), rates: { memoryFullPercent: fullPercent } }) as never,
      looked: () => looked,
      nearCliff: () => nearCliff,
      hurry: () => (hurried += 1),
      log: (line) => logged.push(line),
    },
    () => undefined,
  );
});
afterEach(() => void vi.useRealTimers());

/** When something was asked within a minute in which the host is sampled once a second; s. */
function askedIn(seconds: number): number[] {
  const asked: number[] = [];
  for (let second = 0; second < seconds; second++, at += 1000) {
    if (!surveys.next(session, 1)) continue;
    asked.push(second);
    surveys.add(session, { ...slice, hostUptimeMs: at });
  }
  return asked;
}

describe('the surveys of a host', () => {
  it('come beside each sample where somebody looks, else rarely, and more rarely where memory is short', () => {
    expect(askedIn(5)).toEqual([0, 1, 2, 3, 4]);
    looked = false;
    for (const seconds of askedIn(20)) expect(seconds % 5).toBe(4);
    fullPercent = 30;
    expect(askedIn(40).length).toBeLessThanOrEqual(3);
  });

  it('are none of a boot that the latest sample is not of', () => {
    const other = { ...session, facts: { bootId: 'another' } } as SurveyedSession;
    expect(surveys.next(other, 1)).toBeUndefined();
    expect(surveys.next(session, 1)).toBeDefined();
    const { survey } = surveys;
    surveys.add(other, { ...slice, bootId: 'another' });
    expect(surveys.survey).not.toBe(survey);
    expect(surveys.survey?.bootId).toBe('another');
  });

  it('read at once what is wanted, although nobody looks', async () => {
    looked = false;
    surveys.next(session, 1);
    const reading = surveys.readAtOnce(session, whole, new AbortController().signal);
    expect(hurried).toBe(1);
    surveys.add(session, slice); // was under way before
    expect(surveys.next(session, 1)).toBeDefined();
    const wanted = { ...slice, hostUptimeMs: 2000 };
    surveys.add(session, wanted);
    expect(await reading).toEqual([wanted]);
  });

  it('say why nothing was read at once', async () => {
    const { signal } = new AbortController();
    await expect(surveys.readAtOnce(undefined, whole, signal)).rejects.toThrow('answers no surveys');
    const silent = surveys.readAtOnce(session, whole, signal).catch(String);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await silent).toBe('Error: the host did not answer in time');
    const lost = surveys.readAtOnce(session, whole, signal).catch(String);
    end();
    expect(await lost).toBe('Error: the connection was lost');
    surveyEnded = true;
    await expect(surveys.readAtOnce(session, whole, signal)).rejects.toThrow('answers no surveys');
  });

  it('have the part that answers started anew: thrice soon, then rarely, and never near the cliff', async () => {
    surveys.renew(session);
    expect(renewed).toBe(0);
    surveyEnded = true;
    nearCliff = true;
    surveys.renew(session);
    expect(renewed).toBe(0);
    nearCliff = false;
    const atSecond: number[] = [];
    for (let second = 0; second < 800; second++) {
      const before = renewed;
      surveys.renew(session);
      if (renewed > before) atSecond.push(second);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(atSecond).toEqual([0, 30, 60, 660]);
    expect(logged).toHaveLength(4);
  });

  it('go on where a slice cannot be taken in', () => {
    const broken = { ...slice, text: undefined } as unknown as SurveyCapture;
    const seen: SurveyCapture[] = [];
    surveys.onSlice((capture) => seen.push(capture));
    surveys.add(session, broken);
    surveys.add(session, slice);
    expect(logged.join()).toContain('a part of the survey was lost');
    expect(seen).toEqual([slice]);
  });
});
