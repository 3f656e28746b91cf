import { describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { groupProblem, layerProblem } from '../../src/kernels/norm/cases.ts';
import { normBackwardOperation, normOperation } from '../../src/kernels/checked.ts';
import type { NormProblem } from '../../src/reference/norm.ts';
import {
  softmaxBackwardReference,
  softmaxReference,
  type SoftmaxProblem,
} from '../../src/reference/softmax.ts';

/** Half the distance of two points in central differences: their error is of its square, that of rounding of its inverse. */
const STEP = 1e-5;
const DIGITS = 7;

/** Gradients of sum(y * dy) for one of the inputs, by central differences. */
function numericalGradient(
  inputs: readonly Float64Array[],
  which: number,
  dy: Float64Array,
  forward: (inputs: readonly Float64Array[]) => Float64Array,
): number[] {
  return Array.from(inputs[which]!, (_, i) => {
    const [above, below] = [STEP, -STEP].map((step) => {
      const moved = inputs.map((input) => Float64Array.from(input));
      moved[which]![i]! += step;
      return forward(moved).reduce((sum, value, at) => sum + value * dy[at]!, 0);
    });
    return (above! - below!) / (2 * STEP);
  });
}

function expectClose(got: Float64Array, expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, DIGITS);
}

const draw = (count: number, seed: number): Float64Array =>
  randomElements({ shape: [count], dtype: 'f32' }, seed);

describe('the gradients of the reference are those of its results', () => {
  const norms: readonly (readonly [string, NormProblem])[] = [
    ['layerNorm', layerProblem('layer', 'f32', [3, 7], [1], { scale: true, bias: true })],
    ['rmsNorm', layerProblem('rms', 'f32', [3, 7], [1], { scale: true })],
    ['layerNorm of axes apart', layerProblem('layer', 'f32', [2, 3, 4], [0, 2], { scale: true, bias: true })],
    ['layerNorm without scale', layerProblem('layer', 'f32', [3, 7], [1], { bias: true })],
    ['groupNorm', groupProblem('f32', [2, 3, 2, 4], { scale: true, bias: true })],
  ];

  it.each(norms)('%s', (_, problem) => {
    const inputs = normOperation.inputs(problem).map(({ shape }, index) => draw(shape[0]!, 1 + index));
    const dy = draw(inputs[0]!.length, 9);
    const forward = (values: readonly Float64Array[]): Float64Array =>
      normOperation.reference(problem, values)[0]!;
    const operands = problem.scale ? [inputs[0]!, dy, inputs[1]!] : [inputs[0]!, dy];
    const [dx, dScale, dBias] = normBackwardOperation.reference(problem, operands);
    expectClose(dx!, numericalGradient(inputs, 0, dy, forward));
    if (problem.scale) expectClose(dScale!, numericalGradient(inputs, 1, dy, forward));
    if (problem.bias) expectClose(dBias!, numericalGradient(inputs, inputs.length - 1, dy, forward));
  });

  it.each([false, true])('softmax, logarithm: %s', (log) => {
    const problem: SoftmaxProblem = { log, dtype: 'f32', outer: 2, length: 5, inner: 3 };
    const x = draw(30, 1);
    const dy = draw(30, 2);
    const forward = ([values]: readonly Float64Array[]): Float64Array => softmaxReference(problem, values!);
    const dx = softmaxBackwardReference(problem, forward([x]), dy);
    expectClose(dx, numericalGradient([x], 0, dy, forward));
  });
});
