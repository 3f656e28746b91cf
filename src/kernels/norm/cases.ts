import { splitAxes } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import { elementCount, type Shape } from '../../tensor.ts';
import type { Case, Distribution } from '../define.ts';

type Options = Partial<Pick<NormProblem, 'scale' | 'bias' | 'residual' | 'sum' | 'epsilon'>>;

/** A norm of the given axes of a tensor, with neither scale nor bias unless told otherwise. */
export function layerProblem(
  kind: NormProblem['kind'],
  dtype: NormProblem['dtype'],
  shape: Shape,
  axes: readonly number[],
  options: Options = {},
): NormProblem {
  const channels = elementCount(axes.map((axis) => shape[axis]!));
  return {
    kind,
    dtype,
    ...splitAxes(shape, new Set(axes))!,
    groups: 1,
    channels,
    spatial: 1,
    epsilon: 1e-5,
    scale: false,
    bias: false,
    residual: false,
    sum: false,
    ...options,
  };
}

/** Group normalisation of [batch, groups * channels, spatial]. */
export function groupProblem(
  dtype: NormProblem['dtype'],
  [batch, groups, channels, spatial]: readonly [number, number, number, number],
  options: Options = {},
): NormProblem {
  const rows = layerProblem('layer', dtype, [batch * groups, channels * spatial], [1], options);
  return { ...rows, groups, channels, spatial };
}

function named(name: string, problem: NormProblem, distribution?: Distribution): Case<NormProblem> {
  const full = `${problem.kind} ${problem.dtype} ${name}`;
  return distribution ? { name: `${full}, ${distribution}`, problem, distribution } : { name: full, problem };
}

const ALL: Options = { scale: true, bias: true, residual: true, sum: true };

/** Rows around the sizes of vectors, subgroups and workgroups, and too long for registers. */
const ROWS: readonly (readonly [rows: number, length: number])[] = [
  [1, 1],
  [5, 3],
  [67, 7],
  [9, 8],
  [33, 64],
  [4, 255],
  [3, 257],
  [2, 1000],
  [3, 4096],
  [2, 4099],
  [1, 40_000],
];

/** Axes that lie apart, in front, in the middle, none at all. */
const GRIDS: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
  [[5, 6, 7], [1]],
  [
    [4, 3, 5, 6],
    [0, 2],
  ],
  [
    [4, 3, 5, 6],
    [1, 3],
  ],
  [[6, 5], []],
];

export const normCases: readonly Case<NormProblem>[] = (['f32', 'f16'] as const).flatMap((dtype) => [
  ...ROWS.flatMap(([rows, length]) => [
    named(
      `[${rows}, ${length}]`,
      layerProblem('layer', dtype, [rows, length], [1], { scale: true, bias: true }),
    ),
    named(`[${rows}, ${length}]`, layerProblem('rms', dtype, [rows, length], [1], { scale: true })),
  ]),
  ...GRIDS.map(([shape, axes]) =>
    named(`[${shape.join(', ')}] along [${axes.join(', ')}]`, layerProblem('layer', dtype, shape, axes, ALL)),
  ),
  ...[300, 301].flatMap((length) => [
    named(`[6, ${length}] with residual, sum`, layerProblem('layer', dtype, [6, length], [1], ALL)),
    named(
      `[6, ${length}] with residual, sum`,
      layerProblem('rms', dtype, [6, length], [1], { scale: true, residual: true, sum: true }),
    ),
    named(`[6, ${length}] with residual`, layerProblem('layer', dtype, [6, length], [1], { residual: true })),
    named(`[6, ${length}] with bias`, layerProblem('layer', dtype, [6, length], [1], { bias: true })),
    named(`[6, ${length}] large epsilon`, layerProblem('rms', dtype, [6, length], [1], { epsilon: 2 })),
  ]),
  named('2 of 3 groups of 4 x 25', groupProblem(dtype, [2, 3, 4, 25], ALL)),
  named('2 of 4 groups of 1 x 64', groupProblem(dtype, [2, 4, 1, 64], { scale: true, bias: true })),
  named('3 of 2 groups of 8 x 1', groupProblem(dtype, [3, 2, 8, 1], { scale: true, bias: true })),
  ...(['outliers', 'infinities', 'nan', 'nearOne'] as const).map((distribution) =>
    named('[4, 700]', layerProblem('layer', dtype, [4, 700], [1], ALL), distribution),
  ),
  named('[1, 40000]', layerProblem('layer', dtype, [1, 40_000], [1]), 'nearOne'),
]);
