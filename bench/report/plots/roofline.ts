import { dot, gridX, gridY, line, plot, text } from '@observablehq/plot';
import { formatRate, significant } from '../format.ts';
import { COLORS, commonOptions, logTicks, HALO, logDomain, NARROW, titled, type Canvas } from './canvas.ts';

/** A bandwidth or an arithmetic peak. */
export interface Roof {
  readonly name: string;
  /** Bytes or operations a second. */
  readonly perSecond: number;
}

/** An operation by what it does and how fast. */
export interface RooflinePoint {
  readonly name: string;
  readonly family: string;
  /** Operations for each byte that has to move. */
  readonly intensity: number;
  readonly operationsPerSecond: number;
}

export interface Roofline {
  readonly bandwidths: readonly Roof[];
  readonly peaks: readonly Roof[];
  readonly points: readonly RooflinePoint[];
}

interface RoofPoint {
  readonly roof: string;
  readonly x: number;
  readonly y: number;
}

/**
 * What bounds operations and where they are below it (Williams, Waterman and Patterson, Roofline, 2009): slanted roofs are
 * bandwidths, level ones arithmetic peaks, all of them measured.
 */
export function rooflinePlot(canvas: Canvas, { bandwidths, peaks, points }: Roofline): Element {
  const narrow = canvas.width < NARROW;
  const height = narrow ? 400 : 460;
  const rates = bandwidths.map(({ perSecond }) => perSecond);
  const highest = Math.max(...peaks.map(({ perSecond }) => perSecond));
  const intensities = points.map(({ intensity }) => intensity);
  const x = logDomain([...intensities, highest / Math.min(...rates)], 3);
  const y = logDomain(
    [...points.map((point) => point.operationsPerSecond), x[0] * Math.min(...rates), highest],
    2,
  );
  const slanted = bandwidths.flatMap(({ name, perSecond }): RoofPoint[] => [
    { roof: name, x: x[0], y: x[0] * perSecond },
    { roof: name, x: highest / perSecond, y: highest },
  ]);
  const level = peaks.flatMap(({ name, perSecond }): RoofPoint[] => [
    { roof: name, x: perSecond / Math.max(...rates), y: perSecond },
    { roof: name, x: x[1], y: perSecond },
  ]);
  const fontSize = narrow ? 9 : 11;
  const labels = spread(peaks, (1.3 * fontSize * Math.log(y[1] / y[0])) / height);
  const [ticksX, ticksY] = [logTicks(x, narrow ? 4 : 8), logTicks(y, 7)];
  return plot({
    ...commonOptions(canvas, 'Roofline: operations a second against operations for each byte'),
    height,
    ...MARGINS,
    x: {
      type: 'log',
      domain: x,
      label: 'operations for each byte →',
      tickFormat: significant,
      ticks: ticksX,
    },
    y: {
      type: 'log',
      domain: [y[0], Math.max(y[1], labels.at(-1)!.at * 1.5)],
      label: '↑ throughput',
      tickFormat: (value: number) => formatRate(value, 'OP/s'),
      ticks: ticksY,
    },
    color: { range: COLORS },
    symbol: { legend: true },
    marks: [
      gridX({ strokeOpacity: 0.12, ticks: ticksX }),
      gridY({ strokeOpacity: 0.12, ticks: ticksY }),
      line(slanted, { x: 'x', y: 'y', z: 'roof', stroke: 'currentColor', strokeOpacity: 0.7, clip: true }),
      line(level, {
        x: 'x',
        y: 'y',
        z: 'roof',
        stroke: 'currentColor',
        strokeOpacity: 0.7,
        strokeDasharray: '5 3',
      }),
      text(labels, {
        x: () => x[1],
        y: 'at',
        text: ({ name, perSecond }: Roof) => `${name}: ${formatRate(perSecond, 'OP/s')}`,
        textAnchor: 'end',
        dy: -0.6 * fontSize,
        fontSize,
        ...HALO,
      }),
      text(bandwidths, {
        x: ({ perSecond }: Roof) => x[0] ** 0.6 * (highest / perSecond) ** 0.4,
        y: ({ perSecond }: Roof) => (x[0] * perSecond) ** 0.6 * highest ** 0.4,
        text: ({ name, perSecond }: Roof) => `${name}: ${formatRate(perSecond, 'B/s')}`,
        rotate: slope(canvas.width, height, x, y),
        dy: -8,
        fontSize,
        ...HALO,
      }),
      dot(points, {
        x: 'intensity',
        y: 'operationsPerSecond',
        stroke: 'family',
        symbol: 'family',
        strokeWidth: 1.8,
        r: 4,
        ...titled<RooflinePoint>(
          canvas,
          ({ name, operationsPerSecond, intensity }) =>
            `${name}\n${formatRate(operationsPerSecond, 'OP/s')} at ${significant(intensity)} for each byte`,
        ),
      }),
    ],
  });
}

const MARGINS = { marginLeft: 76, marginRight: 20, marginTop: 30, marginBottom: 40 };

/** Where labels of peaks stand: at the peak, or so far above it that they do not cover each other. */
function spread(peaks: readonly Roof[], leastLogGap: number): (Roof & { readonly at: number })[] {
  let below = -Infinity;
  return peaks
    .toSorted((a, b) => a.perSecond - b.perSecond)
    .map((peak) => {
      below = Math.max(Math.log(peak.perSecond), below + leastLogGap);
      return { ...peak, at: Math.exp(below) };
    });
}

/** The angle at which a bandwidth rises, in degrees, for text along it. */
function slope(
  width: number,
  height: number,
  [x0, x1]: readonly [number, number],
  [y0, y1]: readonly [number, number],
): number {
  const rise = (height - MARGINS.marginTop - MARGINS.marginBottom) / Math.log(y1 / y0);
  const run = (width - MARGINS.marginLeft - MARGINS.marginRight) / Math.log(x1 / x0);
  return (-Math.atan2(rise, run) * 180) / Math.PI;
}
