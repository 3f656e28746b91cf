import * as fc from 'fast-check';
import { compactOperation } from '../../../src/kernels/compact/index.ts';
import { histogramOperation } from '../../../src/kernels/histogram/index.ts';
import { reductionOperation } from '../../../src/kernels/reduction/index.ts';
import { scanOperation } from '../../../src/kernels/scan/index.ts';
import { segmentReductionOperation } from '../../../src/kernels/segmentReduce/index.ts';
import { REDUCTION_KINDS } from '../../../src/reference/reduction.ts';
import type { Call, Operand } from '../perform.ts';
import {
  arithmetic,
  axesOf,
  axisOf,
  call,
  choiceOf,
  defined,
  flag,
  maybe,
  offsetsOf,
  onceIn,
  operands,
  ref,
  shape,
  smallSize,
  within,
  withoutInfinities,
  type Dtype,
  type Family,
} from './values.ts';

/** A product that is too small for f32 is 0, and 0 times an infinity is no number: what is right depends on the order. */
const factors = (op: unknown, given: fc.Arbitrary<Operand[]>): fc.Arbitrary<Operand[]> =>
  op === 'prod' ? given.map(withoutInfinities) : given;

export const reductions: Family = fc
  .tuple(fc.constantFrom(...REDUCTION_KINDS), arithmetic, onceIn(4), choiceOf(reductionOperation))
  .map(([op, dtype, exact, choice]) =>
    shape.chain((sizes) =>
      fc
        .record({
          axes: axesOf(sizes),
          keepDims: maybe(flag),
          reproducible: fc.constant((op === 'sum' || op === 'mean') && exact ? true : undefined),
          correction: /variance|std|moments/.test(op)
            ? maybe(fc.integer({ min: 0, max: 2 }))
            : fc.constant(undefined),
        })
        .chain((options) =>
          call(op, factors(op, operands([sizes, dtype])), [ref(0), defined({ ...options, ...choice })]),
        ),
    ),
  );

/**
 * Operators of the caller's whose results are exact: nothing is known of how others round. What WGSL's max makes of NaN is open, so
 * that floats are compared first.
 */
const operator = fc.constantFrom<readonly [Dtype, object]>(
  ['i32', { combine: 'max(a, b)', identity: '-1000000' }],
  ['i32', { map: 'abs(x)', combine: 'a + b', identity: '0' }],
  ['u32', { combine: 'a ^ b', identity: '0' }],
  ['f32', { map: 'select(0.0, 1.0, x > 0.5)', combine: 'a + b', identity: '0' }],
  ['f16', { map: 'select(0.0, 1.0, abs(x) < 0.5)', combine: 'max(a, b)', identity: '0' }],
);

/** For scans, where the order counts: the last that was not 0. */
const ordered: readonly [Dtype, object] = ['i32', { combine: 'select(b, a, b == 0)', identity: '0' }];

export const customReductions: Family = fc
  .tuple(operator, choiceOf(reductionOperation))
  .map(([[dtype, combined], choice]) =>
    shape.chain((sizes) =>
      fc
        .record({ axes: axesOf(sizes), keepDims: maybe(flag) })
        .chain((options) =>
          call('reduce', operands([sizes, dtype]), [ref(0), combined, defined({ ...options, ...choice })]),
        ),
    ),
  );

/** An operator that there is with a type, or one of the caller's. */
const combination = (
  names: readonly string[],
  own: fc.Arbitrary<readonly [Dtype, object]>,
): fc.Arbitrary<readonly [Dtype, unknown]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(arithmetic, fc.constantFrom(undefined, ...names)) },
    { weight: 1, arbitrary: own },
  );

const inOrder = fc.oneof(operator, fc.constant(ordered));

/** What cannot be made of numbers that others round is left to the calls that are wrong. */
const reproducible = (dtype: Dtype, op: unknown, wanted: boolean): true | undefined =>
  wanted && op !== 'prod' && (typeof op !== 'object' || dtype === 'i32' || dtype === 'u32')
    ? true
    : undefined;

export const scans: Family = fc
  .tuple(
    fc.constantFrom('scan', 'cumsum'),
    combination(['sum', 'prod', 'max', 'min'], inOrder),
    onceIn(4),
    maybe(flag),
    maybe(flag),
    choiceOf(scanOperation),
  )
  .map(([op, [dtype, combined], exact, exclusive, reverse, choice]) => {
    const operation = op === 'scan' ? combined : undefined;
    const shared = {
      exclusive,
      reverse,
      op: operation,
      reproducible: reproducible(dtype, operation, exact),
      ...choice,
    };
    return shape.chain((sizes) =>
      maybe(axisOf(sizes)).chain((axis) =>
        call(op, factors(operation, operands([sizes, dtype])), [ref(0), defined({ axis, ...shared })]),
      ),
    );
  });

/** Sizes of segments: some empty, some longer than a tile. */
const counts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 9 }) },
    { weight: 2, arbitrary: fc.constantFrom(31, 32, 33, 64, 255, 257) },
    { weight: 1, arbitrary: fc.constantFrom(1025, 3001) },
  ),
  { minLength: 1, maxLength: 9 },
);

const inSegments = (
  op: string,
  dtype: Dtype,
  options: { readonly op: unknown } & Record<string, unknown>,
): fc.Arbitrary<Call> =>
  fc.tuple(counts, fc.array(smallSize, { maxLength: 2 })).chain(([parts, inner]) => {
    const offsets = offsetsOf(parts);
    const sizes = [offsets.at(-1)!, ...(offsets.at(-1)! > 1000 ? within(4, inner) : inner)];
    return call(op, factors(options.op, operands([sizes, dtype])), [ref(0), offsets, defined(options)]);
  });

export const segmentReductions: Family = fc
  .tuple(
    combination(['sum', 'mean', 'prod', 'max', 'min'], operator),
    onceIn(4),
    choiceOf(segmentReductionOperation),
  )
  .map(([[dtype, op], exact, choice]) =>
    inSegments('segmentReduce', dtype, { op, reproducible: reproducible(dtype, op, exact), ...choice }),
  );

export const segmentScans: Family = fc
  .tuple(
    combination(['sum', 'prod', 'max', 'min'], inOrder),
    onceIn(4),
    maybe(flag),
    maybe(flag),
    choiceOf(scanOperation),
  )
  .map(([[dtype, op], exact, exclusive, reverse, choice]) =>
    inSegments('segmentScan', dtype, {
      op,
      exclusive,
      reverse,
      reproducible: reproducible(dtype, op, exact),
      ...choice,
    }),
  );

export const histograms: Family = fc
  .tuple(arithmetic, choiceOf(histogramOperation))
  .map(([dtype, choice]) =>
    fc
      .tuple(shape, fc.integer({ min: 1, max: 300 }), fc.constantFrom([-2, 2], [0, 1], [-100, 7]))
      .chain(([sizes, bins, range]) =>
        call('histogram', operands([sizes, dtype]), [
          ref(0),
          { bins, ...((dtype === 'f32' || dtype === 'f16') && { range }), ...choice },
        ]),
      ),
  );

export const compactions: Family = fc
  .tuple(arithmetic, maybe(arithmetic), choiceOf(compactOperation))
  .map(([mask, dtype, choice]) =>
    shape.chain((sizes) =>
      dtype === undefined
        ? call('nonzero', operands([sizes, mask]), [ref(0), choice])
        : call('compact', operands([sizes, dtype], [sizes, mask]), [ref(0), ref(1), choice]),
    ),
  );
