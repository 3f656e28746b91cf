import { dot, gridY, line, plot, ruleX } from '@observablehq/plot';
import { formatBytes, formatRate } from '../format.ts';
import { COLORS, commonOptions, NARROW, titled, type Canvas } from './canvas.ts';

/** A bandwidth at a working set, with its interval. */
export interface BandwidthPoint {
  /** What was done: copy, read. */
  readonly kind: string;
  readonly workingSetBytes: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Bandwidth over the working set: where it drops, a cache ends. */
export function bandwidthPlot(canvas: Canvas, points: readonly BandwidthPoint[]): Element {
  const powers = points.map(({ workingSetBytes }) => Math.floor(Math.log2(workingSetBytes)));
  const first = Math.min(...powers);
  const step = Math.max(1, Math.ceil((Math.max(...powers) - first) / (canvas.width < NARROW ? 4 : 10)));
  const ticks = powers.filter((power) => (power - first) % step === 0).map((power) => 2 ** power);
  return plot({
    ...commonOptions(canvas, 'Bandwidth against the working set'),
    height: 320,
    marginLeft: 70,
    marginRight: 36,
    marginTop: 30,
    marginBottom: 40,
    x: {
      type: 'log',
      base: 2,
      label: 'working set →',
      tickFormat: formatBytes,
      ticks: [...new Set(ticks)],
    },
    y: {
      label: '↑ bytes a second',
      tickFormat: (value: number) => formatRate(value, 'B/s'),
      zero: true,
      nice: true,
    },
    color: { range: COLORS },
    symbol: { legend: true },
    marks: [
      gridY({ strokeOpacity: 0.12 }),
      ruleX(points, { x: 'workingSetBytes', y1: 'low', y2: 'high', stroke: 'kind', strokeOpacity: 0.6 }),
      line(points, { x: 'workingSetBytes', y: 'median', stroke: 'kind', strokeWidth: 2 }),
      dot(points, {
        x: 'workingSetBytes',
        y: 'median',
        stroke: 'kind',
        symbol: 'kind',
        strokeWidth: 1.8,
        r: 4,
        ...titled<BandwidthPoint>(
          canvas,
          ({ kind, workingSetBytes, median }) =>
            `${kind}, ${formatBytes(workingSetBytes)}: ${formatRate(median, 'B/s')}`,
        ),
      }),
    ],
  });
}
