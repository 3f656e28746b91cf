import { QUANT_BLOCK } from '../../reference/attention.ts';
import type { WriteRowsProblem } from '../../reference/writeRows.ts';
import type { TensorSpec } from '../../tensor.ts';
import type { Contract } from '../define.ts';
import { slicingOnDemand } from '../onDemand.ts';
import { boundSpecs, inputNames, outputNames, partOf } from './part.ts';

export const writeRowsContract: Contract<WriteRowsProblem> = {
  name: 'writeRows',
  slicing: slicingOnDemand(async () => (await import('./slicing.ts')).writeRowsSlicing),
  inputs: (problem) => boundSpecs(problem, inputNames(problem), wholeInputs(partOf(problem).whole)),
  outputs: (problem) => boundSpecs(problem, outputNames(problem), wholeOutputs(partOf(problem).whole)),
  key: writeRowsKey,
};

/** Every field of a problem, by name: what goes through an object's names takes engines several times as long. */
function writeRowsKey(p: WriteRowsProblem): string {
  const { rotary, cache, part } = p;
  const sizes = `${p.batch},${p.heads},${p.seqLen},${p.headDim}`;
  const angles = rotary ? `${rotary.dim} ${rotary.rows} ${rotary.interleaved}` : '';
  const rows = cache ? `${cache.capacity} ${JSON.stringify(cache.layout)}` : '';
  return `${p.dtype},${p.layout},${p.quantised},${sizes},${angles},${rows},${part ? JSON.stringify(part) : ''}`;
}

function wholeInputs({
  batch,
  heads,
  seqLen,
  headDim,
  dtype,
  layout,
  rotary,
  cache,
}: WriteRowsProblem): readonly TensorSpec[] {
  const angles = rotary && ({ shape: [rotary.rows, rotary.dim / 2], dtype: 'f32' } as const);
  return [
    { shape: layout === 'bshd' ? [batch, seqLen, heads, headDim] : [batch, heads, seqLen, headDim], dtype },
    { shape: [batch], dtype: 'u32' },
    ...(angles ? [angles, angles] : []),
    ...(cache?.layout.kind === 'paged'
      ? [{ shape: [batch, cache.capacity / cache.layout.blockSize], dtype: 'u32' } as const]
      : []),
  ];
}

function wholeOutputs(problem: WriteRowsProblem): readonly TensorSpec[] {
  const { quantised, dtype, headDim } = problem;
  const rows = rowsShape(problem);
  if (!quantised) return [{ shape: [...rows, headDim], dtype }];
  return [
    { shape: [...rows, headDim], dtype: 'i8' },
    { shape: [...rows, headDim / QUANT_BLOCK], dtype: 'f32' },
  ];
}

function rowsShape({ batch, heads, seqLen, layout, cache }: WriteRowsProblem): readonly number[] {
  if (cache?.layout.kind === 'paged') return [cache.layout.blocks, cache.layout.blockSize, heads];
  if (cache) return [batch, heads, cache.capacity];
  return layout === 'bshd' ? [batch, seqLen, heads] : [batch, heads, seqLen];
}
