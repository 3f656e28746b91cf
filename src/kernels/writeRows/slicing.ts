// How writing rows whose tensors are larger than an adapter can bind is cut: along sequences, heads and tokens, rows of the cache and rows of
// the tables of angles. Which token goes to which row is known on the GPU alone: each slice of rows takes the tokens that are its own.
import { QUANT_BLOCK } from '../../reference/attention.ts';
import type { WriteRowsProblem, WriteRowsTensor } from '../../reference/writeRows.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Window } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { Range, Slice, Slicing } from '../define.ts';
import { stretchOf } from '../slicing.ts';
import { inputNames, outputNames, partOf, writeRowsStrides, type CutTensor } from './part.ts';

const BATCH = 0;
const HEADS = 1;
const TOKENS = 2;
const ROWS = 3;

/** Elements of a tensor that a problem touches, from one to before another; none where it has none. */
function touched(problem: WriteRowsProblem, name: CutTensor): readonly [number, number] {
  const { batch, heads, seqLen, headDim, rotary, cache } = problem;
  const { first, rows, angles } = partOf(problem);
  if (name === 'cos') return [angles[0] * (rotary!.dim / 2), angles[1] * (rotary!.dim / 2)];
  const { batch: b, head, row } = writeRowsStrides(problem)[name];
  const [begin, end] = name === 'rows' && cache ? rows : ([first.token, first.token + seqLen] as const);
  const at = first.batch * b + first.head * head + begin * row;
  if (batch * heads * (end - begin) === 0) return [at, at];
  return [at, at + (batch - 1) * b + (heads - 1) * head + (end - begin - 1) * row + headDim];
}

/** Tensors that lie like another, and how many elements of it one of theirs stands for. */
const WITH: Readonly<Record<CutTensor, readonly (readonly [WriteRowsTensor, number])[]>> = {
  x: [['x', 1]],
  rows: [
    ['rows', 1],
    ['scales', QUANT_BLOCK],
  ],
  cos: [
    ['cos', 1],
    ['sin', 1],
  ],
};

const along = ([from]: Range, [begin, end]: Range): Range => [from + begin, from + end];

export const writeRowsSlicing: Required<Slicing<WriteRowsProblem>> = {
  sizes(problem) {
    const { rows, angles } = partOf(problem);
    return [problem.batch, problem.heads, problem.seqLen, rows[1] - rows[0], angles[1] - angles[0]];
  },
  slice(problem, axis, range) {
    const part = partOf(problem);
    const { first } = part;
    const [begin, end] = range;
    switch (axis) {
      case BATCH:
        return {
          ...problem,
          batch: end - begin,
          part: { ...part, first: { ...first, batch: first.batch + begin } },
        };
      case HEADS:
        return {
          ...problem,
          heads: end - begin,
          part: { ...part, first: { ...first, head: first.head + begin } },
        };
      case TOKENS:
        return {
          ...problem,
          seqLen: end - begin,
          part: { ...part, first: { ...first, token: first.token + begin } },
        };
      case ROWS:
        return { ...problem, part: { ...part, rows: along(part.rows, range) } };
      default:
        return { ...problem, part: { ...part, angles: along(part.angles, range) } };
    }
  },
  place,
};

/** The problem with no more of its tensors than it touches. */
function place(problem: WriteRowsProblem, caps: Capabilities): Slice<WriteRowsProblem> {
  const { dtype, quantised, rotary } = problem;
  const part = partOf(problem);
  const bound: Partial<Record<WriteRowsTensor, Range>> = {};
  const windows: Partial<Record<WriteRowsTensor, Window>> = {};
  const bind = (name: CutTensor, block: number, blockBytes: readonly number[]): void => {
    // Windows are those of what was bound before.
    const origin = part.bound[name]?.[0] ?? 0;
    const [begin, end] = touched(problem, name);
    if (begin === end) return;
    const stretch = stretchOf([begin - origin, end - origin], end - origin, { block, blockBytes }, caps);
    const first = origin + stretch.first;
    for (const [index, [each, elements]] of WITH[name].slice(0, blockBytes.length).entries()) {
      bound[each] = [first / elements, (first + stretch.elements) / elements];
      windows[each] = stretch.windows[index]!;
    }
  };
  const elementBytes = dtypeSizeBytes(dtype);
  bind('x', 1, [elementBytes]);
  if (quantised) bind('rows', QUANT_BLOCK, [QUANT_BLOCK, 4]);
  else bind('rows', 1, [elementBytes]);
  if (rotary) bind('cos', 1, [4, 4]);
  return {
    problem: { ...problem, part: { ...part, bound } },
    inputs: inputNames(problem).map((name) => windows[name]),
    outputs: outputNames(problem).map((name) => windows[name]),
  };
}
