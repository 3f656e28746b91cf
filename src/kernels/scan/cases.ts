import { understood } from '../../reference/operator.ts';
import type { UnderstoodOperator } from '../../reference/reduction.ts';
import type { ScanOperator, ScanProblem } from '../../reference/scan.ts';
import type { ArithmeticType } from '../../reference/arithmetic.ts';
import type { Case, Distribution } from '../define.ts';

type Shape = readonly [outer: number, length: number, inner: number];

interface Options {
  readonly exclusive?: boolean;
  readonly reverse?: boolean;
  readonly distribution?: Distribution;
}

function scanCase(
  operator: ScanOperator | UnderstoodOperator,
  dtype: ArithmeticType,
  [outer, length, inner]: Shape,
  { exclusive = false, reverse = false, distribution }: Options = {},
): Case<ScanProblem> {
  const how = `${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`;
  const what = typeof operator === 'object' ? operator.combine : operator;
  const name = `${what} ${dtype} [${outer}, ${length}, ${inner}]${how}`;
  const problem = { operator, dtype, outer, length, inner, exclusive, reverse };
  return distribution ? { name: `${name}, ${distribution}`, problem, distribution } : { name, problem };
}

/** Every combination of the two options. */
const WAYS: readonly Options[] = [
  {},
  { exclusive: true },
  { reverse: true },
  { exclusive: true, reverse: true },
];

/** Rows around the sizes of quads, tiles and parts; primes; one element. */
const ROWS: readonly Shape[] = [
  [1, 1, 1],
  [5, 3, 1],
  [67, 8, 1],
  [9, 127, 1],
  [3, 128, 1],
  [4, 129, 1],
  [300, 64, 1],
  [2, 4099, 1],
  [1, 20_011, 1],
  [1, 131_072, 1],
];

/** Columns, few and many, short and long. */
const COLUMNS: readonly Shape[] = [
  [1, 1, 7],
  [2, 5, 3],
  [3, 17, 64],
  [2, 257, 33],
  [1, 20_011, 3],
  [4, 64, 260],
];

const shapes = [...ROWS, ...COLUMNS].flatMap((shape, index) => [
  scanCase('sum', 'f32', shape, WAYS[index % 4]),
  scanCase('sum', 'f16', shape, WAYS[(index + 1) % 4]),
  scanCase('max', 'f32', shape, WAYS[(index + 2) % 4]),
]);

const ways = (['sum', 'prod', 'max', 'min'] as const).flatMap((operator) =>
  (['f32', 'f16', 'i32', 'u32'] as const).flatMap((dtype) =>
    WAYS.flatMap((way) => [
      scanCase(operator, dtype, [3, 300, 1], way),
      scanCase(operator, dtype, [2, 150, 20], way),
    ]),
  ),
);

/** What sums must survive, and what extremes must neither drop nor reorder. */
const values = (['f32', 'f16'] as const).flatMap((dtype) => [
  scanCase('sum', dtype, [3, 5000, 1], { distribution: 'outliers' }),
  ...(['sum', 'max', 'min'] as const).flatMap((operator) =>
    (['infinities', 'nan', 'ties'] as const).flatMap((distribution, index) => [
      scanCase(operator, dtype, [3, 700, 1], { ...WAYS[index], distribution }),
      scanCase(operator, dtype, [2, 700, 6], { ...WAYS[index + 1], distribution }),
    ]),
  ),
]);

/** Segments of all sizes, empty ones at both ends and in between; columns of segments; all in one. */
const SEGMENTS: readonly (readonly [lengths: readonly number[], inner: number])[] = [
  [[5], 1],
  [[0, 1, 2, 0, 0, 127, 128, 129, 1, 0], 1],
  [[3, 5000, 7, 0, 40], 1],
  [[0, 4, 31, 0, 300], 5],
  [Array.from({ length: 400 }, (_, i) => (i * 7) % 11), 1],
];

function segmentCases(
  operator: ScanOperator | UnderstoodOperator,
  dtype: ArithmeticType,
): readonly Case<ScanProblem>[] {
  return SEGMENTS.map(([lengths, inner], index) => {
    const offsets = [0];
    for (const length of lengths) offsets.push(offsets.at(-1)! + length);
    const { name, problem } = scanCase(operator, dtype, [1, offsets.at(-1)!, inner], WAYS[index % 4]);
    return {
      name: `${name}, ${lengths.length} segments`,
      problem: { ...problem, segments: lengths.length },
      given: { 1: offsets },
    };
  });
}

const segments = (['sum', 'max'] as const).flatMap((operator) => segmentCases(operator, 'f32'));

/** Operators of callers that round nothing. */
const LAST_NONZERO = understood('scan', { combine: 'select(b, a, b == 0)', identity: '0' }, 'f32');
const BITS = understood('scan', { combine: 'a ^ b', identity: '0u', map: 'x << 1u' }, 'u32');

const WHOLE_AND_CUT: readonly Shape[] = [
  [5, 301, 1],
  [2, 150, 20],
  [1, 20_011, 1],
  [1, 20_011, 3],
];

const callers = [
  ...segmentCases(LAST_NONZERO, 'f32'),
  ...WHOLE_AND_CUT.flatMap((shape, index) => [
    scanCase(LAST_NONZERO, index % 2 === 0 ? 'f32' : 'f16', shape, WAYS[index]),
    scanCase(BITS, 'u32', shape, WAYS[(index + 3) % 4]),
  ]),
];

/** Exact, so that every kernel gives the same bits: sums that cancel, overflow and are smaller than any normal number. */
const reproducible = (['f32', 'f16'] as const)
  .flatMap((dtype) => [
    ...WHOLE_AND_CUT.map((shape, index) => scanCase('sum', dtype, shape, WAYS[index])),
    scanCase('sum', dtype, [2, 20_011, 1], { distribution: 'outliers' }),
    scanCase('sum', dtype, [12, 40, 1], { distribution: 'infinities', exclusive: true }),
    scanCase('sum', dtype, [3, 40, 5], { distribution: 'nan', reverse: true }),
    ...segmentCases('sum', dtype),
  ])
  .map(({ name, problem, ...rest }) => ({
    ...rest,
    name: `reproducible ${name}`,
    problem: { ...problem, reproducible: true },
  }));

const empty = [scanCase('sum', 'f32', [4, 0, 1])];

export const scanCases: readonly Case<ScanProblem>[] = [
  ...shapes,
  ...ways,
  ...values,
  ...segments,
  ...callers,
  ...reproducible,
  ...empty,
];
