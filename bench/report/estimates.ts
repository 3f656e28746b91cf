import pc from 'picocolors';
import type { Profile, SortKey } from '../estimate/index.ts';
import type { EstimateRow } from '../schema.ts';
import { formatRate } from './format.ts';
import { offerColumns } from './offerColumns.ts';
import { renderTable, type Column } from './table.ts';

/** What is shown of the estimates; the JSON has all of them. */
export interface EstimateView {
  readonly rows: readonly EstimateRow[];
  readonly notices: readonly string[];
  /** Rows of each workload. */
  readonly top: number;
  /** The instance that the program runs on, shown whatever its rank. */
  readonly sort?: SortKey;
  /** With the vendors' libraries, accelerators beyond WebGPU are shown among the rest. */
  readonly profile?: Profile;
  readonly here?: { readonly provider: string; readonly instanceType: string } | undefined;
}

/** Bytes where memory binds, arithmetic elsewhere; undefined where nothing is known. */
export function rateOf(
  row: EstimateRow,
): { readonly perSecond: number; readonly unit: 'B/s' | 'FLOP/s' } | undefined {
  if (row.tflops === null) return undefined;
  return row.bottleneck === 'memory' && row.gigabytesPerSecond !== null
    ? { perSecond: row.gigabytesPerSecond * 1e9, unit: 'B/s' }
    : { perSecond: row.tflops * 1e12, unit: 'FLOP/s' };
}

/** The interval around the rate, in percent of it: it holds for operations and bytes alike. */
function interval({ tflops, low, high }: EstimateRow): string {
  if (tflops === null || low === null || high === null || tflops === 0) return '';
  const percent = (value: number): string => `${value < 0 ? '' : '+'}${Math.round(100 * value)} %`;
  return `${percent(low / tflops - 1)} to ${percent(high / tflops - 1)}`;
}

/** Columns of the table of estimates. */
export const estimateColumns: readonly Column<EstimateRow>[] = [
  ...offerColumns({ accelerator: 4, priceDate: 2 }),
  {
    header: 'estimate',
    align: 'right',
    cell(row) {
      const rate = rateOf(row);
      return rate ? formatRate(rate.perSecond, rate.unit) : 'unknown';
    },
  },
  { header: '10 % to 90 %', align: 'right', dispensable: 5, cell: interval },
  {
    header: 'per USD/h',
    align: 'right',
    dispensable: 3,
    cell(row) {
      const rate = rateOf(row);
      return rate && row.usdPerHour ? formatRate(rate.perSecond / row.usdPerHour, rate.unit) : '';
    },
  },
  { header: 'basis', dispensable: 1, cell: ({ basis }) => basis },
];

const MERITS: Readonly<Record<SortKey, string>> = {
  usd: ' for the money',
  throughput: '',
  energy: ' for the energy',
};

function instanceCount(rows: readonly EstimateRow[]): number {
  return new Set(rows.map(({ provider, instanceType }) => `${provider} ${instanceType}`)).size;
}

/** For each workload the instance types that yield most for the money, and the sentences that belong to them. */
export function renderEstimates(
  { rows, notices, top, here, sort = 'usd', profile = 'tilewise' }: EstimateView,
  width: number,
): string {
  if (top === 0) return notices.join('\n');
  const workloads = [...new Set(rows.map(({ workload, dtype }) => `${workload}, ${dtype}`))];
  const sections = workloads.map((name) => {
    const own = rows.filter(
      ({ workload, dtype, webgpu }) =>
        `${workload}, ${dtype}` === name && (profile === 'vendor' || webgpu !== 'no'),
    );
    const shown = own.filter(
      (row, rank) =>
        rank < top || (here?.instanceType === row.instanceType && here.provider === row.provider),
    );
    return `${pc.bold(name)}\n${renderTable(estimateColumns, shown, width)}`;
  });
  const title =
    `Estimates: the ${top} instance types with most throughput${MERITS[sort]}; --json has all ${instanceCount(rows)}` +
    (profile === 'vendor' ? '.' : ', also those whose accelerators WebGPU does not reach.');
  return [title, ...sections, notices.join('\n')].join('\n\n');
}
