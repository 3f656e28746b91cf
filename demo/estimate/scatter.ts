import type { Draw } from '../chart/chart.ts';
import { formatNumber, formatUsd } from '../format.ts';
import { UNITS } from './cloudWorkloads.ts';
import type { Exploration, Offer } from './explore.ts';

/** Price against throughput, with the interval of each estimate and the front of those that none outdoes. */
export function scatter({ offers, workload }: Exploration, ownRate: number | undefined): Draw {
  const unit = UNITS[workload.rate].name;
  const front = offers.filter(({ pareto }) => pareto).toSorted((a, b) => a.usdPerHour - b.usdPerHour);
  return (plot, widthPx) => ({
    marginLeft: 64,
    marginBottom: 44,
    marginTop: 24,
    x: {
      type: 'log',
      label: 'Dollars an hour →',
      tickFormat: (usd: number) => `$${formatNumber(usd)}`,
      ticks: widthPx < 500 ? 3 : 6,
    },
    y: {
      type: 'log',
      label: `↑ ${unit}`,
      tickFormat: (rate: number) => formatNumber(rate),
      grid: true,
      ticks: 5,
    },
    marks: [
      plot.ruleX(offers, {
        x: 'usdPerHour',
        y1: 'low',
        y2: 'high',
        stroke: 'var(--muted)',
        strokeOpacity: 0.3,
      }),
      plot.line(front, { x: 'usdPerHour', y: 'rate', stroke: 'var(--series-2)', curve: 'step-after' }),
      plot.dot(offers, {
        x: 'usdPerHour',
        y: 'rate',
        r: ({ pareto }: Offer) => (pareto ? 5 : 3),
        fill: ({ pareto }: Offer) => (pareto ? 'var(--series-2)' : 'var(--series-1)'),
        stroke: 'var(--surface)',
        strokeWidth: 0.5,
        sort: 'pareto',
        tip: true,
        title: ({ provider, instanceType, accelerator, usdPerHour, rate, low, high }: Offer) =>
          `${provider} ${instanceType}\n${accelerator}\n${formatUsd(usdPerHour)} an hour\n` +
          `${formatNumber(rate)} ${unit} (${formatNumber(low)} to ${formatNumber(high)})`,
      }),
      ...(ownRate === undefined
        ? []
        : [
            plot.ruleY([ownRate], { stroke: 'var(--series-3)', strokeWidth: 2, strokeDasharray: '4 3' }),
            plot.text([ownRate], {
              y: ownRate,
              frameAnchor: 'right',
              textAnchor: 'end',
              dy: -8,
              text: [`your GPU: ${formatNumber(ownRate)} ${unit}, measured here`],
              fill: 'var(--series-3)',
            }),
          ]),
    ],
  });
}
