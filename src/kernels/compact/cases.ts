import type { CompactProblem } from '../../reference/compact.ts';
import type { Case, Distribution } from '../define.ts';

function compactCase(problem: CompactProblem, distribution: Distribution): Case<CompactProblem> {
  const what = problem.dtype ?? 'positions';
  return {
    name: `${what} [${problem.length}] by a mask of ${problem.mask}, ${distribution}`,
    problem,
    distribution,
  };
}

/** Around the sizes of tiles; rounded numbers, of which four in ten are zero. */
const sizes = [1, 127, 128, 129, 4095, 4097, 20_011].flatMap((length) => [
  compactCase({ dtype: 'f32', mask: 'i32', length }, 'ties'),
  compactCase({ mask: 'f32', length }, 'ties'),
]);

const types = (['f32', 'f16', 'i32', 'u32'] as const).flatMap((dtype) => [
  compactCase({ dtype, mask: 'f16', length: 1000 }, 'ties'),
  compactCase({ mask: dtype, length: 1000 }, 'ties'),
  // All are kept, NaN too.
  compactCase({ dtype, mask: 'f32', length: 300 }, 'nan'),
]);

const empty = compactCase({ dtype: 'f32', mask: 'u32', length: 0 }, 'normal');

export const compactCases: readonly Case<CompactProblem>[] = [...sizes, ...types, empty];
