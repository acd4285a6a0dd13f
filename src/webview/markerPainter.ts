import type { Plugin } from 'chart.js';
import type { Marker } from '../protocol';
import { markerShapes } from './markerShapes';
import { faded } from './seriesStyle';
import type { Theme } from './theme';

/** Room for the shapes above the drawing, in pixels. */
export const markerRoom = 16;

const shapeSize = 12;

/** Lines that would stand closer, in pixels, are left out: a host that is killed over and over is no black bar. */
const lineDistance = 4;

/**
 * Draws a vertical line for each marker, with its shape on top. Where lines or shapes would lie on each other, the first
 * of them is drawn.
 */
export function markerPainter(markers: () => readonly Marker[], theme: () => Theme): Plugin<'line'> {
  return {
    id: 'markers',
    afterDatasetsDraw: ({ ctx, chartArea: { top, bottom, left, right }, scales }) => {
      const { highContrast, foreground } = theme();
      ctx.save();
      ctx.fillStyle = foreground;
      ctx.strokeStyle = highContrast ? foreground : faded(foreground, 0.7);
      ctx.lineWidth = 1;
      ctx.setLineDash([4, 3]);
      let lineFree = -Infinity;
      let shapeFree = -Infinity;
      for (const { at, kind } of markers()) {
        const pixel = Math.round(scales.x?.getPixelForValue(at) ?? NaN) + 0.5;
        if (!(pixel >= left && pixel <= right) || pixel < lineFree) continue;
        lineFree = pixel + lineDistance;
        ctx.stroke(new Path2D(`M${pixel} ${top}V${bottom}`));
        if (pixel < shapeFree) continue;
        shapeFree = pixel + shapeSize + 1;
        ctx.save();
        ctx.translate(pixel - shapeSize / 2, top - markerRoom + (markerRoom - shapeSize) / 2);
        ctx.scale(shapeSize / 16, shapeSize / 16);
        ctx.fill(new Path2D(markerShapes[kind]));
        ctx.restore();
      }
      ctx.restore();
    },
  };
}
