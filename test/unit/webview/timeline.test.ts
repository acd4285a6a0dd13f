import { describe, expect, it } from 'vitest';
import type { Point } from '../../../src/core/point';
import { Timeline } from '../../../src/webview/timeline';

const hour = 3_600_000;
const point = (at: number, value = 0): Point => ({ at, values: { memory: [value] } });
const range = (at: number): Point => ({ ...point(at), low: { memory: [0] }, high: {} });
const times = (points: readonly Point[]): number[] => points.map(({ at }) => at);

/** @param points samples of a window of an hour */
function timelineOf(...points: readonly Point[]): Timeline {
  const timeline = new Timeline();
  timeline.show({ points }, hour);
  return timeline;
}

describe('Timeline of samples', () => {
  it('keeps points in order of time, the last one told of a moment', () => {
    expect(timelineOf(point(3), point(1), point(2, 5), point(2, 6)).points).toEqual([
      point(1),
      point(2, 6),
      point(3),
    ]);
  });

  it('puts a late point where it belongs, and closes the hole that it was in', () => {
    const timeline = timelineOf(...[0, 1, 2, 3, 9, 10, 11].map((second) => point(second * 1000)));
    expect(timeline.holes).toEqual([{ from: 3000, to: 9000 }]);
    timeline.add([point(6000), point(4000), point(5000), point(8000), point(7000)]);
    expect(timeline.holes).toEqual([]);
    expect(timeline.points).toHaveLength(12);
    expect(timeline.latest?.at).toBe(11_000);
  });

  it('takes no pause for a hole that is usual for a host nobody looks at', () => {
    const timeline = timelineOf(...[0, 1, 2, 7, 12, 13, 14].map((second) => point(second * 1000)));
    expect(timeline.holes).toEqual([]);
  });

  it('forgets what is older than the window, but the point from which the line comes in', () => {
    const timeline = timelineOf(point(0), point(1000), point(2000));
    timeline.add([point(2000 + hour)]);
    expect(times(timeline.points)).toEqual([1000, 2000, 2000 + hour]);
  });

  it('is bounded however many points come', () => {
    const timeline = timelineOf(...Array.from({ length: 25_000 }, (_, index) => point(index)));
    expect(timeline.points).toHaveLength(20_000);
    expect(timeline.latest?.at).toBe(24_999);
  });

  it('gives the points of a window and the one before, from which the line comes in', () => {
    const timeline = timelineOf(...[0, 1000, 2000, 3000].map((at) => point(at)));
    expect(times(timeline.since(1500))).toEqual([1000, 2000, 3000]);
    expect(times(timeline.since(-5))).toEqual([0, 1000, 2000, 3000]);
    expect(times(timeline.since(9000))).toEqual([3000]);
  });

  it('knows its holes and its usual interval', () => {
    const timeline = new Timeline();
    expect(timeline.interval()).toBeUndefined();
    timeline.add([0, 1000, 2000, 3000, 23_000, 24_000, 25_000].map((at) => point(at)));
    expect(timeline.holes).toEqual([{ from: 3000, to: 23_000 }]);
    expect(timeline.interval()).toBe(1000);
  });

  it('forgets everything for another window', () => {
    const timeline = timelineOf(...[0, 1000, 2000, 9000, 10_000, 11_000].map((at) => point(at)));
    timeline.show({ points: [point(500)] }, hour);
    expect(times(timeline.points)).toEqual([500]);
    expect([timeline.holes, timeline.latest]).toEqual([[], point(500)]);
  });
});

describe('Timeline of ranges', () => {
  const minute = 60_000;

  function day(...minutes: readonly number[]): Timeline {
    const timeline = new Timeline();
    const points = minutes.map((number) => range(number * minute));
    timeline.show({ points, widthMs: minute, latest: point(100 * minute + 7000, 9) }, 24 * hour);
    return timeline;
  }

  it('has the latest sample beside them, and the interval between samples', () => {
    const timeline = day(98, 99, 100);
    expect(timeline.widthMs).toBe(minute);
    expect(timeline.latest).toEqual(point(100 * minute + 7000, 9));
    expect(timeline.interval()).toBe(minute);
    for (const second of [8, 9, 10]) {
      timeline.add([range(100 * minute)], point(100 * minute + second * 1000));
    }
    expect(timeline.points).toHaveLength(3);
    expect(timeline.interval()).toBe(1000);
  });

  it('takes a range that comes late for the same one, and its sample not for the latest', () => {
    const timeline = day(98, 99, 100);
    timeline.add([{ ...range(98 * minute), values: { memory: [7] } }], point(98 * minute));
    expect(timeline.points[0]?.values.memory).toEqual([7]);
    expect(timeline.latest?.at).toBe(100 * minute + 7000);
  });

  it('has a hole where more than one range is missing', () => {
    expect(day(90, 91, 92, 94, 95, 96).holes).toEqual([]);
    expect(day(90, 91, 92, 95, 96, 97).holes).toEqual([{ from: 92 * minute, to: 95 * minute }]);
  });
});
