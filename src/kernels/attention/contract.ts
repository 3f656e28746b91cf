import {
  optionalInputs,
  QUANT_BLOCK,
  wholeOf,
  type AttentionProblem,
  type OptionalInput,
} from '../../reference/attention.ts';
import { type Shape, type TensorSpec } from '../../tensor.ts';
import { ceilDiv, type Contract } from '../define.ts';
import { slicingOnDemand } from '../onDemand.ts';
import { boundSpecs, partialSpecs, type TensorNames } from './part.ts';

/** Heads that kernels keep in registers which make a tile of queries at a time. */
export const LARGEST_FLASH_HEAD = 256;

/** Why a kernel that reads rows in vectors of four, of heads up to a size, cannot run a problem, or undefined if it can. */
export function whyNotInVectors(
  { headDim, headDimV, seqLenKv }: Pick<AttentionProblem, 'headDim' | 'headDimV' | 'seqLenKv'>,
  largest: number,
): string | undefined {
  const sizes = headDim === headDimV ? `${headDim}` : `${headDim} and ${headDimV}`;
  if (seqLenKv === 0) return 'there are no keys';
  if (Math.max(headDim, headDimV) > largest)
    return `there is room for heads of at most ${largest} elements, these have ${sizes}`;
  if (headDim % 4 !== 0 || headDimV % 4 !== 0)
    return `rows are read four elements at a time, and heads of ${sizes} elements are no multiple of that`;
  return undefined;
}

/**
 * Vectors of four in a row that workgroup memory and registers have room for: rounded up, so that one shader serves
 * heads of neighbouring sizes, and to no more than what 8 lanes with a vector each make anyway.
 */
export const vectorCapacity = (dim: number): number => Math.max(16, ceilDiv(dim, 32) * 8);

/** Identifies a problem, by every field of it. Each is named: engines take several times as long to go through a list of names. */
export function attentionKey(p: AttentionProblem): string {
  const sizes = `${p.batch},${p.heads},${p.kvHeads},${p.seqLenQ},${p.seqLenKv},${p.headDim},${p.headDimV}`;
  const reach = `${p.alignment},${p.left},${p.right},${p.scale},${p.softcap}`;
  const features = `${p.alibi},${p.sinks},${p.lengths},${p.quantised},${p.logSumExp}`;
  const { tokens, mask, cache, part } = p;
  const objects = tokens || mask || cache || part ? JSON.stringify([tokens, mask, cache, part]) : '';
  return `${p.dtype},${p.layout},${sizes},${reach},${features},${objects}`;
}

/** All of attention's tensors, in the order of its bindings. */
export const attentionNames: TensorNames<AttentionProblem> = {
  inputs: (problem) => ['q', 'k', 'v', ...optionalInputs(problem)],
  outputs: ({ logSumExp }) => (logSumExp ? ['o', 'lse'] : ['o']),
};

export const attentionContract: Contract<AttentionProblem> = {
  name: 'attention',
  inputs: (problem) => boundSpecs(problem, attentionNames.inputs(problem), wholeInputs(wholeOf(problem))),
  outputs: (problem) => {
    const partial = problem.part?.partial;
    return boundSpecs(
      problem,
      ['o', 'lse'],
      partial ? partialSpecs(problem, partial) : wholeOutputs(problem),
    );
  },
  slicing: slicingOnDemand(async () => (await import('./slicing.ts')).attentionSlicing(attentionNames, 4)),
  key: attentionKey,
};

const wholeInputs = (problem: AttentionProblem): readonly TensorSpec[] => [
  ...operandSpecs(problem),
  ...optionalInputs(problem).map((name) => optionalSpec(problem, name)),
];

function wholeOutputs(problem: AttentionProblem): readonly TensorSpec[] {
  const { headDimV, dtype, layout, tokens, logSumExp } = problem;
  const { batch, heads, seqLenQ } = wholeOf(problem);
  const o = { shape: rowShape(layout, batch, heads, seqLenQ, tokens?.q, headDimV), dtype };
  const lse = { shape: tokens ? [heads, tokens.q] : [batch, heads, seqLenQ], dtype: 'f32' as const };
  return logSumExp ? [o, lse] : [o];
}

function rowShape(
  layout: AttentionProblem['layout'],
  batch: number,
  heads: number,
  seqLen: number,
  tokens: number | undefined,
  dim: number,
): Shape {
  if (tokens !== undefined) return [tokens, heads, dim];
  return layout === 'bshd' ? [batch, seqLen, heads, dim] : [batch, heads, seqLen, dim];
}

function operandSpecs(problem: AttentionProblem): readonly TensorSpec[] {
  const { batch, heads, seqLenQ, headDim, headDimV, dtype, layout, tokens } = problem;
  return [
    { shape: rowShape(layout, batch, heads, seqLenQ, tokens?.q, headDim), dtype },
    { shape: keyShape(problem, headDim), dtype: problem.quantised ? 'i8' : dtype },
    { shape: keyShape(problem, headDimV), dtype: problem.quantised ? 'i8' : dtype },
  ];
}

function keyShape({ batch, kvHeads, seqLenKv, layout, tokens, cache }: AttentionProblem, dim: number): Shape {
  if (cache?.kind === 'paged') return [cache.blocks, cache.blockSize, kvHeads, dim];
  return rowShape(cache ? 'bhsd' : layout, batch, kvHeads, seqLenKv, tokens?.kv, dim);
}

function optionalSpec(problem: AttentionProblem, name: OptionalInput): TensorSpec {
  const { batch, heads, mask, alibi, cache, seqLenKv, headDim, headDimV } = problem;
  switch (name) {
    case 'mask':
      return { shape: mask!.shape, dtype: mask!.dtype };
    case 'slopes':
      return { shape: alibi === 'batch' ? [batch, heads] : [heads], dtype: 'f32' };
    case 'sinks':
      return { shape: [heads], dtype: 'f32' };
    case 'lengths':
      return { shape: [batch], dtype: 'u32' };
    case 'blockTable':
      return { shape: [batch, seqLenKv / (cache as { blockSize: number }).blockSize], dtype: 'u32' };
    case 'scalesK':
      return { shape: keyShape(problem, headDim / QUANT_BLOCK), dtype: 'f32' };
    case 'scalesV':
      return { shape: keyShape(problem, headDimV / QUANT_BLOCK), dtype: 'f32' };
    default:
      return { shape: [batch + 1], dtype: 'u32' };
  }
}
