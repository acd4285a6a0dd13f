import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Capture } from '../../../src/core/capture';
import { hostFactsOf } from '../../../src/core/hostFacts';
import { Moments, type Moment, type SeenInterruption } from '../../../src/monitor/moments';
import { captureOf, procFixtures } from '../core/fixtures';

const fixture = procFixtures.find(({ name }) => name === 'busybox-6.1-swap');
if (!fixture?.later) throw new Error('the fixture is gone');
const { texts, later } = fixture;
const facts = hostFactsOf(texts);
/** Uptime of the texts and of those a moment later, in ms. */
const atMs = captureOf(texts).hostUptimeMs;
const laterMs = captureOf(later).hostUptimeMs;

/** An answer that takes so long, in ms. */
const delayMs = 40;
/** Our time of day when the host was started. */
const bootWallMs = Date.UTC(2026, 0, 2);

let told: SeenInterruption[];
let moments: Moments;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  vi.setSystemTime(bootWallMs);
  told = [];
  moments = new Moments((seen) => told.push(seen));
});
afterEach(() => {
  vi.useRealTimers();
});

/** Puts our clocks so long after the boot of the host. */
function sinceBoot(ms: number): void {
  vi.advanceTimersByTime(ms - (Date.now() - bootWallMs));
}

/** What the host said when it had been up for so long, answered after {@link delayMs}: half of it each way. */
function asked(hostUptimeMs: number, more: Partial<Capture> = {}): Capture {
  const receivedAtMs = performance.now();
  const text = hostUptimeMs < laterMs ? texts : later;
  return {
    ...captureOf(text),
    hostUptimeMs,
    askedAtMs: receivedAtMs - delayMs,
    receivedAtMs,
    ...more,
  };
}

function own(hostUptimeMs: number, more: Partial<Capture> = {}): Capture {
  return asked(hostUptimeMs, { clock: 'own', ...more });
}

/** An answer that comes when it should. */
function answered(hostUptimeMs: number, more: Partial<Capture> = {}): Moment | undefined {
  sinceBoot(hostUptimeMs + delayMs / 2);
  return add(asked(hostUptimeMs, more));
}

function add(capture: Capture): Moment | undefined {
  return moments.add(capture, facts, 1234);
}

const historyTimes = (): number[] => moments.history.points().map(({ at }) => at - bootWallMs);

