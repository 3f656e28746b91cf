import type { EstimateRow } from '../../schema.ts';
import { estimateColumns, rateUnit } from '../estimates.ts';
import { estimatesPlot, paretoFront, type PricedPoint } from '../plots/estimates.ts';
import { tableData, type Column } from '../table.ts';
import type { ReportPart } from './report.ts';

/** Rows in a table after those of the front: the best for the money. */
const MORE_ROWS = 15;

interface NumberedRow {
  readonly row: EstimateRow;
  /** Its number in the plot; undefined off the front. */
  readonly number: number | undefined;
}

/** A plot and a table for each workload: instance types whose price is known. */
export function estimateParts(estimates: readonly EstimateRow[]): ReportPart[] {
  const usable = estimates.filter(({ usdPerHour, tflops }) => usdPerHour && tflops);
  const titleOf = ({ workload, dtype }: EstimateRow): string => `${workload}, ${dtype}`;
  return [...new Set(usable.map(titleOf))].map((title): ReportPart => {
    const rows = usable.filter((row) => titleOf(row) === title);
    const points = rows.map(pointOf);
    const front = paretoFront(points);
    const rest = rows.filter((row) => !front.some((point) => point.row === row)).slice(0, MORE_ROWS);
    const unit = rateUnit(rows);
    return {
      title,
      text: [],
      plot: (canvas) => estimatesPlot(canvas, points.map(unit === 'B/s' ? toBytes : (point) => point), unit),
      table: tableData(columns(unit), [
        ...front.map(({ row }, index): NumberedRow => ({ row, number: index + 1 })),
        ...rest.map((row): NumberedRow => ({ row, number: undefined })),
      ]),
      notes: [
        `The ${front.length} of the Pareto front, and the ${rest.length} that yield most for the money of the other ${rows.length - front.length} instance types with a known price.`,
      ],
    };
  });
}

const columns = (unit: ReturnType<typeof rateUnit>): readonly Column<NumberedRow>[] => [
  {
    header: 'in the plot',
    align: 'right',
    cell: ({ number }) => (number === undefined ? '' : String(number)),
  },
  ...estimateColumns(unit).map((column): Column<NumberedRow> => ({
    ...column,
    cell: ({ row }) => column.cell(row),
  })),
];

function pointOf(row: EstimateRow): PricedPoint & { readonly row: EstimateRow } {
  const { provider, instanceType, accelerator, count, usdPerHour, tflops, low, high, basis } = row;
  return {
    row,
    name: `${provider} ${instanceType}, ${count ?? '?'} x ${accelerator}`,
    usdPerHour: usdPerHour!,
    rate: tflops! * 1e12,
    low: (low ?? tflops!) * 1e12,
    high: (high ?? tflops!) * 1e12,
    basis,
  };
}

/** The same in bytes: both rates are of one time. */
function toBytes<Point extends PricedPoint & { readonly row: EstimateRow }>(point: Point): Point {
  const { tflops, gigabytesPerSecond } = point.row;
  const factor = (gigabytesPerSecond ?? 0) / (tflops! * 1e3);
  return { ...point, rate: point.rate * factor, low: point.low * factor, high: point.high * factor };
}
