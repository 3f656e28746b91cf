import { barX, gridX, axisX, plot, ruleX, text } from '@observablehq/plot';
import { formatPercent } from '../format.ts';
import { COLORS, commonOptions, HALO, titled, type Canvas } from './canvas.ts';

/** How much of what binds it an operation reaches. */
export interface ShareBar {
  readonly row: string;
  readonly percent: number;
  /** What binds it. */
  readonly boundBy: 'memory' | 'arithmetic';
  readonly ceiling: string;
}

/** A bar for each operation, the nearest to its ceiling first. */
export function sharesPlot(canvas: Canvas, bars: readonly ShareBar[]): Element {
  const sorted = bars.toSorted((a, b) => b.percent - a.percent);
  const most = Math.max(100, ...bars.map(({ percent }) => percent));
  return plot({
    ...commonOptions(canvas, 'Share of its ceiling that each operation reaches'),
    height: sorted.length * 34 + 60,
    marginLeft: 8,
    marginRight: 48,
    marginTop: 50,
    x: { domain: [0, most] },
    y: { domain: sorted.map(({ row }) => row), axis: null },
    color: { domain: ['memory', 'arithmetic'], range: COLORS, legend: true, label: 'bound by' },
    marks: [
      axisX({ anchor: 'top', label: '% of its ceiling →', labelOffset: 44 }),
      gridX({ strokeOpacity: 0.12 }),
      barX(sorted, {
        y: 'row',
        x: 'percent',
        fill: 'boundBy',
        fillOpacity: 0.75,
        insetTop: 14,
        ...titled<ShareBar>(canvas, ({ ceiling }) => ceiling),
      }),
      ruleX([100], { stroke: 'currentColor', strokeDasharray: '4 3' }),
      text(sorted, {
        y: 'row',
        x: 0,
        text: 'row',
        textAnchor: 'start',
        dy: -9,
        dx: 2,
        fontSize: 11,
        ...HALO,
      }),
      text(sorted, {
        y: 'row',
        x: 'percent',
        text: ({ percent }: ShareBar) => formatPercent(percent),
        textAnchor: 'start',
        dx: 5,
        dy: 7,
        fontSize: 11,
      }),
    ],
  });
}