describe('Moments', () => {
  it('are what a sample says, how it came, and what follows from the one before', () => {
    const first = answered(atMs);
    expect(first).toMatchObject({
      wallMs: bootWallMs + atMs,
      wireBytes: 1234,
      ageMs: delayMs / 2,
      facts,
      sample: { at: atMs, clock: 'asked', answerDelayMs: delayMs, problems: {} },
    });
    expect(first).not.toHaveProperty('rates');
    expect(first?.stallMs).toBeUndefined();
    const second = answered(laterMs, { dueWithinMs: 2000 });
    expect(second).toMatchObject({ wallMs: bootWallMs + laterMs, stallMs: laterMs - atMs - 2000 });
    expect(second?.rates?.elapsedMs).toBe(laterMs - atMs);
    expect(second?.rates?.pgfaultPerSecond).toBeGreaterThan(0);
    expect(moments.latest).toBe(second);
    expect(historyTimes()).toEqual([atMs, laterMs]);
    expect(told).toEqual([]);
  });

  it('that come late stand where they belong, and leave the latest what it is', () => {
    answered(atMs);
    const latest = answered(laterMs);
    sinceBoot(laterMs + 3000);
    const middle = add(own(atMs + 2000, { dueWithinMs: 2000 }));
    const early = add(own(atMs + 1000, { dueWithinMs: 2000 }));
    expect(middle).toMatchObject({ wallMs: bootWallMs + atMs + 2000, stallMs: 0 });
    expect(middle?.rates?.elapsedMs).toBe(2000);
    expect(middle?.sample.answerDelayMs).toBeUndefined();
    expect(middle?.ageMs).toBe(laterMs + 3000 - atMs - 2000);
    expect(early?.rates?.elapsedMs).toBe(1000);
    expect(moments.latest).toBe(latest);
    expect(historyTimes()).toEqual([atMs, atMs + 1000, atMs + 2000, laterMs]);
    expect(told).toEqual([]);
  });

  it('of one moment of the host are one, however often they come', () => {
    answered(atMs);
    answered(atMs + 1000);
    answered(laterMs);
    for (const at of [laterMs, atMs + 1000, atMs]) {
      expect(add(asked(at, { seq: 9 }))).toBeUndefined();
      expect(add(own(at))).toBeUndefined();
    }
    expect(historyTimes()).toEqual([atMs, atMs + 1000, laterMs]);
    expect(told).toEqual([]);
  });

  it('that a replaced connection still tells are no snapshot, though their uptime goes back', () => {
    answered(atMs);
    const open = { askedAtMs: performance.now() + 60, seq: 3 };
    answered(atMs + 2000, { seq: 2 }); // on the second connection
    sinceBoot(atMs + 2500);
    const late = add(asked(atMs + 200, open));
    expect(late?.rates?.elapsedMs).toBe(200);
    expect(late?.sample.answerDelayMs).toBeGreaterThan(2000);
    expect(historyTimes()).toEqual([atMs, atMs + 200, atMs + 2000]);
    expect(told).toEqual([]);
  });

  it('that were taken in a long silence follow the last one before it, though that has become old', () => {
    const minutes = 5 * 60_000;
    for (let second = 0; second < 60; second++) answered(atMs + second * 1000);
    answered(atMs + 60_000 + minutes); // on the connection that has taken the place of the silent one
    expect(add(own(atMs + 61_000))?.rates?.elapsedMs).toBe(2000);
    expect(add(own(atMs + 62_000))?.rates?.elapsedMs).toBe(1000);
    expect(add(own(atMs + 1500))).toBeUndefined(); // too old to be placed
    expect(answered(atMs + 61_000 + minutes)?.rates?.elapsedMs).toBe(1000);
  });

  it('that are older than all that is remembered are left out: they may be known', () => {
    for (let index = 1; index <= 151; index++) answered(atMs + index * 10);
    expect(add(own(atMs))).toBeUndefined();
    expect(add(own(atMs + 10))).toBeUndefined(); // it is known, and no longer remembered
    expect(add(own(atMs + 25))).toMatchObject({ sample: { at: atMs + 25 } });
  });

  it('without an answer that was quick before stand at the time at which they came', () => {
    sinceBoot(laterMs);
    expect(add(own(atMs))).toMatchObject({ wallMs: bootWallMs + laterMs, ageMs: 0 });
  });

  it('over a reboot have no rates; it is told once, and what is left of the boot before comes too late', () => {
    answered(atMs);
    answered(laterMs);
    sinceBoot(laterMs + 20_000);
    // The new kernel has run for 5 s.
    const first = add(asked(5000, { bootId: 'another', dueWithinMs: 1000 }));
    expect(first).not.toHaveProperty('rates');
    expect(first?.stallMs).toBeUndefined();
    expect(first?.wallMs).toBe(Date.now() - delayMs / 2);
    const askedMs = laterMs + 20_000 - delayMs;
    const downMs = askedMs - (laterMs + delayMs / 2) - 5000;
    expect(told.map(({ interruption }) => interruption)).toEqual([{ kind: 'reboot', downMs }]);
    expect(told[0]?.wallMs).toBe(first?.wallMs);
    expect(add(own(laterMs + 1000))).toBeUndefined();
    vi.advanceTimersByTime(1000);
    const second = add(asked(6000, { bootId: 'another' }));
    expect(second?.rates?.elapsedMs).toBe(1000);
    expect(moments.interruptions).toEqual(told);
    expect(told).toHaveLength(1);
    expect(historyTimes()).toHaveLength(4);
    // Events of the boot before keep their time.
    expect(moments.clock.toWallMs(captureOf(texts).bootId, atMs)).toBe(bootWallMs + atMs);
  });

  it('over the return to a snapshot have no rates, and the time of day goes on', () => {
    answered(laterMs);
    sinceBoot(laterMs + 1000);
    const first = add(asked(atMs - 8000));
    expect(told.map(({ interruption }) => interruption)).toEqual([
      { kind: 'clock-back', backMs: laterMs - atMs + 8000 },
    ]);
    expect(first).not.toHaveProperty('rates');
    expect(first?.wallMs).toBe(Date.now() - delayMs / 2);
    expect(moments.latest).toBe(first);
    vi.advanceTimersByTime(1000);
    expect(add(asked(atMs - 7000))?.rates?.elapsedMs).toBe(1000);
    expect(told).toHaveLength(1);
    expect(historyTimes()).toHaveLength(3);
  });

  it('tell a stall of the host by its own clock', () => {
    answered(atMs, { dueWithinMs: 2000 });
    sinceBoot(atMs + 9000);
    expect(add(own(atMs + 2000, { dueWithinMs: 2000 }))?.stallMs).toBe(0);
    expect(add(own(laterMs, { dueWithinMs: 1000 }))?.stallMs).toBe(0); // 0.63 s
    expect(add(own(laterMs + 4000, { dueWithinMs: 1000 }))?.stallMs).toBe(3000);
    expect(add(asked(laterMs + 5000))?.stallMs).toBeUndefined(); // nothing was due
    expect(told).toEqual([]);
  });

  it('remember the last hundred interruptions', () => {
    sinceBoot(1000);
    for (let boot = 0; boot <= 150; boot++) {
      vi.advanceTimersByTime(60_000);
      add(asked(5000, { bootId: `boot ${boot}` }));
    }
    expect(told).toHaveLength(150);
    expect(moments.interruptions).toEqual(told.slice(50));
  });
});
