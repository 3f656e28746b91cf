import { dot, gridX, axisX, plot, ruleY, text } from '@observablehq/plot';
import { formatRate } from '../format.ts';
import { COLORS, commonOptions, HALO, logDomain, logTicks, NARROW, titled, type Canvas } from './canvas.ts';

/** An operation's throughput on one of several machines, in operations a second, with its interval. */
export interface MachineDot {
  readonly row: string;
  readonly machine: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Machines side by side, a line for each operation that more than one of them ran. */
export function machinesPlot(canvas: Canvas, dots: readonly MachineDot[]): Element {
  const rows = [...new Set(dots.map(({ row }) => row))];
  const narrow = canvas.width < NARROW;
  const x = logDomain(
    dots.flatMap(({ low, high }) => [low, high]),
    1.5,
  );
  const ticks = logTicks(x, narrow ? 3 : 8);
  return plot({
    ...commonOptions(canvas, 'Throughput of each operation on each machine'),
    height: rows.length * 36 + 70,
    marginLeft: 12,
    marginRight: 24,
    marginTop: 50,
    x: { type: 'log', domain: x },
    y: { domain: rows, axis: null },
    color: { range: COLORS },
    symbol: { legend: true },
    marks: [
      axisX({
        anchor: 'top',
        label: 'throughput →',
        labelOffset: 44,
        ticks,
        tickFormat: (value: number) => formatRate(value, 'OP/s'),
      }),
      gridX({ strokeOpacity: 0.12, ticks }),
      ruleY(rows, { y: (row: string) => row, strokeOpacity: 0.15, dy: 6 }),
      ruleY(dots, { y: 'row', x1: 'low', x2: 'high', stroke: 'machine', dy: 6 }),
      dot(dots, {
        y: 'row',
        x: 'median',
        stroke: 'machine',
        symbol: 'machine',
        strokeWidth: 1.8,
        dy: 6,
        ...titled<MachineDot>(canvas, ({ machine, median }) => `${machine}: ${formatRate(median, 'OP/s')}`),
      }),
      text(rows, {
        y: (row: string) => row,
        text: (row: string) => row,
        frameAnchor: 'left',
        textAnchor: 'start',
        dy: -9,
        fontSize: narrow ? 10 : 11,
        ...HALO,
      }),
    ],
  });
}
