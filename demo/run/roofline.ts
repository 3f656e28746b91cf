import type { Draw } from '../chart/chart.ts';
import { formatBandwidth, formatDuration, formatFlops, formatNumber } from '../format.ts';
import { familyOf } from '../workloads/families.ts';
import type { Ceiling } from './bindingCeiling.ts';
import { entriesOf, type State } from './state.ts';

interface Point {
  readonly title: string;
  readonly family: string;
  readonly flopsPerByte: number;
  readonly flopsPerSecond: number;
  readonly durationNs: number;
}

interface Roof {
  readonly name: string;
  readonly from: readonly [flopsPerByte: number, flopsPerSecond: number];
  readonly to: readonly [flopsPerByte: number, flopsPerSecond: number];
}

/** What points are told apart by, in the order of the colors `--series-1` and on. */
export const FAMILIES = {
  matmul: 'matrix product',
  attention: 'attention',
  reduction: 'reduction, softmax',
} as const;

/** Results that have a time. */
function pointsOf({ suite, rows }: State): Point[] {
  if (!suite) return [];
  return entriesOf(suite).flatMap(({ id, title, workload }) => {
    const row = rows.get(id);
    if (row?.kind !== 'gpu' || !row.outcome.timing) return [];
    const { flops, bytes } = row.outcome.explanation;
    const { medianNs } = row.outcome.timing;
    if (flops === 0) return [];
    return {
      title: `${title}, ${workload.dtype} ${familyOf(workload).shapeText(workload)}`,
      family: FAMILIES[workload.family],
      flopsPerByte: flops / bytes,
      flopsPerSecond: (flops / medianNs) * 1e9,
      durationNs: medianNs,
    };
  });
}

/** Each bandwidth as a slope up to the highest peak, each peak as a line from where the fastest memory reaches it. */
function roofsOf(ceilings: readonly Ceiling[], [least, most]: readonly [number, number]): Roof[] {
  const reads = ceilings.filter(({ kind }) => kind === 'read');
  const peaks = ceilings.filter(({ kind }) => kind === 'f32' || kind === 'matrix');
  const highest = Math.max(...peaks.map(({ perSecond }) => perSecond));
  const fastest = Math.max(...reads.map(({ perSecond }) => perSecond));
  // Between the smallest working set, which caches hold, and the largest there is little to tell apart.
  const shown = reads.filter((_, index) => index === 0 || index === reads.length - 1);
  return [
    ...shown.map(({ name, perSecond }): Roof => ({
      name: `${name}: ${formatBandwidth(perSecond)}`,
      from: [least, least * perSecond],
      to: [highest / perSecond, highest],
    })),
    ...peaks.map(({ name, perSecond }): Roof => ({
      name: `${name}: ${formatFlops(perSecond)}`,
      from: [perSecond / fastest, perSecond],
      to: [most, perSecond],
    })),
  ];
}

const DOMAIN: readonly [number, number] = [0.05, 5000];

/** The roofline of what has been measured so far. */
export function roofline(state: State): Draw {
  const points = pointsOf(state);
  const roofs = roofsOf(state.ceilings, DOMAIN);
  const rates = [
    ...roofs.flatMap(({ from, to }) => [from[1], to[1]]),
    ...points.map((p) => p.flopsPerSecond),
  ];
  return (plot, widthPx) => ({
    marginLeft: 88,
    marginBottom: 44,
    marginRight: 16,
    marginTop: 24,
    x: {
      type: 'log',
      domain: [...DOMAIN],
      label: 'FLOP for each byte moved →',
      tickFormat: (value: number) => formatNumber(value),
      ticks: widthPx < 500 ? 3 : 6,
    },
    y: {
      type: 'log',
      domain: rates.length > 0 ? [Math.min(...rates) / 2, Math.max(...rates) * 3] : [1e8, 1e12],
      label: '↑ Rate',
      tickFormat: (rate: number) => formatFlops(rate),
      ticks: 5,
      grid: true,
    },
    color: {
      domain: Object.values(FAMILIES),
      range: ['var(--series-1)', 'var(--series-2)', 'var(--series-3)'],
    },
    symbol: { domain: Object.values(FAMILIES), range: ['circle', 'square2', 'triangle2'] },
    marks: [
      plot.link(roofs, {
        x1: ({ from }: Roof) => from[0],
        y1: ({ from }: Roof) => from[1],
        x2: ({ to }: Roof) => to[0],
        y2: ({ to }: Roof) => to[1],
        stroke: 'var(--muted)',
        strokeWidth: 1.5,
      }),
      plot.text(
        roofs.filter(({ from, to }) => from[1] === to[1]),
        {
          x: ({ to }: Roof) => to[0],
          y: ({ to }: Roof) => to[1],
          text: 'name',
          textAnchor: 'end',
          dy: -8,
          fill: 'var(--muted)',
        },
      ),
      // The first above its upper end, the other below its lower: they run close together.
      ...roofs
        .filter(({ from, to }) => from[1] !== to[1])
        .map((roof, index) =>
          plot.text([roof], {
            x: (index === 0 ? roof.to : roof.from)[0],
            y: (index === 0 ? roof.to : roof.from)[1],
            text: 'name',
            textAnchor: index === 0 ? 'end' : 'start',
            dx: index === 0 ? -14 : 16,
            dy: index === 0 ? -8 : 12,
            fill: 'var(--muted)',
            // Points and lines beside it do not cross its letters.
            stroke: 'var(--surface)',
            strokeWidth: 4,
          }),
        ),
      plot.dot(points, {
        x: 'flopsPerByte',
        y: 'flopsPerSecond',
        fill: 'family',
        symbol: 'family',
        r: 5,
        tip: true,
        channels: {
          operation: 'title',
          time: ({ durationNs }: Point) => formatDuration(durationNs),
        },
      }),
    ],
  });
}
