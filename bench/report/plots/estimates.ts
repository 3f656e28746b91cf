import { dot, gridX, gridY, line, plot, ruleX, text } from '@observablehq/plot';
import { BASIS_WORDS } from '../../estimate/index.ts';
import { formatRate, type RateUnit } from '../format.ts';
import { COLORS, commonOptions, logTicks, logDomain, NARROW, titled, type Canvas } from './canvas.ts';

const BASES = Object.values(BASIS_WORDS);

/** What an instance type yields for a price, by estimate. */
export interface PricedPoint {
  readonly name: string;
  readonly usdPerHour: number;
  /** Operations or bytes a second, with the 10th and the 90th percentile. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  readonly basis: string;
}

/**
 * Those that no other beats at once in price and in rate, the cheapest first.
 */
export function paretoFront<Point extends Pick<PricedPoint, 'usdPerHour' | 'rate'>>(
  points: readonly Point[],
): Point[] {
  const front: Point[] = [];
  for (const point of points.toSorted((a, b) => a.usdPerHour - b.usdPerHour || b.rate - a.rate)) {
    if (point.rate > (front.at(-1)?.rate ?? 0)) front.push(point);
  }
  return front;
}

/** Price against throughput with error bars; the front is numbered. */
export function estimatesPlot(canvas: Canvas, points: readonly PricedPoint[], unit: RateUnit): Element {
  const front = paretoFront(points);
  const narrow = canvas.width < NARROW;
  const x = logDomain(
    points.map(({ usdPerHour }) => usdPerHour),
    1.6,
  );
  const y = logDomain(
    points.flatMap(({ low, high }) => [low, high]),
    1.3,
  );
  const [ticksX, ticksY] = [logTicks(x, narrow ? 4 : 8), logTicks(y, 6)];
  return plot({
    ...commonOptions(canvas, 'Estimated throughput against the price of an hour'),
    height: narrow ? 380 : 440,
    marginLeft: 74,
    marginRight: 24,
    marginTop: 30,
    marginBottom: 40,
    x: {
      type: 'log',
      label: 'USD an hour →',
      tickFormat: (value: number) => `$${value}`,
      domain: x,
      ticks: ticksX,
    },
    y: {
      type: 'log',
      label: '↑ estimated throughput',
      tickFormat: (value: number) => formatRate(value, unit),
      domain: y,
      ticks: ticksY,
    },
    color: { range: COLORS, domain: BASES },
    symbol: { legend: true, domain: BASES },
    marks: [
      gridX({ strokeOpacity: 0.12, ticks: ticksX }),
      gridY({ strokeOpacity: 0.12, ticks: ticksY }),
      ruleX(points, { x: 'usdPerHour', y1: 'low', y2: 'high', stroke: 'basis', strokeOpacity: 0.28 }),
      line(front, {
        x: 'usdPerHour',
        y: 'rate',
        curve: 'step-after',
        stroke: 'currentColor',
        strokeWidth: 1.4,
      }),
      dot(points, {
        x: 'usdPerHour',
        y: 'rate',
        stroke: 'basis',
        symbol: 'basis',
        r: 3.2,
        ...titled<PricedPoint>(
          canvas,
          ({ name, usdPerHour, rate, low, high }) =>
            `${name}\n$${usdPerHour.toFixed(2)} an hour, ${formatRate(rate, unit)} (${formatRate(low, unit)} to ${formatRate(high, unit)})`,
        ),
      }),
      dot(front, { x: 'usdPerHour', y: 'rate', r: 7, fill: 'var(--surface)', stroke: 'currentColor' }),
      text(front, {
        x: 'usdPerHour',
        y: 'rate',
        text: (_: PricedPoint, index: number) => `${index + 1}`,
        fontSize: 9,
        fontWeight: 'bold',
      }),
    ],
  });
}
