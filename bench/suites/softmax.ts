import { softmaxOperation } from '../../src/kernels/checked.ts';
import type { SoftmaxProblem } from '../../src/reference/softmax.ts';
import { rowsChecker } from '../measure/rowsChecker.ts';
import type { TaskDType } from '../peers/task.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference reads each element three times, its error bound as often. */
const PASSES = 6;

export const softmaxChecker = rowsChecker<SoftmaxProblem>(
  ({ outer, length, inner }) => PASSES * outer * length * inner,
);

/** Along the rows of a matrix, or down its columns. */
type Along = 'rows' | 'columns';

function workload(
  label: string,
  rows: number,
  columns: number,
  dtype: TaskDType,
  { along = 'rows', representative = false }: { along?: Along; representative?: boolean } = {},
): Workload {
  const problem = (count: number, of: number): SoftmaxProblem => ({
    log: false,
    dtype,
    ...(along === 'rows' ? { outer: count, length: of, inner: 1 } : { outer: 1, length: count, inner: of }),
  });
  const sizes = ({ outer, length, inner }: SoftmaxProblem): readonly [rows: number, columns: number] =>
    along === 'rows' ? [outer, length] : [length, inner];
  return defineWorkload<SoftmaxProblem>({
    family: 'softmax',
    op: 'softmax',
    label,
    operation: softmaxOperation,
    problems: halvings(rows, 2).map((count) => problem(count, columns)),
    checker: softmaxChecker,
    shape: (one) => ({ rows: sizes(one)[0], columns: sizes(one)[1] }),
    shapeText: (one) => times(...sizes(one)),
    unit: () => 'fp32',
    task: (one) => ({
      op: 'softmax',
      dtype,
      rows: sizes(one)[0],
      columns: sizes(one)[1],
      axis: along === 'rows' ? 1 : 0,
    }),
    sized: {
      sizes: 'ROWS x COLUMNS',
      problem: ([count, of]) => problem(count!, of!),
    },
    representative,
  });
}

/** Sequences whose next token is drawn, and tokens whose attention scores are normalised. */
const SEQUENCES = 64;
const TOKENS = 512;

/** Softmax over a vocabulary, and over scores of attention where it is not fused. */
export function softmaxWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const workloads = [
    workload('logits', SEQUENCES, model.vocabulary, 'f32', { representative: true }),
    workload('attention scores', model.heads * TOKENS, TOKENS, dtype),
  ];
  if (extent === 'full') workloads.push(workload('long scores', model.heads * 64, 8192, dtype));
  return workloads;
}

/** The softmax that is compared with other libraries': over a vocabulary, and over scores of attention, by rows and by columns. */
export function comparedSoftmax(model: ModelShape, dtype: 'f32' | 'f16'): Workload[] {
  return [
    workload('logits', SEQUENCES, model.vocabulary, dtype),
    workload('attention scores', model.heads * TOKENS, TOKENS, dtype),
    workload('columns of scores', TOKENS, model.heads * TOKENS, dtype, { along: 'columns' }),
  ];
}
