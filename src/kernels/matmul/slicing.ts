// How a product whose tensors are larger than an adapter can bind is cut: along batches, rows and columns of c, and the sums' length k.
import { blockLength, CODINGS } from '../../reference/coding.ts';
import {
  operandStrides,
  resultColumns,
  rowMajor,
  type MatmulProblem,
  type MatrixLayout,
  type PerBatchAxis,
  type QuantizedLayout,
  type ResultLayout,
  type ScaleLayout,
  type TermLayout,
} from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Window } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { Range, Slice, Slicing } from '../define.ts';
import { stretchOf } from '../slicing.ts';

/** What a product reads and writes, in the order of its bindings. */
const TENSORS = ['a', 'b', 'scaleA', 'scaleB', 'bias', 'addend', 'residual', 'c'] as const;

type Name = (typeof TENSORS)[number];
type AnyLayout = MatrixLayout | QuantizedLayout | ScaleLayout | TermLayout | ResultLayout;

/** Axes of a product: the four of its batch grid, and then these. */
const ROWS = 4;
const COLUMNS = 5;
const SUMS = 6;

/** Distances between elements of a tensor that are neighbours along each axis; 0 along those that it does not depend on. */
function stridesOf(problem: MatmulProblem, name: Name, layout: AnyLayout): readonly number[] {
  const { ai, ap, bp, bj } = operandStrides(problem);
  const ofMatrix = {
    a: [ai, 0, ap],
    b: [0, bj, bp],
    c: [problem.c.lineStride, 1, 0],
    scaleA: [1, 0, 0],
    scaleB: [0, 1, 0],
  };
  return [
    ...('batchStrides' in layout ? layout.batchStrides : rowMajor(problem.batchDims, layout.batchStride)),
    ...('strideI' in layout ? [layout.strideI, layout.strideJ, 0] : ofMatrix[name as keyof typeof ofMatrix]),
  ];
}

/** The product with other layouts of the tensors that it has. */
function withLayouts(
  problem: MatmulProblem,
  change: (layout: AnyLayout, strides: readonly number[], name: Name) => AnyLayout,
): MatmulProblem {
  const changed = TENSORS.flatMap((name) => {
    const layout = problem[name];
    if (layout === undefined || layout === 'inPlace') return [];
    return [[name, change(layout, stridesOf(problem, name, layout), name)]];
  });
  return { ...problem, ...(Object.fromEntries(changed) as Partial<MatmulProblem>) };
}

/** Factors of batches follow each other as the batches do: those of an inner axis are neighbours only where no outer one is left. */
function canCutBatch({ batchDims, scaleA, scaleB }: MatmulProblem, axis: number): boolean {
  const scaled = [scaleA, scaleB].some((scale) => scale && scale.batchStride > 0);
  return !scaled || batchDims.slice(0, axis).every((size) => size === 1);
}

export const matmulSlicing: Required<Slicing<MatmulProblem>> = {
  // Rows of a group are found on the GPU, and both halves of a gated product's columns belong together.
  sizes: (problem) => [
    ...problem.batchDims.map((size, axis) => (canCutBatch(problem, axis) ? size : 1)),
    problem.grouped ? 1 : problem.m,
    problem.gated ? 1 : problem.n,
  ],
  slice(problem, axis, [begin, end]) {
    const { batchDims, m, n, k, grouped, firstGroup } = problem;
    const sizes = [...batchDims, m, n, k].with(axis, end - begin);
    return {
      ...withLayouts(problem, (layout, strides) => ({
        ...layout,
        offset: layout.offset + begin * strides[axis]!,
      })),
      batchDims: sizes.slice(0, ROWS) as unknown as PerBatchAxis,
      m: sizes[ROWS]!,
      n: sizes[COLUMNS]!,
      k: sizes[SUMS]!,
      firstGroup: firstGroup + (grouped && axis < ROWS ? begin : 0),
    };
  },
  place,
};

/** The products of a stretch of k alone, whose sums are to be added up. */
export const sliceOfSums = (problem: MatmulProblem, range: Range): MatmulProblem =>
  matmulSlicing.slice(problem, SUMS, range);

/** The product with no more of its tensors than it touches; one that touches nothing has them as they are. */
function place(problem: MatmulProblem, caps: Capabilities): Slice<MatmulProblem> {
  const { batchDims, m, n, k, grouped } = problem;
  if (batchDims.some((size) => size === 0) || m * n * k === 0) return { problem, inputs: [], outputs: [] };
  const windows: Window[] = [];
  const placed = withLayouts(problem, (layout, strides, name) => {
    const columns = name === 'c' || name === 'residual' ? resultColumns(problem) : n;
    const last = [...batchDims, m, columns, k].reduce(
      (sum, size, axis) => sum + (size - 1) * strides[axis]!,
      layout.offset,
    );
    const part = partOf(layout, [layout.offset, last + 1], caps);
    windows.push(...part.windows);
    return part.layout;
  });
  const outputs = windows.splice(-1);
  return { problem: placed, inputs: grouped ? [...windows, undefined] : windows, outputs };
}

/** The part of a tensor with a range of its elements, from where it can be bound on; of quantised weights in whole blocks. */
function partOf<L extends AnyLayout>(
  layout: L,
  range: Range,
  caps: Capabilities,
): { readonly layout: L; readonly windows: readonly Window[] } {
  const [block, blockBytes] = isBlocks(layout)
    ? [blockLength(layout), bytesOfBlock(layout)]
    : [1, [dtypeSizeBytes(layout.dtype)]];
  // Kernels read whole vectors where lines end with what fills them up.
  const grain = Math.max(block, 8);
  const { first, elements, windows } = stretchOf(range, layout.elements, { block, blockBytes, grain }, caps);
  return { layout: { ...layout, offset: range[0] - first, elements }, windows };
}

const isBlocks = (layout: AnyLayout): layout is QuantizedLayout => 'blockSize' in layout;

/** Of a block's codes, of its scale, and of its zero point if it has one. */
function bytesOfBlock(layout: QuantizedLayout): number[] {
  const codeBytes = CODINGS[layout.dtype].bits / 8;
  return [
    blockLength(layout) * codeBytes,
    dtypeSizeBytes(layout.scaleType),
    ...(layout.zeroPoints ? [codeBytes] : []),
  ];
}
