import pc from 'picocolors';
import { unitOf } from '../measure/ceilings.ts';
import type {
  BoundsCheckRow,
  CeilingRow,
  Comparison,
  HostRow,
  LeftOutRow,
  MeasurementRow,
} from '../schema.ts';
import {
  formatBytes,
  formatPercent,
  formatRate,
  formatTime,
  formatTimeInterval,
  scaledDownNotes,
  shapeCell,
  shortKernelName,
  significant,
} from './format.ts';
import { renderTable, type Column } from './table.ts';

const WRONG = 'WRONG';

/** Columns of the table of operations. */
export const measurementColumns: readonly Column<MeasurementRow>[] = [
  { header: 'operation', cell: ({ op, label }) => `${op} ${pc.dim(label)}` },
  { header: 'shape', cell: shapeCell },
  { header: 'type', dispensable: 3, cell: ({ dtype }) => dtype },
  { header: 'kernel', dispensable: 6, cell: ({ kernel }) => shortKernelName(kernel) },
  {
    header: 'GPU time',
    align: 'right',
    cell: (row) => (row.gpuTimeNs ? formatTime(row.gpuTimeNs.median) : ''),
  },
  {
    header: 'interval',
    align: 'right',
    dispensable: 7,
    cell: ({ gpuTimeNs }) => (gpuTimeNs ? formatTimeInterval(gpuTimeNs.low, gpuTimeNs.high) : ''),
  },
  {
    header: 'wall time',
    align: 'right',
    cell: (row) => (row.wallTimeNs && !row.gpuTimeNs ? formatTime(row.wallTimeNs.median) : ''),
  },
  { header: 'throughput', align: 'right', cell: throughput },
  {
    header: 'of ceiling',
    align: 'right',
    dispensable: 2,
    cell: ({ ceilingPercent }) => (ceilingPercent === null ? '' : formatPercent(ceilingPercent)),
  },
  { header: 'which', dispensable: 5, cell: (row) => pc.dim(row.checked.passed ? (row.ceiling ?? '') : '') },
  { header: 'checked', dispensable: 1, cell: checked },
];

/** Bytes where memory binds the row, arithmetic elsewhere. */
function throughput(row: MeasurementRow): string {
  if (row.gflops === null || row.bytesPerSecond === null) return '';
  return row.boundBy === 'memory'
    ? formatRate(row.bytesPerSecond, 'B/s')
    : formatRate(row.gflops * 1e9, row.dtype === 'i8' ? 'OP/s' : 'FLOP/s');
}

function checked({ checked: { passed, maxError, tolerance } }: MeasurementRow): string {
  if (passed) return pc.green('ok');
  return pc.red(`${WRONG}: off by ${significant(maxError)}, at most ${significant(tolerance)}`);
}

/** The table of rows. A result that was wrong has no time. */
export function renderMeasurements(rows: readonly MeasurementRow[], width: number): string {
  if (rows.length === 0) return 'Nothing was measured.';
  return [renderTable(measurementColumns, rows, width), ...scaledDownNotes(rows)].join('\n');
}

/** One row as a line, while the benchmark runs. */
export function measurementLine(row: MeasurementRow): string {
  const { op, label, shapeText, dtype, checked: check } = row;
  const name = `${op} ${label} ${shapeText} ${dtype}`;
  const time = row.gpuTimeNs ?? row.wallTimeNs;
  if (!check.passed || !time) return `${pc.red(WRONG)} ${name}: ${check.problem ?? 'the result is wrong'}`;
  return `${pc.green('ok')} ${name}: ${formatTime(time.median)}, ${throughput(row)}`;
}

/** Columns of the table of ceilings. */
export const ceilingColumns: readonly Column<CeilingRow>[] = [
  { header: 'ceiling', cell: ({ name }) => name },
  {
    header: 'rate',
    align: 'right',
    cell: ({ kind, perSecond }) => formatRate(perSecond.median, unitOf(kind)),
  },
  {
    header: 'working set',
    align: 'right',
    dispensable: 1,
    cell: ({ workingSetBytes }) => formatBytes(workingSetBytes),
  },
];

export function renderCeilings(rows: readonly CeilingRow[], width: number): string {
  return rows.length === 0
    ? 'No ceilings: there is no GPU to measure.'
    : renderTable(ceilingColumns, rows, width);
}

/** Columns of the table of what bounds checks cost. */
export const boundsCheckColumns: readonly Column<BoundsCheckRow>[] = [
  { header: 'with bounds checks', cell: ({ op, label }) => `${op} ${label}` },
  { header: 'shape', cell: ({ shapeText }) => shapeText },
  { header: 'type', cell: ({ dtype }) => dtype },
  { header: 'kernel', cell: ({ kernel }) => shortKernelName(kernel) },
  { header: 'time', align: 'right', cell: ({ ratio }) => `x ${ratio.median.toPrecision(3)}` },
  {
    header: 'interval',
    align: 'right',
    dispensable: 1,
    cell: ({ ratio }) => `${ratio.low.toPrecision(3)} – ${ratio.high.toPrecision(3)}`,
  },
];

/** What Dawn's bounds checks cost, which browsers always have. */
export function renderBoundsChecks(rows: readonly BoundsCheckRow[], width: number): string {
  return rows.length === 0 ? '' : renderTable(boundsCheckColumns, rows, width);
}

/** Columns of the table of what the host spends. */
export const hostColumns: readonly Column<HostRow>[] = [
  { header: 'host time', cell: ({ name }) => name },
  { header: 'median', align: 'right', cell: ({ microseconds }) => formatTime(microseconds.median * 1e3) },
  {
    header: 'interval',
    align: 'right',
    dispensable: 2,
    cell: ({ microseconds }) => formatTimeInterval(microseconds.low * 1e3, microseconds.high * 1e3),
  },
  {
    header: 'target',
    align: 'right',
    dispensable: 1,
    cell({ microseconds, targetMicroseconds }) {
      if (targetMicroseconds === null) return '';
      const met = microseconds.median <= targetMicroseconds;
      const text = `at most ${formatTime(targetMicroseconds * 1e3)}: ${met ? 'met' : 'missed'}`;
      return met ? pc.green(text) : pc.yellow(text);
    },
  },
];

export function renderHost(rows: readonly HostRow[], width: number): string {
  return rows.length === 0 ? '' : renderTable(hostColumns, rows, width);
}

export function renderLeftOut(rows: readonly LeftOutRow[]): string {
  return rows
    .map(({ op, label, shapeText, dtype, reason, failed }) => {
      const name = [op, label, shapeText, dtype].filter(Boolean).join(' ');
      const why = reason.replaceAll('\n', '\n    ');
      return failed ? `${pc.red('FAILED')} ${name}: ${why}` : `left out: ${name}: ${why}`;
    })
    .join('\n');
}

/** Whether a run found nothing wrong with this library; what others get wrong is not its fault. */
export function isSound({
  measurements,
  leftOut,
  comparison,
}: {
  readonly measurements: readonly MeasurementRow[];
  readonly leftOut: readonly LeftOutRow[];
  readonly comparison?: Comparison | undefined;
}): boolean {
  const rows = [...measurements, ...(comparison?.rows ?? [])];
  return rows.every(({ checked: { passed } }) => passed) && leftOut.every(({ failed }) => !failed);
}
