import { describe, expect, it } from 'vitest';
import type { Point } from '../../../src/protocol';
import { longestSpan, Timeline } from '../../../src/webview/timeline';

const point = (at: number, value = 0): Point => ({ at, values: { memory: [value] } });
const times = (points: readonly Point[]): number[] => points.map(({ at }) => at);

describe('Timeline', () => {
  it('keeps points in order of time, the last one told of a moment', () => {
    const timeline = new Timeline();
    timeline.add([point(3), point(1), point(2, 5), point(2, 6)]);
    expect(timeline.points).toEqual([point(1), point(2, 6), point(3)]);
  });

  it('forgets what is older than the longest span', () => {
    const timeline = new Timeline();
    timeline.add([point(0), point(1000), point(2000)]);
    timeline.add([point(1000 + longestSpan)]);
    expect(times(timeline.points)).toEqual([1000, 2000, 1000 + longestSpan]);
  });

  it('is bounded however many points come', () => {
    const timeline = new Timeline();
    timeline.add(Array.from({ length: 25_000 }, (_, index) => point(index)));
    expect(timeline.points).toHaveLength(20_000);
    expect(timeline.latest?.at).toBe(24_999);
  });

  it('gives the points of a window and the one before, from which the line comes in', () => {
    const timeline = new Timeline();
    timeline.add([0, 1000, 2000, 3000].map((at) => point(at)));
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
    timeline.clear();
    expect(timeline.holes).toEqual([]);
  });
});
