import { attentionProblem, CAUSAL } from '../../src/kernels/attention/cases.ts';
import {
  attentionBackwardOperation,
  normBackwardOperation,
  softmaxBackwardOperation,
} from '../../src/kernels/checked.ts';
import type { BackwardProblem } from '../../src/reference/attentionBackward.ts';
import { gridSize, splitAxes } from '../../src/reference/grids.ts';
import type { NormBackwardProblem } from '../../src/reference/norm.ts';
import type { SoftmaxProblem } from '../../src/reference/softmax.ts';
import type { Checker } from '../measure/check.ts';
import { gatherRows, positionsOfRows } from '../measure/rows.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference and its error bound walk over each pair of a query and a key, or over each element, about so often. */
const PASSES = 6;

/** Whole heads: a key's gradient is of all queries. Those of q, k and v are in the same places, as many heads as there are. */
const attentionBackwardChecker: Checker<BackwardProblem> = {
  referenceSteps: (problem) => (PASSES * attentionBackwardOperation.flops(problem)) / 5,
  sample(problem, operands, random, maxSteps) {
    const { heads, seqLenQ, headDim } = problem;
    const part = { ...problem, heads: 1, kvHeads: 1 };
    const count = Math.max(1, Math.floor(maxSteps / attentionBackwardChecker.referenceSteps(part)));
    const chosen = random.choose(Math.min(count, heads), heads);
    const width = seqLenQ * headDim;
    return {
      parts: [
        {
          problem: { ...problem, heads: chosen.length, kvHeads: chosen.length },
          inputs: operands.map((operand) => gatherRows(operand, chosen, width)),
          positions: positionsOfRows(chosen, width),
        },
      ],
      description: `${chosen.length} of ${heads} heads`,
    };
  },
};

const softmaxBackwardChecker: Checker<SoftmaxProblem> = {
  referenceSteps: ({ outer, length }) => PASSES * outer * length,
  sample(problem, operands, random, maxSteps) {
    const { outer, length } = problem;
    const count = Math.max(2, Math.floor(maxSteps / (PASSES * length)));
    const chosen = random.choose(Math.min(count, outer), outer);
    return {
      parts: [
        {
          problem: { ...problem, outer: chosen.length },
          inputs: operands.map((operand) => gatherRows(operand, chosen, length)),
          positions: positionsOfRows(chosen, length),
        },
      ],
      description: `${chosen.length} of ${outer} rows`,
    };
  },
};

/** Gradients of scale and bias are sums over all rows. */
const normBackwardChecker: Checker<NormBackwardProblem> = {
  referenceSteps: ({ keptDims, reducedDims }) => PASSES * gridSize(keptDims) * gridSize(reducedDims),
};

function attentionWorkload({ heads, headDim }: ModelShape, dtype: 'f32' | 'f16'): Workload {
  return defineWorkload<BackwardProblem>({
    family: 'gradient',
    op: 'attentionBackward',
    label: 'training, causal',
    operation: attentionBackwardOperation,
    problems: halvings(1024, 32).map((tokens) =>
      attentionProblem(tokens, tokens, headDim, { heads, kvHeads: heads, dtype, ...CAUSAL['upper-left'] }),
    ),
    checker: attentionBackwardChecker,
    shape: ({ seqLenQ, seqLenKv }) => ({ heads, seqLenQ, seqLenKv, headDim }),
    shapeText: ({ seqLenQ, seqLenKv }) => `${heads} heads, ${times(seqLenQ, seqLenKv)}, ${headDim}`,
    unit: () => (dtype === 'f16' ? 'fp16Tensor' : 'fp32'),
    representative: false,
  });
}

function softmaxWorkload(rows: number, columns: number, dtype: 'f32' | 'f16'): Workload {
  const problem = (outer: number, length: number): SoftmaxProblem => ({
    log: false,
    dtype,
    outer,
    length,
    inner: 1,
  });
  return defineWorkload<SoftmaxProblem>({
    family: 'gradient',
    op: 'softmaxBackward',
    label: 'attention scores',
    operation: softmaxBackwardOperation,
    problems: halvings(rows, 16).map((outer) => problem(outer, columns)),
    sized: { sizes: 'ROWS x COLUMNS', problem: ([outer, length]) => problem(outer!, length!) },
    checker: softmaxBackwardChecker,
    shape: ({ outer, length }) => ({ rows: outer, columns: length }),
    shapeText: ({ outer, length }) => times(outer, length),
    unit: () => 'fp32',
    representative: false,
  });
}

const EPSILON = 1e-5;

function normWorkload(kind: 'rms' | 'layer', width: number, dtype: 'f32' | 'f16'): Workload {
  const problem = (rows: number, columns: number): NormBackwardProblem => ({
    kind,
    dtype,
    ...splitAxes([rows, columns], new Set([1]))!,
    groups: 1,
    channels: columns,
    spatial: 1,
    epsilon: EPSILON,
    scale: true,
  });
  return defineWorkload<NormBackwardProblem>({
    family: 'gradient',
    op: kind === 'rms' ? 'rmsNormBackward' : 'layerNormBackward',
    label: 'hidden states',
    operation: normBackwardOperation,
    problems: halvings(TOKENS, 16).map((rows) => problem(rows, width)),
    sized: { sizes: 'ROWS x COLUMNS', problem: ([rows, columns]) => problem(rows!, columns!) },
    checker: normBackwardChecker,
    shape: ({ keptDims, channels }) => ({ rows: gridSize(keptDims), columns: channels }),
    shapeText: ({ keptDims, channels }) => times(gridSize(keptDims), channels),
    unit: () => 'fp32',
    representative: false,
  });
}

/** Tokens of a step of training. */
const TOKENS = 2048;

/** The backward passes of a layer. */
export function gradientWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  if (extent !== 'full') return [];
  return [
    attentionWorkload(model, dtype),
    softmaxWorkload(model.heads * 512, 512, dtype),
    normWorkload('rms', model.hidden, dtype),
    normWorkload('layer', model.hidden, 'f32'),
  ];
}
