import { axisX, barX, gridX, plot, ruleX, ruleY, text } from '@observablehq/plot';
import { significant } from '../format.ts';
import { COLORS, commonOptions, HALO, logTicks, NARROW, type Canvas } from './canvas.ts';

/** A rival's time divided by Tilewise's, with its interval; or why there is none. */
export interface RivalBar {
  /** The operation, its shape and type. */
  readonly row: string;
  readonly rival: string;
  readonly ratio: { readonly median: number; readonly low: number; readonly high: number } | null;
  /** Empty where there is a ratio. */
  readonly reason: string;
}

/** The band in which the name of an operation stands, above its bars. */
const HEADER = '';

/** Bars from 1 to the ratio, on a logarithmic axis, so that twice as fast and half as fast are equally long. */
export function rivalsPlot(canvas: Canvas, bars: readonly RivalBar[]): Element {
  const rows = [...new Set(bars.map(({ row }) => row))];
  const rivals = [...new Set(bars.map(({ rival }) => rival))];
  const timed = bars.flatMap(({ row, rival, ratio }) => (ratio ? [{ row, rival, ...ratio }] : []));
  const least = Math.min(0.8, ...timed.map(({ low }) => low));
  const most = Math.max(1.25, ...timed.map(({ high }) => high));
  const narrow = canvas.width < NARROW;
  const ticks = logTicks([least, most], narrow ? 5 : 10);
  const label = narrow
    ? 'time of the rival / time of Tilewise →'
    : 'time of the rival / time of Tilewise: above 1 Tilewise is faster →';
  return plot({
    ...commonOptions(canvas, label),
    height: rows.length * (18 * (rivals.length + 1) + 4) + 60,
    marginLeft: 8,
    marginRight: 8,
    // Room for the words behind the longest bar.
    x: { type: 'log', domain: [least * 0.9, most * (narrow ? 2.2 : 1.4)] },
    y: { domain: [HEADER, ...rivals], axis: null, padding: 0.15 },
    fy: { domain: rows, axis: null, padding: 0.05 },
    color: { domain: rivals, range: COLORS, legend: true },
    facet: { marginTop: 50 },
    marks: [
      axisX({ anchor: 'top', label, labelOffset: 44, ticks, tickFormat: significant, facetAnchor: 'top' }),
      gridX({ ticks, strokeOpacity: 0.12 }),
      ruleX([1], { stroke: 'currentColor' }),
      barX(timed, { fy: 'row', y: 'rival', x1: 1, x2: 'median', fill: 'rival', fillOpacity: 0.75 }),
      ruleY(timed, { fy: 'row', y: 'rival', x1: 'low', x2: 'high', strokeWidth: 1.6, marker: 'tick' }),
      text(timed, {
        fy: 'row',
        y: 'rival',
        x: ({ high }: (typeof timed)[number]) => Math.max(1, high),
        text: ({ median, high }: (typeof timed)[number]) =>
          `${significant(median)}${median >= 1 ? '' : high < 1 ? ' slower' : ' slower?'}`,
        fill: ({ median }: (typeof timed)[number]) => (median >= 1 ? 'currentColor' : 'var(--bad)'),
        textAnchor: 'start',
        dx: 6,
      }),
      text(
        bars.filter(({ ratio }) => ratio === null),
        {
          fy: 'row',
          y: 'rival',
          x: 1,
          text: ({ rival, reason }: RivalBar) => `${rival}: ${reason}`,
          textAnchor: 'start',
          dx: 6,
          fontSize: 10,
          fillOpacity: 0.65,
        },
      ),
      text(rows, {
        fy: (row: string) => row,
        y: () => HEADER,
        text: (row: string) => row,
        frameAnchor: 'left',
        textAnchor: 'start',
        fontSize: narrow ? 10 : 11,
        ...HALO,
      }),
    ],
  });
}
