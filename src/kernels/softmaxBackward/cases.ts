import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Case } from '../define.ts';

/** Rows around the sizes of vectors, subgroups and workgroups, and too long for registers; rows whose elements lie apart. */
const SIZES: readonly (readonly [outer: number, length: number, inner: number])[] = [
  [1, 1, 1],
  [67, 7, 1],
  [9, 8, 1],
  [4, 255, 1],
  [3, 1000, 1],
  [2, 4099, 1],
  [3, 9, 4],
  [2, 257, 8],
];

export const softmaxBackwardCases: readonly Case<SoftmaxProblem>[] = (['f32', 'f16'] as const).flatMap(
  (dtype) =>
    [false, true].flatMap((log) => [
      ...SIZES.map(([outer, length, inner]) => ({
        name: `${log ? 'log ' : ''}${dtype} [${outer}, ${length}, ${inner}]`,
        problem: { log, dtype, outer, length, inner },
      })),
      ...(['outliers', 'infinities', 'nan'] as const).map((distribution) => ({
        name: `${log ? 'log ' : ''}${dtype} [3, 700, 1], ${distribution}`,
        problem: { log, dtype, outer: 3, length: 700, inner: 1 },
        distribution,
      })),
    ]),
);
