import type { Marker } from '../protocol';

/**
 * The markers that are told where a moment is pointed at: those near it, and those to which no other moment that is
 * drawn lies nearer, as in a hole.
 * @param times the moments that are drawn and can be pointed at
 * @param near in ms
 */
export function markersNear(
  markers: readonly Marker[],
  at: number,
  times: readonly number[],
  near: number,
): Marker[] {
  return markers.filter((marker) => {
    const distance = Math.abs(marker.at - at);
    return distance <= near || times.every((time) => Math.abs(marker.at - time) >= distance);
  });
}
