import { understood } from '../../reference/operator.ts';
import type { SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import type { Case, Distribution } from '../define.ts';

/** Segments of all sizes, empty ones at both ends and in between; columns of segments; many short ones; all in one. */
const SEGMENTS: readonly (readonly [lengths: readonly number[], inner: number])[] = [
  [[5], 1],
  [[0, 1, 2, 0, 0, 127, 128, 129, 1, 0], 1],
  [[3, 5000, 7, 0, 40], 1],
  [[0, 4, 31, 0, 300], 5],
  [[60, 60], 64],
  [Array.from({ length: 400 }, (_, i) => (i * 7) % 11), 1],
];

function segmentCase(
  kind: SegmentReductionProblem['kind'],
  dtype: SegmentReductionProblem['dtype'],
  [lengths, inner]: (typeof SEGMENTS)[number],
  distribution?: Distribution,
): Case<SegmentReductionProblem> {
  const offsets = [0];
  for (const length of lengths) offsets.push(offsets.at(-1)! + length);
  const length = offsets.at(-1)!;
  const what = typeof kind === 'object' ? kind.combine : kind;
  const name = `${what} ${dtype} [${length}, ${inner}], ${lengths.length} segments`;
  return {
    name: distribution ? `${name}, ${distribution}` : name,
    problem: { kind, dtype, length, inner, segments: lengths.length },
    given: { 1: offsets },
    ...(distribution && { distribution }),
  };
}

const shapes = SEGMENTS.flatMap((segments) => [
  segmentCase('sum', 'f32', segments),
  segmentCase('max', 'i32', segments),
]);

/** Operators of callers. */
const LARGEST = understood('segmentReduce', { combine: 'max(a, b)', identity: '0', map: 'abs(x)' }, 'f32');
const BITS = understood('segmentReduce', { combine: 'a ^ b', identity: '0u' }, 'u32');

const kinds = (['f32', 'f16'] as const).flatMap((dtype) => [
  ...(['sum', 'mean', 'max', 'min'] as const).map((kind) => segmentCase(kind, dtype, SEGMENTS[1]!)),
  segmentCase('prod', dtype, SEGMENTS[1]!, 'nearOne'),
  segmentCase(LARGEST, dtype, SEGMENTS[1]!),
]);

/** Exact, so that every config gives the same bits. */
const reproducible = (['f32', 'f16'] as const)
  .flatMap((dtype) => [
    ...SEGMENTS.map((segments) => segmentCase('sum', dtype, segments)),
    segmentCase('mean', dtype, SEGMENTS[1]!, 'outliers'),
    segmentCase('sum', dtype, SEGMENTS[3]!, 'infinities'),
  ])
  .map(({ name, problem, ...rest }) => ({
    ...rest,
    name: `reproducible ${name}`,
    problem: { ...problem, reproducible: true },
  }));

const values = (['nan', 'infinities'] as const).flatMap((distribution) =>
  (['sum', 'min'] as const).map((kind) => segmentCase(kind, 'f32', SEGMENTS[3]!, distribution)),
);

/** Of nothing, the extremes of an integer are its type's. */
const integers = [
  ...(['sum', 'prod', 'max', 'min'] as const).map((kind) => segmentCase(kind, 'u32', [[0, 3, 0], 1])),
  segmentCase(BITS, 'u32', SEGMENTS[1]!),
];

export const segmentReductionCases: readonly Case<SegmentReductionProblem>[] = [
  ...shapes,
  ...kinds,
  ...values,
  ...integers,
  ...reproducible,
];
