import { sortOperation } from '../../src/kernels/checked.ts';
import type { SortProblem } from '../../src/reference/sort.ts';
import { rowsChecker } from '../measure/rowsChecker.ts';
import type { TaskDType } from '../peers/task.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** Steps of the reference's comparisons, which are function calls, for each element and level. */
const COMPARISON = 8;

export const sortChecker = rowsChecker<SortProblem>(
  ({ outer, length, inner }) =>
    COMPARISON * outer * length * inner * Math.ceil(Math.log2(Math.max(2, length))),
  ({ count }) => count,
);

interface Row {
  readonly op: 'sort' | 'topK';
  readonly label: string;
  readonly rows: number;
  readonly length: number;
  /** How many are kept; all by default. */
  readonly count?: number;
  readonly dtype?: TaskDType;
  readonly results?: SortProblem['results'];
}

function workload({
  op,
  label,
  rows,
  length,
  count = length,
  dtype = 'f32',
  results = 'both',
}: Row): Workload {
  const problem = (outer: number, columns: number): SortProblem => ({
    dtype,
    outer,
    length: columns,
    inner: 1,
    count: op === 'topK' ? Math.min(count, columns) : columns,
    descending: op === 'topK',
    results,
  });
  return defineWorkload<SortProblem>({
    family: 'sort',
    op,
    label,
    operation: sortOperation,
    problems: halvings(rows, 1).map((outer) => problem(outer, length)),
    checker: sortChecker,
    shape: ({ outer, length, count }) => ({ rows: outer, columns: length, count }),
    shapeText: ({ outer, length, count }) => `${times(outer, length)}${count < length ? `, ${count}` : ''}`,
    unit: () => 'fp32',
    sized: {
      sizes: 'ROWS x COLUMNS',
      problem: ([outer, columns]) => problem(outer!, columns!),
    },
    task: ({ outer, length: columns, count: kept }) =>
      op === 'sort' ? { op, dtype, rows: outer, columns } : { op, dtype, rows: outer, columns, count: kept },
    // What moving the elements once takes says little of a sort.
    representative: false,
  });
}

/** Sequences whose next token is drawn, and tokens that are sent to experts. */
const SEQUENCES = 64;
const TOKENS = 8192;
const EXPERTS = 128;

/** What is compared with other libraries: they have no other type in common, and some sort values alone. */
export function comparedSorts(model: ModelShape, dtype: TaskDType): Workload[] {
  if (dtype !== 'f32') return [];
  // The cheapest first: of one row of logits there is time for a comparison where libraries that sort all of it are slow.
  return [
    workload({
      op: 'topK',
      label: 'of logits',
      rows: SEQUENCES,
      length: model.vocabulary,
      count: 50,
      results: 'values',
    }),
    workload({ op: 'topK', label: 'experts', rows: TOKENS, length: EXPERTS, count: 8, results: 'values' }),
    workload({ op: 'sort', label: 'short rows', rows: TOKENS, length: 1024, results: 'values' }),
    workload({ op: 'sort', label: 'long rows', rows: 256, length: 2 ** 17, results: 'values' }),
  ];
}

/** Rows that are sorted in workgroup memory and in several passes, and the choices of samplers and of routers. */
export function sortWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const workloads = [
    workload({ op: 'sort', label: 'long rows', rows: 256, length: 2 ** 17 }),
    workload({ op: 'topK', label: 'of logits', rows: SEQUENCES, length: model.vocabulary, count: 50 }),
  ];
  if (extent !== 'quick') {
    workloads.push(
      workload({ op: 'sort', label: 'short rows', rows: TOKENS, length: 1024 }),
      workload({ op: 'topK', label: 'experts', rows: TOKENS, length: EXPERTS, count: 8 }),
    );
  }
  if (extent === 'full' && dtype === 'f16') {
    workloads.push(workload({ op: 'sort', label: 'long rows', rows: 256, length: 2 ** 17, dtype }));
  }
  return workloads;
}
