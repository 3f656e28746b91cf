// How attention whose tensors are larger than an adapter can bind is cut: along sequences, heads of k and v with the heads of q that
// share them, heads that share one, and queries. Slices need nothing of each other; `slices.ts` cuts along keys, and merges results. Gradients
// are cut along keys as along the other axes, and added.
import {
  keyRowCount,
  QUANT_BLOCK,
  wholeOf,
  type AttentionPart,
  type AttentionProblem,
  type AttentionTensor,
} from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Window } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { Range, Slicing } from '../define.ts';
import { stretchOf } from '../slicing.ts';
import { beginOf, firstOf, queryRows, rowsOf, START, type CutTensor, type TensorNames } from './part.ts';

const BATCH = 0;
const KV_HEADS = 1;
const GROUP = 2;
const QUERIES = 3;

/**
 * @param axes along how many of the five an operation can be cut, from the first on
 * @param from the first of them that it is cut along here
 */
export const attentionSlicing = <P extends AttentionProblem>(
  names: TensorNames<P>,
  axes: number,
  from = 0,
): Required<Slicing<P>> => ({
  sizes: (problem) => sizesOf(problem).flatMap((size, axis) => (axis < axes ? [axis < from ? 1 : size] : [])),
  slice: cutOut,
  place(problem, caps) {
    const { bound, windows } = boundParts(problem, caps);
    const whole = wholeOf(problem);
    return {
      problem: { ...problem, part: { ...problem.part, whole, first: firstOf(problem), bound } },
      inputs: names.inputs(problem).map((name) => windows[name]),
      outputs: names.outputs(problem).map((name) => windows[name]),
    };
  },
});

/** Rows of k and v. */
const keysOf = (problem: AttentionProblem): Range => problem.part?.keys ?? [0, keyRowCount(problem)];

/** Where packed sequences begin is known on the GPU alone. */
function sizesOf(problem: AttentionProblem): readonly number[] {
  const { batch, heads, kvHeads, tokens } = problem;
  const [firstKey, endKey] = keysOf(problem);
  return [tokens ? 1 : batch, kvHeads, kvHeads === 1 ? heads : 1, queryRows(problem), endKey - firstKey];
}

function cutOut<P extends AttentionProblem>(problem: P, axis: number, [begin, end]: Range): P {
  const { whole, first, bound } = problem.part ?? { whole: problem, first: START, bound: {} };
  const group = problem.heads / problem.kvHeads;
  const count = end - begin;
  const part = (sizes: Partial<AttentionProblem>, moved: Partial<AttentionPart['first']>): P => ({
    ...problem,
    ...sizes,
    part: { ...problem.part, whole, first: { ...first, ...moved }, bound },
  });
  switch (axis) {
    case BATCH:
      return part({ batch: count }, { batch: first.batch + begin });
    case KV_HEADS:
      return part(
        { kvHeads: count, heads: count * group },
        { kvHead: first.kvHead + begin, head: first.head + begin * group },
      );
    case GROUP:
      return part({ heads: count }, { head: first.head + begin });
    case QUERIES: {
      const from = { query: first.query + begin };
      if (!problem.tokens) return part({ seqLenQ: count }, from);
      const rows = part({ seqLenQ: Math.min(problem.seqLenQ, count) }, from);
      return { ...rows, part: { ...rows.part!, queries: count } };
    }
    default: {
      const [firstKey] = keysOf(problem);
      const rows = part({}, {});
      return { ...rows, part: { ...rows.part!, keys: [firstKey + begin, firstKey + end] } };
    }
  }
}

/** What is touched of each tensor that can be cut, from where it can be bound on. */
function boundParts(
  problem: AttentionProblem,
  caps: Capabilities,
): Pick<AttentionPart, 'bound'> & { readonly windows: Partial<Record<AttentionTensor, Window>> } {
  const { dtype, mask, quantised, part } = problem;
  const bound: Partial<Record<AttentionTensor, Range>> = {};
  const windows: Partial<Record<AttentionTensor, Window>> = {};
  const bind = (name: CutTensor, elementBytes: number, scales?: AttentionTensor): void => {
    const rows = rowsOf(problem, name);
    const { strides, counts, length } = rows;
    if (counts.includes(0)) return;
    // Windows are those of what was bound before.
    const origin = problem.part?.bound[name]?.[0] ?? 0;
    const begin = beginOf(rows) - origin;
    const end = strides.reduce((sum, stride, axis) => sum + stride * (counts[axis]! - 1), begin + length);
    const [block, blockBytes] = scales ? [QUANT_BLOCK, [QUANT_BLOCK, 4]] : [1, [elementBytes]];
    const stretch = stretchOf([begin, end], end, { block, blockBytes }, caps);
    const first = origin + stretch.first;
    for (const [index, each] of [name, ...(scales ? [scales] : [])].entries()) {
      const elements = index === 0 ? 1 : block;
      bound[each] = [first / elements, (first + stretch.elements) / elements];
      windows[each] = stretch.windows[index]!;
    }
  };
  const elementBytes = dtypeSizeBytes(dtype);
  bind('q', elementBytes);
  bind('o', part?.partial ? 4 : elementBytes);
  const { lse } = part?.bound ?? {};
  if (!part?.sums) bind('lse', 4);
  else if (lse) bound.lse = lse;
  if (mask) bind('mask', dtypeSizeBytes(mask.dtype));
  bind('k', elementBytes, quantised ? 'scalesK' : undefined);
  bind('v', elementBytes, quantised ? 'scalesV' : undefined);
  return { bound, windows };
}
