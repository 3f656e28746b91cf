import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerProblem } from '../../src/kernels/norm/cases.ts';
import { normOperation, reductionOperation, softmaxOperation } from '../../src/kernels/checked.ts';
import { gridSize } from '../../src/reference/grids.ts';
import { reductionProblem } from '../../src/reference/reduction.ts';
import { DEVICES, expectRunnable } from './support/runnable.ts';

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 }));

describe('reductionProblem', () => {
  it('merges neighbouring axes and drops those of size 1', () => {
    expect(reductionProblem('sum', 'f32', [2, 1, 3, 4, 5], new Set([1, 3, 4]))).toMatchObject({
      keptDims: [1, 1, 1, 6],
      keptStrides: [0, 0, 0, 20],
      reducedDims: [1, 1, 1, 20],
      reducedStrides: [0, 0, 0, 1],
    });
  });

  it('declines axes that alternate more often than two grids of four can say', () => {
    const shape = Array.from({ length: 9 }, () => 2);
    expect(reductionProblem('sum', 'f32', shape, new Set([0, 2, 4, 6, 8]))).toBeUndefined();
    expect(reductionProblem('sum', 'f32', shape.slice(1), new Set([0, 2, 4, 6]))).toBeDefined();
  });

  it('counts every element once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 7 }), fc.nat(127), (shape, mask) => {
        const axes = new Set([...shape.keys()].filter((axis) => (mask >> axis) & 1));
        const problem = reductionProblem('sum', 'f32', shape, axes)!;
        const elements = shape.reduce((count, axisSize) => count * axisSize, 1);
        expect(gridSize(problem.keptDims) * gridSize(problem.reducedDims)).toBe(elements);
      }),
    );
  });
});

describe.each(Object.entries(DEVICES))('kernels on a device with %s', (_, caps) => {
  it('have a legal heuristic for every reduction', () => {
    const dtype = fc.constantFrom('f32', 'f16', 'i32', 'u32');
    const kind = fc.constantFrom('sum', 'max', 'argmax');
    fc.assert(
      fc.property(kind, dtype, fc.array(size, { maxLength: 4 }), fc.nat(15), (kind, dtype, shape, mask) => {
        const axes = new Set([...shape.keys()].filter((axis) => (mask >> axis) & 1));
        const problem = reductionProblem(kind, dtype, shape, axes)!;
        // A tensor of more elements fits no binding.
        fc.pre(gridSize(problem.keptDims) * gridSize(problem.reducedDims) <= 2 ** 29);
        expectRunnable(reductionOperation, problem, caps);
      }),
      // Where only few numbers of parts keep the additions one after the other within bounds.
      {
        numRuns: 500,
        examples: [
          ['sum', 'f32', [465, 2, 1120, 64], 7],
          ['sum', 'f32', [4327, 8, 69, 3], 11],
        ],
      },
    );
  });

  it('have a legal heuristic for every norm', () => {
    const length = fc.oneof(size, fc.integer({ min: 1, max: 2 ** 24 }));
    fc.assert(
      fc.property(fc.constantFrom('f32', 'f16'), size, length, fc.boolean(), (dtype, rows, length, all) => {
        const options = { scale: all, bias: all, residual: all, sum: all };
        expectRunnable(normOperation, layerProblem('layer', dtype, [rows, length], [1], options), caps);
        expectRunnable(normOperation, layerProblem('rms', dtype, [length, rows], [0], options), caps);
      }),
      { numRuns: 300 },
    );
  });

  it('have a legal heuristic for every softmax', () => {
    const length = fc.oneof(size, fc.integer({ min: 1, max: 2 ** 24 }));
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.constantFrom('f32', 'f16'),
        size,
        length,
        size,
        (log, dtype, outer, length, inner) => {
          expectRunnable(softmaxOperation, { log, dtype, outer, length, inner }, caps);
          expectRunnable(softmaxOperation, { log, dtype, outer, length, inner: 1 }, caps);
        },
      ),
      { numRuns: 300 },
    );
  });
});
