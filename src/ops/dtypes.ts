import { DTypeError } from '../errors.ts';
import { isArithmetic, type ArithmeticType } from '../reference/arithmetic.ts';
import type { Tensor } from '../tensor.ts';

/** @throws DTypeError for a tensor whose type shaders cannot compute with as it is. */
export function arithmeticType(op: string, { dtype }: Tensor): ArithmeticType {
  if (isArithmetic(dtype)) return dtype;
  throw new DTypeError(`${op} takes f32, f16, i32 or u32, got ${dtype}; cast() converts it`, {
    got: dtype,
    expected: ['f32', 'f16', 'i32', 'u32'],
  });
}
