import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Case, Distribution } from '../define.ts';

function softmaxCase(
  dtype: 'f32' | 'f16',
  [outer, length, inner]: readonly [outer: number, length: number, inner: number],
  distribution?: Distribution,
  log = false,
): Case<SoftmaxProblem> {
  const problem = { log, dtype, outer, length, inner };
  const name = `${log ? 'log ' : ''}${dtype} [${outer}, ${length}, ${inner}]`;
  return distribution ? { name: `${name}, ${distribution}`, problem, distribution } : { name, problem };
}

/** Rows around the sizes of vectors, subgroups and workgroups, and too long for registers; columns of many widths. */
const SIZES: readonly (readonly [outer: number, length: number, inner: number])[] = [
  [1, 1, 1],
  [5, 1, 1],
  [3, 3, 1],
  [67, 7, 1],
  [9, 8, 1],
  [33, 64, 1],
  [4, 255, 1],
  [3, 257, 1],
  [2, 1000, 1],
  [2, 4099, 1],
  [1, 40_000, 1],
  [1, 7, 5],
  [3, 9, 4],
  [2, 257, 8],
  [2, 33, 67],
  [1, 5003, 3],
  [1, 2, 1030],
];

/** Logarithms differ in the last step only. */
const LOG_SIZES: typeof SIZES = [
  [3, 1, 1],
  [9, 8, 1],
  [4, 255, 1],
  [2, 4099, 1],
  [2, 33, 67],
];

export const softmaxCases: readonly Case<SoftmaxProblem>[] = (['f32', 'f16'] as const).flatMap((dtype) => [
  ...SIZES.map((size) => softmaxCase(dtype, size)),
  ...(['outliers', 'infinities', 'nan', 'ties'] as const).flatMap((distribution) => [
    softmaxCase(dtype, [5, 700, 1], distribution),
    softmaxCase(dtype, [1, 300, 12], distribution),
    softmaxCase(dtype, [5, 700, 1], distribution, true),
    softmaxCase(dtype, [1, 300, 12], distribution, true),
  ]),
  ...LOG_SIZES.map((size) => softmaxCase(dtype, size, undefined, true)),
]);
