import { softmaxOperation } from '../../src/kernels/checked.ts';
import type { SoftmaxProblem } from '../../src/reference/softmax.ts';
import type { Checker, Sample } from '../measure/check.ts';
import type { Operand } from '../measure/operand.ts';
import type { Random } from '../measure/random.ts';
import { gatherRows, positionsOfRows } from '../measure/rows.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference reads each element three times, its error bound as often. */
const PASSES = 6;

export const softmaxChecker: Checker<SoftmaxProblem> = {
  referenceSteps: ({ outer, length, inner }) => PASSES * outer * length * inner,
  sample: sampleRows,
};

/** Some of the outermost slices. */
function sampleRows(
  problem: SoftmaxProblem,
  [x]: readonly Operand[],
  random: Random,
  maxSteps: number,
): Sample<SoftmaxProblem> {
  const width = problem.length * problem.inner;
  const count = Math.max(2, Math.floor(maxSteps / (PASSES * width)));
  const chosen = random.choose(Math.min(count, problem.outer), problem.outer);
  return {
    parts: [
      {
        problem: { ...problem, outer: chosen.length },
        inputs: [gatherRows(x!, chosen, width)],
        positions: positionsOfRows(chosen, width),
      },
    ],
    description: `${chosen.length} of ${problem.outer} rows`,
  };
}

function workload(
  label: string,
  rows: number,
  length: number,
  dtype: 'f32' | 'f16',
  representative: boolean,
): Workload {
  return defineWorkload<SoftmaxProblem>({
    family: 'softmax',
    op: 'softmax',
    label,
    operation: softmaxOperation,
    problems: halvings(rows, 2).map((outer) => ({ log: false, dtype, outer, length, inner: 1 })),
    checker: softmaxChecker,
    shape: ({ outer, length }) => ({ rows: outer, columns: length }),
    shapeText: ({ outer, length }) => times(outer, length),
    unit: () => 'fp32',
    task: ({ dtype, outer, length }) => ({ op: 'softmax', dtype, rows: outer, columns: length }),
    sized: {
      sizes: 'ROWS x COLUMNS',
      problem: ([outer, columns]) => ({ log: false, dtype, outer: outer!, length: columns!, inner: 1 }),
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
    workload('logits', SEQUENCES, model.vocabulary, 'f32', true),
    workload('attention scores', model.heads * TOKENS, TOKENS, dtype, false),
  ];
  if (extent === 'full') workloads.push(workload('long scores', model.heads * 64, 8192, dtype, false));
  return workloads;
}

/** The softmax that is compared with other libraries': over a vocabulary, and over scores of attention. */
export function comparedSoftmax(model: ModelShape, dtype: 'f32' | 'f16'): Workload[] {
  return [
    workload('logits', SEQUENCES, model.vocabulary, dtype, false),
    workload('attention scores', model.heads * TOKENS, TOKENS, dtype, false),
  ];
}
