import { exactSum } from './exactSum.ts';
import { accumulators } from './scanReference.ts';
import { isExactReduction, type SegmentReductionProblem } from './segmentReduce.ts';

/** The definition of segmented reductions. Of an empty segment the sum is 0, the mean NaN, the rest that of a scan. */
export function segmentReductionReference(
  problem: SegmentReductionProblem,
  [x, offsets]: readonly Float64Array[],
): Float64Array {
  const { inner, segments } = problem;
  const reduce = isExactReduction(problem) ? exactly(problem) : inTurn(problem);
  const y = new Float64Array(segments * inner);
  for (let s = 0; s < segments; s++) {
    const [begin, end] = [offsets![s]!, offsets![s + 1]!];
    for (let j = 0; j < inner; j++) {
      const elements = Float64Array.from({ length: end - begin }, (_, i) => x![(begin + i) * inner + j]!);
      y[s * inner + j] = reduce(elements);
    }
  }
  return y;
}

type Reduce = (elements: Float64Array) => number;

function inTurn({ kind, dtype }: SegmentReductionProblem): Reduce {
  const start = accumulators({ operator: kind === 'mean' ? 'sum' : kind, dtype });
  return (elements) => {
    const state = start();
    for (const value of elements) state.add(value);
    return kind === 'mean' ? state.value() / elements.length : state.value();
  };
}

function exactly({ kind, dtype }: SegmentReductionProblem): Reduce {
  return (elements) => exactSum(elements, kind === 'mean' ? elements.length : 1, dtype as 'f32' | 'f16');
}
