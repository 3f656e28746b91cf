import { isMemory, unitOf } from '../../measure/ceilings.ts';
import type { BenchResult, CeilingRow } from '../../schema.ts';
import { comparisonColumns, comparisonSummary } from '../comparison.ts';
import { scaledDownNotes } from '../format.ts';
import {
  boundsCheckColumns,
  ceilingColumns,
  hostColumns,
  measurementColumns,
  renderLeftOut,
} from '../measurements.ts';
import { bandwidthPlot } from '../plots/bandwidth.ts';
import { rivalsPlot, type RivalBar } from '../plots/rivals.ts';
import { rooflinePlot, type Roof, type RooflinePoint } from '../plots/roofline.ts';
import { sharesPlot, type ShareBar } from '../plots/shares.ts';
import { tableData } from '../table.ts';
import type { ReportPart } from './report.ts';
import { plain, rowName } from './text.ts';

/** What one run measured, as far as it measured it. */
export function machineParts(result: BenchResult): ReportPart[] {
  return [
    ...rooflineParts(result),
    ...shareParts(result),
    ...bandwidthParts(result),
    ...rivalParts(result),
    ...overheadParts(result),
  ];
}

/** The bandwidths that roofs are drawn of: of the largest working set, which is memory's, and the best of all, a cache's. */
function bandwidthRoofs(ceilings: readonly CeilingRow[]): Roof[] {
  const reads = ceilings.filter(({ kind }) => kind === 'read');
  if (reads.length === 0) return [];
  const largest = reads.reduce((a, b) => (b.workingSetBytes > a.workingSetBytes ? b : a));
  const best = reads.reduce((a, b) => (b.perSecond.median > a.perSecond.median ? b : a));
  return [...new Set([largest, best])].map(({ name, perSecond }) => ({ name, perSecond: perSecond.median }));
}

function rooflineParts({ ceilings, measurements, leftOut }: BenchResult): ReportPart[] {
  if (measurements.length === 0) return [];
  const bandwidths = bandwidthRoofs(ceilings);
  const peaks = ceilings
    .filter(({ kind }) => unitOf(kind) !== 'B/s')
    .map(({ name, perSecond }) => ({ name, perSecond: perSecond.median }));
  const points = measurements.flatMap((row): RooflinePoint[] =>
    row.gflops && row.workingSetBytes > 0
      ? [
          {
            name: rowName(row),
            family: row.family,
            intensity: row.flops / row.workingSetBytes,
            operationsPerSecond: row.gflops * 1e9,
          },
        ]
      : [],
  );
  const drawn = bandwidths.length > 0 && peaks.length > 0 && points.length > 0;
  return [
    {
      title: 'Roofline',
      text: drawn
        ? [
            'Each operation by how much arithmetic it does for each byte that has to move, and how fast it does it. The slanted lines are bandwidths, the dashed ones arithmetic peaks, all measured on this machine. Operations without arithmetic, such as sorts, are in the table alone.',
          ]
        : [],
      plot: drawn ? (canvas) => rooflinePlot(canvas, { bandwidths, peaks, points }) : undefined,
      table: tableData(measurementColumns, measurements),
      notes: [...scaledDownNotes(measurements), ...plain(renderLeftOut(leftOut))],
    },
  ];
}

function shareParts({ measurements }: BenchResult): ReportPart[] {
  const rows = measurements.flatMap((row): (ShareBar & { readonly kernel: string })[] =>
    row.ceilingPercent !== null && row.boundBy !== null && row.ceiling !== null
      ? [
          {
            row: rowName(row),
            percent: row.ceilingPercent,
            boundBy: row.boundBy,
            ceiling: row.ceiling,
            kernel: row.kernel,
          },
        ]
      : [],
  );
  if (rows.length === 0) return [];
  return [
    {
      title: 'Share of the ceiling',
      text: [
        'How much each operation reaches of what binds it on this machine, memory or arithmetic, as a kernel that does nothing else measured it.',
      ],
      plot: (canvas) => sharesPlot(canvas, rows),
      table: tableData(
        [
          { header: 'operation', cell: ({ row }) => row },
          { header: '% of ceiling', align: 'right', cell: ({ percent }) => percent.toFixed(1) },
          { header: 'bound by', cell: ({ boundBy }) => boundBy },
          { header: 'ceiling', cell: ({ ceiling }) => ceiling },
          { header: 'kernel', cell: ({ kernel }) => kernel },
        ],
        rows.toSorted((a, b) => b.percent - a.percent),
      ),
      notes: ['Above 100 % the ceiling was measured too low, or the machine was slower then.'],
    },
  ];
}

function bandwidthParts({ ceilings }: BenchResult): ReportPart[] {
  if (ceilings.length === 0) return [];
  const points = ceilings
    .filter(({ kind }) => isMemory(kind))
    .map(({ kind, workingSetBytes, perSecond: { median, low, high } }) => ({
      kind,
      workingSetBytes,
      median,
      low,
      high,
    }));
  return [
    {
      title: 'Bandwidth and other ceilings',
      text: [
        'Bandwidth over the working set, with intervals of 95 %: where it drops, a cache ends. The table has the arithmetic peaks too.',
      ],
      plot: points.length > 0 ? (canvas) => bandwidthPlot(canvas, points) : undefined,
      table: tableData(ceilingColumns, ceilings),
      notes: [],
    },
  ];
}

function rivalParts({ comparison }: BenchResult): ReportPart[] {
  if (!comparison || comparison.rows.length === 0) return [];
  const { peers, rows } = comparison;
  const playing = peers.filter(({ version }) => version !== null).map(({ name }) => name);
  const bars = rows.flatMap((row) =>
    row.peers.map(({ name, ratio, status, reason }): RivalBar => ({
      row: rowName(row),
      rival: name,
      ratio,
      reason: ratio ? '' : status === 'notOffered' ? (reason ?? '') : status,
    })),
  );
  return [
    {
      title: 'Beside other libraries',
      text: [
        'The same operations on the same operands and the same adapter, in turns; the lines are intervals of 95 %. Above 1 Tilewise is faster; below it the plot says so.',
        ...peers.map(({ name, version, device, reason }) =>
          version === null
            ? `${name} took no part: ${reason ?? ''}.`
            : `${name} ${version}${device === null ? '' : ` on ${device}`}.`,
        ),
      ],
      plot: bars.length > 0 ? (canvas) => rivalsPlot(canvas, bars) : undefined,
      table: tableData(comparisonColumns(playing), rows),
      notes: [...scaledDownNotes(rows), ...comparisonSummary(playing, rows).flatMap(plain)],
    },
  ];
}

function overheadParts({ host, boundsChecks }: BenchResult): ReportPart[] {
  return [
    ...(host.length === 0
      ? []
      : [{ title: 'What the host spends', text: [], table: tableData(hostColumns, host), notes: [] }]),
    ...(boundsChecks.length === 0
      ? []
      : [
          {
            title: 'What bounds checks cost',
            text: ['Time with the checks that browsers always make, divided by time without.'],
            table: tableData(boundsCheckColumns, boundsChecks),
            notes: [],
          },
        ]),
  ];
}
