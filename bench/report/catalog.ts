import pc from 'picocolors';
import { significant } from './format.ts';
import { renderFields, renderTable, type Column } from './table.ts';

/** A row of any of the catalogue's tables. */
export type CatalogRow = Readonly<Record<string, unknown>>;

/** A table, and how it is shown. */
export interface CatalogTable {
  readonly title: string;
  readonly rows: readonly CatalogRow[];
  readonly columns: 'accelerators' | 'instances' | 'published' | 'facts';
}

const text = (value: unknown): string => {
  if (typeof value === 'number') return significant(value);
  return typeof value === 'string' ? value : '';
};

function column(
  header: string,
  key: string,
  options: { readonly align?: 'right'; readonly dispensable?: number } = {},
): Column<CatalogRow> {
  return { header, ...options, cell: (row) => text(row[key]) };
}

/** Dollars with cents, or as many digits as lists print below one. */
function price(header: string, key: string, options: Parameters<typeof column>[2]): Column<CatalogRow> {
  const dollars = (value: unknown): string => {
    if (typeof value !== 'number') return '';
    return value < 1 ? String(value) : value.toFixed(2);
  };
  return { header, ...options, cell: (row) => dollars(row[key]) };
}

const right = { align: 'right' } as const;

const COLUMNS: Readonly<Record<CatalogTable['columns'], readonly Column<CatalogRow>[]>> = {
  accelerators: [
    column('id', 'id'),
    column('architecture', 'architecture', { dispensable: 2 }),
    column('GB', 'memoryGb', right),
    column('GB/s', 'memoryGigabytesPerSecond', right),
    {
      header: 'f16 TFLOP/s',
      align: 'right',
      cell: ({ peakTflops }) => {
        const peaks = peakTflops as Readonly<Record<string, number | undefined>>;
        return text(peaks['fp16Tensor'] ?? peaks['bf16Tensor']);
      },
    },
    {
      header: 'f32 TFLOP/s',
      align: 'right',
      dispensable: 1,
      cell: ({ peakTflops }) => text((peakTflops as Readonly<Record<string, number | undefined>>)['fp32']),
    },
    column('cache MB', 'lastLevelCacheMb', { align: 'right', dispensable: 3 }),
    column('processors', 'processorCount', { align: 'right', dispensable: 3 }),
    column('MHz', 'boostMhz', { align: 'right', dispensable: 3 }),
    column('W', 'boardWatts', { align: 'right', dispensable: 1 }),
    column('WebGPU', 'webgpu'),
  ],
  instances: [
    column('provider', 'provider'),
    column('instance type', 'instanceType'),
    column('accelerator', 'acceleratorId'),
    column('count', 'acceleratorCount', right),
    price('USD/h', 'onDemandUsdPerHour', right),
    price('spot', 'spotUsdPerHour', { align: 'right', dispensable: 1 }),
    column('price date', 'priceDate', { dispensable: 2 }),
    {
      header: 'price is',
      dispensable: 2,
      cell: ({ priceAge }) => (priceAge === 'stale' ? 'over six months old' : text(priceAge)),
    },
    column('region', 'region', { dispensable: 3 }),
  ],
  published: [
    column('kind', 'kind'),
    column('accelerator', 'acceleratorId'),
    column('count', 'acceleratorCount', right),
    column('work', 'workload'),
    column('type', 'dtype', { dispensable: 1 }),
    column('size', 'size'),
    column('value', 'value', right),
    column('unit', 'unit'),
    column('source', 'source', { dispensable: 2 }),
  ],
  facts: [
    column('topic', 'topic'),
    column('subject', 'subject'),
    column('what', 'metric'),
    column('value', 'value'),
    column('unit', 'unit'),
    column('date', 'date'),
    column('source', 'source', { dispensable: 1 }),
    column('note', 'note', { dispensable: 2 }),
  ],
};

/** The rows of one table with what matters of each. */
export function renderCatalogTable({ title, rows, columns }: CatalogTable, width: number): string {
  return `${pc.bold(`${title}: ${rows.length}`)}\n${renderTable(COLUMNS[columns], rows, width)}`;
}

/** A row with all of its fields; those that nobody published say so. */
export function renderCatalogRow(name: string, row: object, width: number): string {
  const fields = Object.entries(row).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, figure]: [string, unknown]) => ({
          key: `${key}.${inner}`,
          value: figure,
        }))
      : [{ key, value }],
  );
  const figure = (value: unknown): string =>
    value === undefined ? 'unknown' : typeof value === 'number' ? String(value) : text(value);
  const lines = fields.map(({ key, value }) => ({ key, value: figure(value) }));
  return `${pc.bold(name)}\n${renderFields(lines, width)}`;
}
