import {
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
  type Plugin,
} from 'chart.js';
import type { ChartView, Marker } from '../protocol';
import { formatTick, formatValue } from './format';
import { markerPainter, markerRoom } from './markerPainter';
import { markersNear } from './markersNear';
import { breakAtHoles, thinOut, type Hole, type Row } from './rows';
import { mergeRanges } from './rangeRows';
import { faded, seriesStyle, type SeriesStyle } from './seriesStyle';
import type { Theme } from './theme';
import { formatClock, formatTickTime, timeTicks } from './timeAxis';
import { highestOf, rangeAt, type TimeFrame } from './timeFrame';
import { valueScale } from './valueAxis';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

interface XY {
  readonly x: number;
  readonly y: number | null;
}
type Dataset = ChartDataset<'line', XY[]>;

/** All charts have an axis this wide, so that the same moment stands below the same moment. */
const axisWidth = 66;
const fontSize = 11;
/** Room that the label of a moment needs, in pixels. */
const tickSpacing = 84;
/** Up to this many rows are drawn as they are, however narrow the chart. */
const fewestRows = 800;
const padding = { top: 6, right: 4 };
/** A marker is told at a moment that is drawn so near, in pixels. */
const nearMarker = 8;
/** So many markers are told at one moment; the list below the charts has them all. */
const mostTold = 5;

/** What a plot asks of and tells the card around it. */
export interface PlotOptions {
  readonly shown: (seriesId: string) => boolean;
  readonly noData: string;
  /** The moment that is pointed at, by mouse or arrow keys; undefined when it is left. */
  readonly pointed: (at: number | undefined) => void;
}

/** The drawing of one chart on a canvas. */
export class Plot {
  readonly canvas: HTMLCanvasElement;
  readonly #view: ChartView;
  readonly #options: PlotOptions;
  readonly #chart: Chart<'line', XY[]>;
  /**
   * The series that have a lower edge, by their index: where rows are ranges, a line is the highest of each, with an area
   * down to the lowest. The datasets of the edges come after those of the series.
   */
  readonly #edges: readonly number[];
  #theme: Theme;
  #rows: readonly Row[] = [];
  #holes: readonly Hole[] = [];
  #markers: readonly Marker[] = [];
  /** How long each row is, where they are ranges. */
  #widthMs: number | undefined;
  /** The moment chosen with the arrow keys. */
  #chosen: number | undefined;

  constructor(view: ChartView, canvas: HTMLCanvasElement, theme: Theme, options: PlotOptions) {
    this.#view = view;
    this.#edges = view.series.flatMap(({ style }, index) => (style === 'line' ? [index] : []));
    this.#options = options;
    this.#theme = theme;
    this.canvas = canvas;
    this.#chart = new Chart(canvas, this.#configuration());
    this.setTheme(theme);
    this.#listen();
  }

