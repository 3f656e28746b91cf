import pc from 'picocolors';
import type { TransformerRow } from '../estimate/index.ts';
import { significant } from './format.ts';
import { offerColumns } from './offerColumns.ts';
import { renderTable, type Column } from './table.ts';

/** What is shown of transformers on instances. */
export interface TransformerView {
  readonly rows: readonly TransformerRow[];
  readonly notices: readonly string[];
  /** Rows of each workload. */
  readonly top: number;
}

const number = (value: number | null): string => (value === null ? '' : significant(value));

const columns: readonly Column<TransformerRow>[] = [
  ...offerColumns({ accelerator: 6, priceDate: 4 }),
  {
    header: 'tokens/s',
    align: 'right',
    cell: ({ tokensPerSecond, fits, acceleratorsNeeded }) => {
      if (tokensPerSecond !== null) return significant(tokensPerSecond);
      if (fits !== false) return 'unknown';
      return acceleratorsNeeded === null ? 'does not fit' : `does not fit: needs ${acceleratorsNeeded}`;
    },
  },
  {
    header: '10 % to 90 %',
    align: 'right',
    dispensable: 5,
    cell: ({ low, high }) => (low === null ? '' : `${number(low)} to ${number(high)}`),
  },
  { header: 'USD/M tokens', align: 'right', cell: ({ usdPerMillionTokens }) => number(usdPerMillionTokens) },
  {
    header: 'Wh/M tokens',
    align: 'right',
    dispensable: 2,
    cell: ({ wattHoursPerMillionTokens }) => number(wattHoursPerMillionTokens?.median ?? null),
  },
  {
    header: 'first token, ms',
    align: 'right',
    dispensable: 3,
    cell: ({ firstTokenMs }) => number(firstTokenMs),
  },
  {
    header: 'ms/token',
    align: 'right',
    dispensable: 3,
    cell: ({ betweenTokensMs }) => number(betweenTokensMs),
  },
  {
    header: 'replicas x ways x batch',
    align: 'right',
    dispensable: 1,
    cell: ({ replicas, acceleratorsPerReplica, batch }) =>
      replicas === null ? '' : `${replicas} x ${acceleratorsPerReplica} x ${batch}`,
  },
];

/** For each workload the instance types in the order asked for, and the sentences that belong to them. */
export function renderTransformers({ rows, notices, top }: TransformerView, width: number): string {
  const workloads = [...new Set(rows.map(({ workload }) => workload))];
  const sections = workloads.map((name) => {
    const own = rows.filter(({ workload }) => workload === name);
    return `${pc.bold(name)}\n${renderTable(columns, own.slice(0, top), width)}`;
  });
  return [...sections, notices.join('\n')].join('\n\n');
}
