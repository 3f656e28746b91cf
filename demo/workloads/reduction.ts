import { argmax, max, mean, softmax, sum, type KernelChoice, type Tensor } from 'tilewise';
import { formatCount } from '../format.ts';
import { F32_UNIT } from './rounding.ts';
import { everything } from './sampling.ts';
import type { Family, ReductionWorkload } from './workload.ts';

type Reduce = (x: Tensor<'f32'>, axis: number | undefined, choice?: KernelChoice) => Tensor;

const reduce: Readonly<Record<ReductionWorkload['op'], Reduce>> = {
  sum: (x, axis, choice) => sum(x, { ...choice, axes: axis }),
  mean: (x, axis, choice) => mean(x, { ...choice, axes: axis }),
  max: (x, axis, choice) => max(x, { ...choice, axes: axis }),
  argmax: (x, axis, choice) => argmax(x, { ...choice, axes: axis }),
  softmax: (x, axis, choice) => softmax(x, { ...choice, axis }),
};

export const reductionFamily: Family<ReductionWorkload> = {
  // Of whole numbers this small every partial sum is exact in f32, in whatever order: only the right result will do.
  operands: ({ op, shape }) => [{ shape, values: op === 'softmax' ? 'real' : 'whole' }],
  run: ({ op, axis }, [x], choice) => reduce[op](x as Tensor<'f32'>, axis, choice),
  shapeText: ({ shape }) => shape.map(formatCount).join(' × '),
  rate: () => 'bytes',
  samples: (workload, operands) => [{ workload, operands, indexInWhole: everything }],
  async slack({ op, shape, axis = shape.length - 1 }, _operands, expected) {
    if (op === 'softmax') return softmaxSlack(shape[axis]!, expected);
    // Dividing an exact sum costs 2.5 units in the last place (WGSL, section 15.7.4.1).
    const relative = op === 'mean' ? 5 * F32_UNIT : 0;
    return Float64Array.from(expected, (value) => relative * Math.abs(value));
  },
};

/** Largest distance of two drawn numbers. */
const RANGE = 6;

/**
 * To first order in u = 2^-24: the exponent is off by u of itself and exp by 3 + 2|x| units in the last place (WGSL, section
 * 15.7.4.1). Kernels scale weights to a common maximum in steps, each with an exp and a product; no element goes through more
 * than 2 sqrt(length) + 96 of them. Numerator and denominator both; the quotient adds 2.5 units in the last place.
 */
function softmaxSlack(length: number, expected: ArrayLike<number>): Float64Array {
  const steps = 7 * (2 * Math.sqrt(length) + 96) + 12;
  const relative = (2 * (steps + 10 * RANGE) + 5) * F32_UNIT;
  return Float64Array.from(expected, (value) => relative * value);
}
