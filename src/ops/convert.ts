import { DTypeError } from '../errors.ts';
import { conversion } from '../reference/convert.ts';
import { checkDType, type DType, type Tensor } from '../tensor.ts';
import { convertRequest } from './convertRequest.ts';
import { execute } from './execute.ts';
import { checkTensor } from './options.ts';

/**
 * A tensor of the same elements in another type, rounded to nearest. Integers beyond the range of i8 become its end; between
 * i32 and u32 they keep their bits.
 *
 * @throws DTypeError for an unknown type, and from floats to integers, where how to round would be a guess
 */
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  checkTensor('cast', 'x', x);
  const to = checkDType(dtype);
  if (!conversion(x.dtype, to)) {
    throw new DTypeError(`cast() does not convert ${x.dtype} to ${to}: how to round would be a guess`, {
      from: x.dtype,
      to,
    });
  }
  return execute(convertRequest(x, to))[0] as Tensor<D>;
}

/** A copy of a view whose elements lie in row-major order without gaps. Operations that need one make it by themselves. */
export function contiguous<D extends DType>(x: Tensor<D>): Tensor<D> {
  checkTensor('contiguous', 'x', x);
  return execute(convertRequest(x, x.dtype))[0] as Tensor<D>;
}
