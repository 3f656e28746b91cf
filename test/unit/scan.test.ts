import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanOperation } from '../../src/kernels/checked.ts';
import { type ScanProblem } from '../../src/reference/scan.ts';
import { scanReference } from '../../src/reference/scanReference.ts';
import { DEVICES, expectRunnable } from './support/runnable.ts';

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 }));
const problems: fc.Arbitrary<ScanProblem> = fc.record({
  operator: fc.constantFrom('sum', 'prod', 'max', 'min'),
  dtype: fc.constantFrom('f32', 'f16', 'i32', 'u32'),
  outer: size,
  length: fc.oneof(size, fc.integer({ min: 1, max: 2 ** 28 })),
  inner: fc.oneof(fc.constant(1), size),
  exclusive: fc.boolean(),
  reverse: fc.boolean(),
});

describe.each(Object.entries(DEVICES))('scans on a device with %s', (_, caps) => {
  it('have a legal heuristic for every problem', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        // A tensor of more elements fits no binding.
        fc.pre(problem.outer * problem.length * problem.inner <= 2 ** 29);
        expectRunnable(scanOperation, problem, caps);
      }),
      { numRuns: 500 },
    );
  });
});

describe('scanReference', () => {
  const whole = { outer: 1, inner: 1, exclusive: false, reverse: false };

  it('goes along the axis, and back', () => {
    const problem: ScanProblem = { ...whole, operator: 'sum', dtype: 'f32', length: 3, inner: 2 };
    const x = Float64Array.of(1, 10, 2, 20, 3, 30);
    expect([...scanReference(problem, x)]).toEqual([1, 10, 3, 30, 6, 60]);
    expect([...scanReference({ ...problem, exclusive: true }, x)]).toEqual([0, 0, 1, 10, 3, 30]);
    expect([...scanReference({ ...problem, reverse: true }, x)]).toEqual([6, 60, 5, 50, 3, 30]);
    expect([...scanReference({ ...problem, exclusive: true, reverse: true }, x)]).toEqual([
      5, 50, 3, 30, 0, 0,
    ]);
  });

  it('wraps integers around', () => {
    const product: ScanProblem = { ...whole, operator: 'prod', dtype: 'u32', length: 3 };
    expect([...scanReference(product, Float64Array.of(65_537, 65_537, 3))]).toEqual([
      65_537, 131_073, 393_219,
    ]);
    const sum: ScanProblem = { ...whole, operator: 'sum', dtype: 'i32', length: 2 };
    expect([...scanReference(sum, Float64Array.of(2 ** 31 - 1, 1))]).toEqual([2 ** 31 - 1, -(2 ** 31)]);
  });
});
