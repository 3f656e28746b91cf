import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { sortOperation } from '../../src/kernels/checked.ts';
import type { SortProblem } from '../../src/reference/sort.ts';
import { DEVICES, expectRunnable } from './support/runnable.ts';

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 }));
const dtype = fc.constantFrom('f32', 'f16', 'i32', 'u32');
const problems: fc.Arbitrary<SortProblem> = fc
  .record({
    dtype,
    outer: size,
    length: fc.oneof(size, fc.integer({ min: 1, max: 2 ** 26 })),
    inner: fc.oneof(fc.constant(1), size),
    descending: fc.boolean(),
    results: fc.constantFrom('both', 'values', 'indices'),
    payload: fc.option(dtype, { nil: undefined }),
  })
  .chain((problem) =>
    fc.integer({ min: 0, max: problem.length }).map((count) => Object.assign(problem, { count })),
  );

describe.each(Object.entries(DEVICES))('sorts on a device with %s', (_, caps) => {
  it('have a legal heuristic for every problem', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        // Eight slabs: more are planned alike, pair by pair.
        fc.pre(problem.outer * problem.length * problem.inner <= 2 ** 27);
        fc.pre(problem.count > 0);
        expectRunnable(sortOperation, problem, caps);
      }),
      { numRuns: 300 },
    );
  });
});
