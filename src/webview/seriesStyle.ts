import { color } from 'chart.js/helpers';
import type { ChartView } from '../protocol';
import type { Theme } from './theme';

/** How a series is painted, on the chart and in its legend. */
export interface SeriesStyle {
  readonly stroke: string;
  readonly width: number;
  readonly dash: readonly number[];
  /** The area of a band; undefined for a line. */
  readonly fill: string | CanvasPattern | undefined;
}

const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [10, 3, 2, 3], [4, 6], [1, 4]];

/** Drawn on an 8×8 tile: diagonals, levels, verticals, a grid and dots. */
const hatches: readonly ((tile: CanvasRenderingContext2D) => void)[] = [
  (tile) => lines(tile, [0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]),
  (tile) => lines(tile, [0, 4, 8, 4]),
  (tile) => lines(tile, [0, 0, 8, 8], [-2, 6, 2, 10], [6, -2, 10, 2]),
  (tile) => lines(tile, [4, 0, 4, 8]),
  (tile) => lines(tile, [0, 4, 8, 4], [4, 0, 4, 8]),
  (tile) => tile.fillRect(3, 3, 2, 2),
  (tile) => lines(tile, [0, 0, 8, 8], [0, 8, 8, 0]),
];

/**
 * The style of the series at `index` of a chart. In high contrast it differs from the others of the chart in more than
 * colour: bands are hatched, lines are dashed.
 */
export function seriesStyle(chart: ChartView, index: number, theme: Theme): SeriesStyle {
  const series = chart.series[index];
  const stroke = theme.palette[(series?.colour ?? 0) % theme.palette.length] ?? theme.foreground;
  const band = series?.style === 'band';
  if (!theme.highContrast)
    return { stroke, width: band ? 1 : 1.5, dash: [], fill: band ? faded(stroke, 0.5) : undefined };
  const before = chart.series.slice(0, index).filter(({ style }) => style === series?.style).length;
  return band
    ? { stroke, width: 1, dash: [], fill: hatch(before, stroke, theme.background) }
    : { stroke, width: 2, dash: dashes[before % dashes.length] ?? [], fill: undefined };
}

/** Paints the sample of a series that stands beside its name. */
export function paintSwatch(canvas: HTMLCanvasElement, style: SeriesStyle): void {
  const [width, height] = [16, 12];
  const scale = Math.max(1, window.devicePixelRatio);
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  context.strokeStyle = style.stroke;
  context.lineWidth = style.fill === undefined ? 2 : 1;
  context.setLineDash([...style.dash]);
  context.beginPath();
  if (style.fill === undefined) {
    context.moveTo(0, height / 2);
    context.lineTo(width, height / 2);
  } else {
    context.rect(2.5, 1.5, 11, 9);
    context.fillStyle = style.fill;
    context.fill();
  }
  context.stroke();
}

/** A colour of the theme with `share` of its opacity; as it is where it cannot be read. */
export function faded(value: string, share: number): string {
  const parsed = color(value);
  return parsed.valid ? parsed.alpha(parsed.rgb.a * share).rgbString() : value;
}

/** A pattern of lines for areas that are told apart without colour. */
function hatch(index: number, stroke: string, background: string): CanvasPattern | string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const tile = canvas.getContext('2d');
  if (!tile) return background;
  tile.fillStyle = background;
  tile.fillRect(0, 0, 8, 8);
  tile.strokeStyle = tile.fillStyle = stroke;
  hatches[index % hatches.length]?.(tile);
  return tile.createPattern(canvas, 'repeat') ?? background;
}

function lines(
  tile: CanvasRenderingContext2D,
  ...ends: readonly (readonly [number, number, number, number])[]
): void {
  tile.beginPath();
  for (const [x1, y1, x2, y2] of ends) {
    tile.moveTo(x1, y1);
    tile.lineTo(x2, y2);
  }
  tile.stroke();
}
