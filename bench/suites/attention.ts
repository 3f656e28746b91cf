import { attentionProblem, CAUSAL } from '../../src/kernels/attention/cases.ts';
import { attentionOperation } from '../../src/kernels/checked.ts';
import { keyRange, queryRow, type AttentionProblem } from '../../src/reference/attention.ts';
import { keyRows, sequenceOf } from '../../src/reference/attentionReference.ts';
import type { Checker, Sample } from '../measure/check.ts';
import type { Operand } from '../measure/operand.ts';
import type { Random } from '../measure/random.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, type Extent, type Workload } from './workload.ts';

/** The reference walks a row once, its error bound twice more. */
const PASSES = 3;

const rowSteps = ({ headDim, headDimV }: AttentionProblem, keys: number): number =>
  PASSES * keys * (headDim + headDimV);

export const attentionChecker: Checker<AttentionProblem> = {
  referenceSteps: (problem) => (PASSES * attentionOperation.flops(problem)) / 2,
  sample: sampleRows,
};

/** Some queries of some heads, each as a problem of one query and the keys that it sees. */
function sampleRows(
  problem: AttentionProblem,
  [q, k, v]: readonly Operand[],
  random: Random,
  maxSteps: number,
): Sample<AttentionProblem> {
  const { batch, heads, seqLenQ, seqLenKv, headDim, headDimV } = problem;
  const total = batch * heads * seqLenQ;
  const count = Math.max(4, Math.floor(maxSteps / rowSteps(problem, seqLenKv)));
  const numbers = random.choose(Math.min(count, total), total);
  const parts = numbers.map((number) => {
    const query = number % seqLenQ;
    const sequence = sequenceOf(problem, {}, Math.floor(number / seqLenQ / heads));
    const row = queryRow(problem, sequence, Math.floor(number / seqLenQ) % heads, query);
    const at = keyRows(problem, {}, row);
    const { first, end } = keyRange(problem, sequence, query);
    const keys = end - first;
    return {
      problem: attentionProblem(1, keys, headDim, {
        dtype: problem.dtype,
        scale: problem.scale,
        headDimV,
      }),
      inputs: [
        q!.slice(row.q, headDim),
        k!.slice(at.k(first), keys * headDim),
        v!.slice(at.v(first), keys * headDimV),
      ],
      positions: Array.from({ length: headDimV }, (_, d) => row.o + d),
    };
  });
  return { parts, description: `${numbers.length} of ${total} rows` };
}

function workload(label: string, problems: readonly AttentionProblem[], representative: boolean): Workload {
  return defineWorkload<AttentionProblem>({
    family: 'attention',
    op: 'attention',
    label,
    operation: attentionOperation,
    problems,
    checker: attentionChecker,
    shape: ({ batch, heads, kvHeads, seqLenQ, seqLenKv, headDim }) => ({
      batch,
      heads,
      kvHeads,
      seqLenQ,
      seqLenKv,
      headDim,
    }),
    shapeText: ({ heads, kvHeads, seqLenQ, seqLenKv, headDim }) =>
      `${heads}/${kvHeads} heads, ${seqLenQ} x ${seqLenKv}, ${headDim}`,
    unit: ({ dtype }) => (dtype === 'f16' ? 'fp16Tensor' : 'fp32'),
    task: ({ dtype, heads, kvHeads, seqLenQ, seqLenKv, headDim, scale, right }) => ({
      op: 'attention',
      dtype,
      heads,
      kvHeads,
      seqLenQ,
      seqLenKv,
      headDim,
      scale,
      causal: right === 0,
    }),
    sized: {
      sizes: 'QUERIES x KEYS',
      problem: ([queries, keys]) => ({ ...problems[0]!, seqLenQ: queries!, seqLenKv: keys! }),
    },
    representative,
  });
}

const PREFILL_LENGTHS: Readonly<Record<Extent, readonly number[]>> = {
  quick: [2048],
  default: [512, 2048, 8192],
  full: [512, 2048, 8192, 32_768],
};

const CACHE_LENGTHS: Readonly<Record<Extent, readonly number[]>> = {
  quick: [4096],
  default: [4096, 32_768],
  full: [1024, 4096, 32_768, 131_072],
};

function prefillOf(
  { heads, kvHeads, headDim }: ModelShape,
  length: number,
  dtype: 'f32' | 'f16',
  representative = false,
): Workload {
  const options = { heads, kvHeads, dtype, ...CAUSAL['upper-left'] };
  const problems = halvings(length, 32).map((n) => attentionProblem(n, n, headDim, options));
  return workload('prefill, causal', problems, representative);
}

function decodeOf(
  { heads, kvHeads, headDim }: ModelShape,
  length: number,
  dtype: 'f32' | 'f16',
  representative = false,
): Workload {
  const options = { heads, kvHeads, dtype };
  const problems = halvings(length, 64).map((n) => attentionProblem(1, n, headDim, options));
  return workload('decode', problems, representative);
}

/** Lengths of prompts and of caches that are compared with other libraries. */
const COMPARED_LENGTHS: Readonly<
  Record<Extent, { readonly prefill: readonly number[]; readonly decode: readonly number[] }>
> = {
  quick: { prefill: [512], decode: [2048] },
  default: { prefill: [512, 1024, 2048], decode: [2048, 8192, 32_768] },
  full: { prefill: [512, 1024, 2048], decode: [2048, 8192, 32_768] },
};

/** The model's heads, then half of them, down to one of keys and values with the group that shares it. */
const halvedHeads = ({ heads, kvHeads }: ModelShape): readonly { heads: number; kvHeads: number }[] =>
  halvings(kvHeads, 1).map((count) => ({ heads: (heads / kvHeads) * count, kvHeads: count }));

/**
 * The attention that is compared with other libraries': whole prompts, causal and not, and one token against a cache. What
 * takes too long is compared on fewer heads, and then left out: which library is ahead depends on the lengths.
 */
export function comparedAttention(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const compared = (label: string, queries: number, keys: number, causal = {}): Workload => {
    const problems = halvedHeads(model).map((heads) =>
      attentionProblem(queries, keys, model.headDim, { ...heads, dtype, ...causal }),
    );
    return workload(label, problems, false);
  };
  const { prefill, decode } = COMPARED_LENGTHS[extent];
  return [
    ...prefill.map((length) => compared('prefill, causal', length, length, CAUSAL['upper-left'])),
    ...prefill.map((length) => compared('prefill, unmasked', length, length)),
    ...decode.map((length) => compared('decode', 1, length)),
  ];
}

/** A model's attention: whole prompts, each token seeing those before it, and one token against a cache. */
export function attentionWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const prefill = PREFILL_LENGTHS[extent].map((length) => prefillOf(model, length, dtype, length === 2048));
  const decode = CACHE_LENGTHS[extent].map((length) => decodeOf(model, length, dtype, length === 4096));
  return [...prefill, ...decode];
}