  /** Draws the rows of a frame; they must be the rows of its points. */
  draw(frame: TimeFrame, rows: readonly Row[]): void {
    const span = frame.to - frame.from;
    const pixels = Math.max(1, this.#chart.width);
    const broken = breakAtHoles(rows, frame.holes, (2 * span) / pixels);
    this.#widthMs = frame.widthMs && frame.widthMs * Math.ceil(span / frame.widthMs / pixels);
    this.#rows =
      this.#widthMs === undefined
        ? thinOut(broken, span, Math.max(fewestRows, pixels))
        : mergeRanges(this.#view, broken, this.#widthMs);
    this.#holes = frame.holes;
    this.#markers = frame.markers;
    this.#fillDatasets();
    this.#chart.options.layout = {
      padding: { ...padding, top: frame.markers.length > 0 ? markerRoom : padding.top },
    };
    const { x, y } = this.#scales();
    x.min = frame.from;
    x.max = frame.to;
    y.max = valueScale(this.#view.unit, highestOf(this.#view, rows, this.#options.shown)).top;
    this.#chart.update('none');
    if (this.#chosen !== undefined) this.#choose(this.#chosen);
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#chart.data.datasets.forEach((dataset, index) => {
      const column = this.#edges[index - this.#view.series.length];
      const style = seriesStyle(this.#view, column ?? index, theme);
      Object.assign(dataset, column === undefined ? paint(style) : paintEdge(style));
    });
    const { x, y } = this.#scales();
    for (const scale of [x, y]) {
      scale.ticks.color = theme.muted;
      scale.ticks.font = { family: theme.fontFamily, size: fontSize };
      scale.grid.color = faded(theme.foreground, theme.highContrast ? 0.35 : 0.1);
    }
    Object.assign(this.#chart.options.plugins?.tooltip ?? {}, tooltipColours(theme));
    this.#chart.update('none');
  }

  /** Where a moment stands, in pixels of the canvas; undefined outside of the frame. */
  place(at: number): { left: number; top: number; height: number } | undefined {
    const { left, right, top, height } = this.#chart.chartArea;
    const pixel = this.#chart.scales.x?.getPixelForValue(at);
    return pixel === undefined || pixel < left || pixel > right ? undefined : { left: pixel, top, height };
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #fillDatasets(): void {
    const { datasets } = this.#chart.data;
    this.#view.series.forEach((series, index) => {
      const dataset = datasets[index];
      if (dataset) dataset.data = this.#rows.map((row) => ({ x: row.at, y: row.values[index] ?? null }));
      this.#chart.setDatasetVisibility(index, this.#options.shown(series.id));
    });
    this.#edges.forEach((column, edge) => {
      const index = this.#view.series.length + edge;
      const dataset = datasets[index];
      const lows = this.#widthMs === undefined ? [] : this.#rows;
      if (dataset) dataset.data = lows.map(({ at, range }) => ({ x: at, y: range?.low[column] ?? null }));
      this.#chart.setDatasetVisibility(index, this.#options.shown(this.#view.series[column]?.id ?? ''));
    });
  }

  /** The options that change later; chart.js types each of them as possibly absent. */
  #scales() {
    return this.#chart.options.scales as unknown as Record<
      'x' | 'y',
      { min: number; max: number; ticks: { color: string; font: object }; grid: { color: string } }
    >;
  }

  #configuration(): ChartConfiguration<'line', XY[]> {
    const { series, unit } = this.#view;
    return {
      type: 'line',
      data: {
        datasets: [
          ...series.map((_, index) => emptyDataset(this.#view, index)),
          ...this.#edges.map(emptyEdge),
        ],
      },
      plugins: [
        this.#holePlugin(),
        markerPainter(
          () => this.#markers,
          () => this.#theme,
        ),
      ],
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        layout: { padding },
        scales: {
          x: {
            type: 'linear',
            min: 0,
            max: 1,
            border: { display: false },
            grid: { drawTicks: false },
            ticks: {
              autoSkip: false,
              maxRotation: 0,
              padding: 6,
              callback: (value) => formatTickTime(Number(value), this.#span()),
            },
            afterBuildTicks: (scale) => {
              const margin = ((scale.max - scale.min) * tickSpacing) / 3 / this.#chart.width;
              const ticks = timeTicks(scale.min, scale.max - margin, this.#chart.width / tickSpacing);
              scale.ticks = ticks.map((value) => ({ value }));
            },
          },
          y: {
            type: 'linear',
            min: 0,
            max: 1,
            stacked: series.some(({ style }) => style === 'band'),
            border: { display: false },
            grid: { drawTicks: false },
            ticks: { autoSkip: false, padding: 8, callback: (value) => formatTick(unit, Number(value)) },
            afterBuildTicks: (scale) => {
              scale.ticks = valueScale(unit, scale.max).ticks.map((value) => ({ value }));
            },
            afterFit: (scale) => {
              scale.width = axisWidth;
            },
          },
        },
        plugins: {
          tooltip: {
            padding: 8,
            caretSize: 0,
            caretPadding: 12,
            yAlign: 'center',
            cornerRadius: 3,
            borderWidth: 1,
            boxWidth: 10,
            boxHeight: 8,
            boxPadding: 6,
            itemSort: (a, b) => a.datasetIndex - b.datasetIndex,
            filter: ({ raw, datasetIndex }) => (raw as XY).y !== null && datasetIndex < series.length,
            callbacks: {
              title: ([first]) => (first ? this.#timeText((first.raw as XY).x) : ''),
              label: ({ dataIndex, datasetIndex }) =>
                `${series[datasetIndex]?.title ?? ''}  ${this.#valueText(dataIndex, datasetIndex)}`,
              footer: ([first]) => (first ? this.#markersAt((first.raw as XY).x) : []),
              labelColor: ({ datasetIndex }) => this.#labelColour(datasetIndex),
            },
          },
        },
      },
    };
  }

  /** The moment or the time that a row stands for. */
  #timeText(at: number): string {
    if (this.#widthMs === undefined) return formatClock(at);
    const from = Math.floor(at / this.#widthMs) * this.#widthMs;
    return `${formatClock(from)} – ${formatClock(from + this.#widthMs)}`;
  }

  #valueText(index: number, column: number): string {
    const row = this.#rows[index];
    const range = row && rangeAt(row, column);
    const { unit } = this.#view;
    const [low, high] = [formatValue(unit, range?.low), formatValue(unit, range?.high)];
    return low === high ? high : `${low} – ${high}`;
  }

  /** What happened at a row, in lines. */
  #markersAt(at: number): string[] {
    const near = (this.#span() / Math.max(1, this.#chart.width)) * nearMarker;
    const told = markersNear(this.#markers, at, this.#moments(), near);
    const lines = told.slice(0, mostTold).map((marker) => `${formatClock(marker.at)} ${marker.text}`);
    return told.length > mostTold ? [...lines, `+ ${told.length - mostTold}`] : lines;
  }

  /** The moments at which there is something to point at, in ascending order. */
  #moments(): number[] {
    return this.#rows.filter(({ values }) => values.some((value) => value !== null)).map(({ at }) => at);
  }

  /** The length of the window, in ms. */
  #span(): number {
    const { x } = this.#scales();
    return x.max - x.min;
  }

  #labelColour(index: number) {
    const { stroke } = seriesStyle(this.#view, index, this.#theme);
    return { borderColor: stroke, backgroundColor: stroke };
  }

  #holePlugin(): Plugin<'line'> {
    return {
      id: 'holes',
      beforeDatasetsDraw: (chart) => {
        const scale = chart.scales.x;
        if (!scale) return;
        for (const hole of this.#holes) {
          const left = Math.max(scale.left, scale.getPixelForValue(hole.from));
          const right = Math.min(scale.right, scale.getPixelForValue(hole.to));
          if (right > left) this.#paintHole(chart, left, right);
        }
      },
    };
  }

  /** Shades a hole, so that "told nothing" does not look like "nothing there". */
  #paintHole({ ctx, chartArea }: Chart, left: number, right: number): void {
    const { top, height, bottom } = chartArea;
    ctx.save();
    ctx.fillStyle = this.#theme.highContrast ? this.#theme.background : faded(this.#theme.foreground, 0.07);
    ctx.fillRect(left, top, right - left, height);
    ctx.fillStyle = ctx.strokeStyle = this.#theme.muted;
    if (this.#theme.highContrast) {
      ctx.setLineDash([2, 4]);
      for (const edge of [left, right]) ctx.stroke(new Path2D(`M${edge} ${top}V${bottom}`));
    }
    ctx.font = `${fontSize}px ${this.#theme.fontFamily}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    const fits = ctx.measureText(this.#options.noData).width + 12 < right - left;
    if (fits) ctx.fillText(this.#options.noData, (left + right) / 2, top + height / 2);
    ctx.restore();
  }

  #listen(): void {
    this.canvas.addEventListener('pointermove', (event) => {
      const { left, right } = this.#chart.chartArea;
      const inside = event.offsetX >= left && event.offsetX <= right;
      this.#options.pointed(inside ? this.#chart.scales.x?.getValueForPixel(event.offsetX) : undefined);
    });
    this.canvas.addEventListener('pointerleave', () => this.#options.pointed(undefined));
    this.canvas.addEventListener('blur', () => this.#choose(undefined));
    this.canvas.addEventListener('keydown', (event) => {
      const moment = this.#momentForKey(event.key);
      if (moment === 'other') return;
      event.preventDefault();
      this.#choose(moment);
    });
  }

  /** The moment that a key goes to; undefined to leave them, `other` for a key that is not ours. */
  #momentForKey(key: string): number | undefined | 'other' {
    const moments = this.#moments();
    const chosen = this.#chosen ?? Infinity;
    switch (key) {
      case 'ArrowLeft':
        return moments.filter((at) => at < chosen).at(-1) ?? moments[0];
      case 'ArrowRight':
        return moments.find((at) => at > chosen) ?? moments.at(-1);
      case 'Home':
        return moments[0];
      case 'End':
        return moments.at(-1);
      case 'Escape':
        return undefined;
      default:
        return 'other';
    }
  }

  /** Shows the tooltip at a moment, as the mouse would: at the row that is drawn next to it. */
  #choose(moment: number | undefined): void {
    if (moment === undefined && this.#chosen === undefined) return;
    this.#chosen = moment;
    const index = moment === undefined ? -1 : this.#rows.findIndex(({ at }) => at >= moment);
    const metas = index < 0 ? [] : this.#chart.getSortedVisibleDatasetMetas();
    const active = metas.map((meta) => ({ datasetIndex: meta.index, index }));
    this.#chart.tooltip?.setActiveElements(active, { x: 0, y: 0 });
    this.#chart.draw();
    this.#options.pointed(moment);
  }
}

/** A dataset without data: what does not depend on the theme. Bands lie on the band before them, lines on nothing. */
function emptyDataset(view: ChartView, index: number): Dataset {
  const series = view.series[index];
  const below = view.series.map(({ style }) => style).lastIndexOf('band', index - 1);
  const common: Dataset = { data: [], pointRadius: 0, pointHoverRadius: 0, spanGaps: false, clip: 0 };
  return series?.style === 'band'
    ? { ...common, stack: 'bands', order: 1, fill: index === 0 || below < 0 ? 'origin' : below }
    : { ...common, stack: `line ${index}`, order: 0, fill: false };
}

/** The lower edge of a series, once it is filled: from it, the area reaches up to the line of the series. */
function emptyEdge(column: number): Dataset {
  return {
    data: [],
    pointRadius: 0,
    pointHoverRadius: 0,
    spanGaps: false,
    clip: 0,
    stack: `edge ${column}`,
    order: 0,
    fill: column,
  };
}

function paintEdge(style: SeriesStyle): Partial<Dataset> {
  return {
    borderColor: faded(style.stroke, 0.6),
    backgroundColor: faded(style.stroke, 0.3),
    borderWidth: 0.75,
    borderDash: [...style.dash],
  };
}

function paint(style: SeriesStyle): Partial<Dataset> {
  return {
    borderColor: style.stroke,
    backgroundColor: style.fill ?? style.stroke,
    borderWidth: style.width,
    borderDash: [...style.dash],
    borderCapStyle: style.dash.length > 0 ? 'butt' : 'round',
  };
}

function tooltipColours(theme: Theme) {
  const { background, foreground, border } = theme.tooltip;
  const font = { family: theme.fontFamily, size: fontSize };
  return {
    backgroundColor: background,
    borderColor: border,
    titleColor: foreground,
    bodyColor: foreground,
    multiKeyBackground: background,
    titleFont: { ...font, weight: 'bold' },
    footerColor: foreground,
    footerFont: { ...font, weight: 'normal' },
    bodyFont: font,
  };
}
