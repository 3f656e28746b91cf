import {
  REDUCTION_KINDS,
  reductionProblem,
  type ReductionKind,
  type ReductionProblem,
} from '../../reference/reduction.ts';
import type { DType, Shape } from '../../tensor.ts';
import type { Case, Distribution } from '../define.ts';

const INTEGER_KINDS: readonly ReductionKind[] = [
  'sum',
  'prod',
  'max',
  'min',
  'any',
  'all',
  'argmax',
  'argmin',
  'sumSquare',
  'l1Norm',
];

/** Kinds that normally distributed numbers would take out of range. */
const DISTRIBUTIONS: Readonly<Partial<Record<ReductionKind, Distribution>>> = {
  prod: 'nearOne',
  logSum: 'nearOne',
};

function reductionCase(
  kind: ReductionKind,
  dtype: DType,
  shape: Shape,
  axes: readonly number[],
  distribution?: Distribution,
): Case<ReductionProblem> {
  const correction = kind === 'variance' ? 1 : 0;
  const problem = reductionProblem(kind, dtype, shape, new Set(axes), correction)!;
  const name = `${kind} ${dtype} [${shape.join(', ')}] along [${axes.join(', ')}]`;
  return distribution ? { name: `${name}, ${distribution}`, problem, distribution } : { name, problem };
}

/** Rows around the sizes of vectors, subgroups and workgroups; primes; one element; one axis among many of size 1. */
const ROWS: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
  [[1], [0]],
  [[3, 1], [1]],
  [[5, 3], [1]],
  [[67, 7], [1]],
  [[9, 8], [1]],
  [[2, 33], [1]],
  [[4, 255], [1]],
  [[3, 256], [1]],
  [[5, 257], [1]],
  [[2, 4099], [1]],
  [[20_011], [0]],
  [
    [1, 131_072, 1],
    [0, 1, 2],
  ],
  [[300, 64], [1]],
];

/** Columns: widths around vectors and workgroups, long and short, of every run of rows; nothing reduced at all. */
const COLUMNS: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
  [[7], []],
  [[2, 3], [0]],
  [[33, 4], [0]],
  [[17, 67], [0]],
  [[257, 8], [0]],
  [[64, 260], [0]],
  [[255, 8], [0]],
  [[20_011, 3], [0]],
  [[4, 1021], [0]],
];

/** Axes that are not neighbours; the inner and the outer at once; four of each. */
const GRIDS: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
  [
    [6, 5, 7],
    [0, 2],
  ],
  [[6, 5, 7], [1]],
  [
    [3, 37, 40],
    [0, 2],
  ],
  [
    [5, 9, 6, 8],
    [1, 3],
  ],
  [
    [50, 3, 201],
    [0, 2],
  ],
  [
    [40, 3, 50, 4],
    [0, 2],
  ],
  [
    [5, 9, 6, 8],
    [0, 2],
  ],
  [
    [2, 3, 2, 3, 2, 3, 2, 3],
    [1, 3, 5, 7],
  ],
  [
    [2, 3, 2, 3, 2, 3, 2, 3],
    [0, 2, 4, 6],
  ],
];

const shapes = (['f32', 'f16'] as const).flatMap((dtype) =>
  [...ROWS, ...COLUMNS, ...GRIDS].flatMap(([shape, axes]) =>
    (['sum', 'argmax', 'moments'] as const).map((kind) => reductionCase(kind, dtype, shape, axes)),
  ),
);

const kinds = (['f32', 'f16'] as const).flatMap((dtype) =>
  REDUCTION_KINDS.flatMap((kind) => [
    reductionCase(kind, dtype, [5, 300], [1], DISTRIBUTIONS[kind]),
    reductionCase(kind, dtype, [300, 20], [0], DISTRIBUTIONS[kind]),
  ]),
);

const integers = (['i32', 'u32'] as const).flatMap((dtype) =>
  INTEGER_KINDS.flatMap((kind) => [
    reductionCase(kind, dtype, [5, 301], [1], 'ties'),
    reductionCase(kind, dtype, [301, 20], [0], 'ties'),
  ]),
);

/** What sums must survive, and what maxima must neither drop nor reorder. */
const values = (['f32', 'f16'] as const).flatMap((dtype) => [
  reductionCase('sum', dtype, [3, 5000], [1], 'outliers'),
  reductionCase('sum', dtype, [3, 500], [1], 'infinities'),
  reductionCase('sum', dtype, [500, 8], [0], 'nan'),
  reductionCase('prod', dtype, [6, 40], [1], 'infinities'),
  reductionCase('prod', dtype, [40, 8], [0], 'nan'),
  reductionCase('variance', dtype, [3, 5000], [1], 'outliers'),
  reductionCase('std', dtype, [3, 5000], [1], 'nearOne'),
  ...(['moments', 'logSumExp', 'l2Norm', 'any', 'all'] as const).flatMap((kind) =>
    (['infinities', 'nan'] as const).flatMap((distribution) => [
      reductionCase(kind, dtype, [3, 501], [1], distribution),
      reductionCase(kind, dtype, [40, 8], [0], distribution),
    ]),
  ),
  ...(['max', 'min', 'argmax', 'argmin'] as const).flatMap((kind) =>
    (['ties', 'infinities', 'nan'] as const).flatMap((distribution) => [
      reductionCase(kind, dtype, [6, 700], [1], distribution),
      reductionCase(kind, dtype, [700, 12], [0], distribution),
    ]),
  ),
]);

/** Exact, so that every kernel gives the same bits: sums that cancel, overflow and are smaller than any normal number. */
const reproducible = (['f32', 'f16'] as const).flatMap((dtype) =>
  (['sum', 'mean'] as const).flatMap((kind) =>
    [
      reductionCase(kind, dtype, [5, 301], [1]),
      reductionCase(kind, dtype, [301, 20], [0]),
      reductionCase(kind, dtype, [2, 20_011], [1], 'outliers'),
      reductionCase(kind, dtype, [12, 40], [1], 'infinities'),
      reductionCase(kind, dtype, [9, 40], [0], 'nan'),
      reductionCase(kind, dtype, [4, 0], [1]),
    ].map(({ name, problem, ...rest }) => ({
      ...rest,
      name: `reproducible ${name}`,
      problem: { ...problem, reproducible: true },
    })),
  ),
);

/** The identity of what is combined; NaN for means and variances. */
const empty = REDUCTION_KINDS.filter((kind) => !['max', 'min', 'argmax', 'argmin'].includes(kind)).map(
  (kind) => reductionCase(kind, 'f32', [4, 0], [1]),
);

export const reductionCases: readonly Case<ReductionProblem>[] = [
  ...shapes,
  ...kinds,
  ...integers,
  ...values,
  ...empty,
  ...reproducible,
];
