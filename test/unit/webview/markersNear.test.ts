import { describe, expect, it } from 'vitest';
import type { Marker } from '../../../src/protocol';
import { markersNear } from '../../../src/webview/markersNear';

const marker = (at: number): Marker => ({ at, kind: 'kill', text: `at ${at}` });
const times = [0, 10, 20, 100];

describe('markersNear', () => {
  it('tells those near a moment at each moment that is near', () => {
    const markers = [marker(12), marker(13)];
    for (const at of [10, 20]) expect(markersNear(markers, at, times, 8)).toEqual(markers);
    expect(markersNear(markers, 0, times, 8)).toEqual([]);
  });

  it('tells one in a hole at the nearest of its edges, and one out of sight nowhere else', () => {
    expect(markersNear([marker(70)], 100, times, 8)).toEqual([marker(70)]);
    expect(markersNear([marker(70)], 20, times, 8)).toEqual([]);
    expect(markersNear([marker(50)], 20, times, 8)).toEqual([marker(50)]);
  });
});
