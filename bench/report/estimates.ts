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

type RateUnit = 'B/s' | 'FLOP/s';

/** What the rates of one workload are told in, so that its rows compare: bytes where memory binds most of them. */
export function rateUnit(rows: readonly EstimateRow[]): RateUnit {
  const known = rows.filter(({ tflops }) => tflops !== null);
  const inBytes = known.filter(
    ({ bottleneck, gigabytesPerSecond }) => bottleneck === 'memory' && gigabytesPerSecond !== null,
  );
  return inBytes.length * 2 > known.length ? 'B/s' : 'FLOP/s';
}

/** Undefined where nothing is known. */
function perSecond({ tflops, gigabytesPerSecond }: EstimateRow, unit: RateUnit): number | undefined {
  const [value, scale] = unit === 'B/s' ? [gigabytesPerSecond, 1e9] : [tflops, 1e12];
  return value === null ? undefined : value * scale;
}

/** The interval around the rate, in percent of it: it holds for operations and bytes alike. */
function interval({ tflops, low, high }: EstimateRow): string {
  if (tflops === null || low === null || high === null || tflops === 0) return '';
  const percent = (value: number): string => `${value < 0 ? '' : '+'}${Math.round(100 * value)} %`;
  return `${percent(low / tflops - 1)} to ${percent(high / tflops - 1)}`;
}

/** Columns of the table of estimates of one workload. */
export const estimateColumns = (unit: RateUnit): readonly Column<EstimateRow>[] => [
  ...offerColumns({ accelerator: 4, priceDate: 2 }),
  {
    header: 'estimate',
    align: 'right',
    cell(row) {
      const rate = perSecond(row, unit);
      return rate === undefined ? 'unknown' : formatRate(rate, unit);
    },
  },
  { header: '10 % to 90 %', align: 'right', dispensable: 5, cell: interval },
  {
    header: 'per USD/h',
    align: 'right',
    dispensable: 3,
    cell(row) {
      const rate = perSecond(row, unit);
      return rate && row.usdPerHour ? formatRate(rate / row.usdPerHour, unit) : '';
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
    return `${pc.bold(name)}\n${renderTable(estimateColumns(rateUnit(own)), shown, width)}`;
  });
  const title =
    `Estimates: the ${top} instance types with most throughput${MERITS[sort]}; --json has all ${instanceCount(rows)}` +
    (profile === 'vendor' ? '.' : ', also those whose accelerators WebGPU does not reach.');
  return [title, ...sections, notices.join('\n')].join('\n\n');
}
