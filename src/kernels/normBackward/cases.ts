import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Case, Distribution } from '../define.ts';
import { groupProblem, layerProblem } from '../norm/cases.ts';

function named(
  name: string,
  problem: NormBackwardProblem,
  distribution?: Distribution,
): Case<NormBackwardProblem> {
  const full = `${problem.kind} ${problem.dtype} ${name}`;
  return distribution ? { name: `${full}, ${distribution}`, problem, distribution } : { name: full, problem };
}

/** Rows around the sizes of vectors, subgroups and workgroups, and too long for registers; many rows for few channels. */
const ROWS: readonly (readonly [rows: number, length: number])[] = [
  [1, 1],
  [5, 3],
  [67, 7],
  [33, 64],
  [4, 255],
  [3, 1000],
  [2, 4099],
  [1000, 4],
];

export const normBackwardCases: readonly Case<NormBackwardProblem>[] = (['f32', 'f16'] as const).flatMap(
  (dtype) => [
    ...ROWS.flatMap(([rows, length]) => [
      named(`[${rows}, ${length}]`, layerProblem('layer', dtype, [rows, length], [1], { scale: true })),
      named(`[${rows}, ${length}]`, layerProblem('rms', dtype, [rows, length], [1], { scale: true })),
    ]),
    named('[6, 300] without scale', layerProblem('layer', dtype, [6, 300], [1])),
    named('[6, 301] without scale', layerProblem('rms', dtype, [6, 301], [1])),
    named('[4, 3, 5, 6] along [0, 2]', layerProblem('layer', dtype, [4, 3, 5, 6], [0, 2], { scale: true })),
    named('[6, 5] along []', layerProblem('layer', dtype, [6, 5], [], { scale: true })),
    named('no rows of 4', layerProblem('layer', dtype, [0, 4], [1], { scale: true })),
    named('2 of 3 groups of 4 x 25', groupProblem(dtype, [2, 3, 4, 25], { scale: true })),
    named('3 of 2 groups of 8 x 1', groupProblem(dtype, [3, 2, 8, 1], { scale: true })),
    ...(['outliers', 'infinities', 'nan', 'nearOne'] as const).map((distribution) =>
      named('[4, 700]', layerProblem('layer', dtype, [4, 700], [1], { scale: true }), distribution),
    ),
  ],
);
