import { ShapeError } from '../errors.ts';
import { compactOperation } from '../kernels/compact/index.ts';
import { formatShape, sameShape, type DType, type Tensor } from '../tensor.ts';
import { arithmeticType } from './dtypes.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

/** What is kept, and how much of it there is: known on the device only, so the tensor is as long as if all were. */
export interface Compacted<D extends DType> {
  /** [x.size]; zeros after the first `count`. */
  readonly values: Tensor<D>;
  /** A scalar. */
  readonly count: Tensor<'u32'>;
}

/** Where elements that are not zero are, and how many there are. */
export interface Nonzero {
  /** [x.size]; zeros after the first `count`. */
  readonly indices: Tensor<'u32'>;
  /** A scalar. */
  readonly count: Tensor<'u32'>;
}

/**
 * The elements of x whose mask is not zero, in row-major order, as one axis. NaN is not zero.
 *
 * @example const { values, count } = compact(x, mask); const kept = (await values.read()).subarray(0, (await count.read())[0]);
 * @throws ShapeError unless the mask has the shape of x.
 */
export function compact<D extends DType>(
  x: Tensor<D>,
  mask: Tensor,
  options: KernelChoice = {},
): Compacted<D> {
  checkOptions('compact', options, [], { x, mask });
  if (!sameShape(x.shape, mask.shape)) {
    throw new ShapeError(
      `compact needs a mask for each element: x is ${formatShape(x.shape)}, the mask is ${formatShape(mask.shape)}`,
      { x: x.shape, mask: mask.shape },
    );
  }
  const [values, count] = execute({
    operation: compactOperation,
    problem: {
      dtype: arithmeticType('compact', x),
      mask: arithmeticType('compact', mask),
      length: x.size,
    },
    inputs: [x, mask],
    shapes: [[x.size], []],
    choice: options,
  });
  return { values: values as Tensor<D>, count: count as Tensor<'u32'> };
}

/**
 * Where the elements of x are that are not zero, ascending, counted through x in row-major order. NaN is not zero.
 *
 * @throws DTypeError for a type that shaders cannot compute with.
 */
export function nonzero(x: Tensor, options: KernelChoice = {}): Nonzero {
  checkOptions('nonzero', options, [], { x });
  const [indices, count] = execute({
    operation: compactOperation,
    problem: { mask: arithmeticType('nonzero', x), length: x.size },
    inputs: [x],
    shapes: [[x.size], []],
    choice: options,
  });
  return { indices: indices as Tensor<'u32'>, count: count as Tensor<'u32'> };
}
