import type { SortProblem, SortResults } from '../../reference/sort.ts';
import type { ArithmeticType } from '../../reference/arithmetic.ts';
import type { Case, Distribution } from '../define.ts';

type Shape = readonly [outer: number, length: number, inner: number];

interface Options {
  readonly count?: number;
  readonly descending?: boolean;
  readonly results?: SortResults;
  readonly payload?: ArithmeticType;
  readonly distribution?: Distribution;
}

export function sortCase(
  dtype: ArithmeticType,
  [outer, length, inner]: Shape,
  { count = length, descending = false, results = 'both', payload, distribution }: Options = {},
): Case<SortProblem> {
  const what = [
    `${dtype} [${outer}, ${length}, ${inner}]`,
    ...(descending ? ['descending'] : []),
    ...(count < length ? [`the first ${count}`] : []),
    ...(results === 'both' ? [] : [results]),
    ...(payload === undefined ? [] : [`with ${payload}`]),
    ...(distribution === undefined ? [] : [distribution]),
  ];
  const problem = { dtype, outer, length, inner, count, descending, results, payload };
  return { name: what.join(', '), problem, ...(distribution && { distribution }) };
}

/** Rows and columns around powers of two and tiles; primes; one element. */
const SHAPES: readonly Shape[] = [
  [1, 1, 1],
  [3, 2, 1],
  [5, 3, 2],
  [67, 8, 1],
  [9, 31, 1],
  [2, 127, 3],
  [300, 64, 1],
  [3, 513, 1],
  [1, 2048, 1],
  [2, 2049, 1],
  [1, 4099, 2],
  [1, 9973, 1],
];

const shapes = SHAPES.flatMap((shape, index) => [
  sortCase('f32', shape, { descending: index % 2 === 1 }),
  sortCase('i32', shape, { descending: index % 2 === 0 }),
]);

const results = (['f32', 'f16', 'i32', 'u32'] as const).flatMap((dtype) =>
  (['both', 'values', 'indices'] as const).map((results, index) =>
    sortCase(dtype, [4, 300, 1], { results, descending: index === 1 }),
  ),
);

/** Many equal keys, so that stability shows; all that is no number; other tensors in the order of keys. */
const values = (['f32', 'f16', 'i32'] as const).flatMap((dtype) =>
  (['ties', 'infinities', 'nan'] as const).flatMap((distribution) => [
    sortCase(dtype, [3, 700, 1], { distribution }),
    sortCase(dtype, [1, 700, 3], { distribution, descending: true }),
  ]),
);

const payloads = (['f16', 'u32'] as const).flatMap((payload) => [
  sortCase('f32', [2, 600, 2], { payload, results: 'values', distribution: 'ties' }),
  sortCase('f16', [3, 100, 1], { payload, descending: true, distribution: 'ties' }),
]);

/** Only the first: none, one, few, nearly all. */
const counts = [0, 1, 7, 64, 699].flatMap((count) => [
  sortCase('f32', [3, 700, 1], { count, descending: true, distribution: 'ties' }),
  sortCase('f32', [1, 700, 5], { count, distribution: 'nan' }),
]);

/** The first of long rows, the last of them among many equals, or all alike. */
const firsts = (['f32', 'f16', 'i32', 'u32'] as const).flatMap((dtype) => [
  sortCase(dtype, [2, 5000, 1], { count: 50, descending: true }),
  sortCase(dtype, [1, 20_011, 1], { count: 300, distribution: 'ties' }),
]);

export const sortCases: readonly Case<SortProblem>[] = [
  ...shapes,
  ...results,
  ...values,
  ...payloads,
  ...counts,
  ...firsts,
];
