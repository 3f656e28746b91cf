import type { ScanOperator, ScanProblem } from '../../reference/scan.ts';
import type { ArithmeticType } from '../../reference/arithmetic.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/compose.ts';
import { elementAliases, finish, order, reduce } from '../lib.ts';

const isExtreme = (operator: ScanOperator): operator is 'max' | 'min' =>
  operator === 'max' || operator === 'min';

/** All parts that `operatorShader` may use, for kernels' `parts`. */
export const everyOperatorPart: readonly ShaderPart[] = [
  reduce.sum,
  reduce.product,
  reduce.extreme,
  finish.same,
  finish.extreme,
  ...Object.values(order),
];

/** f16 is combined in f32. */
const accumulator = (dtype: ArithmeticType): 'f32' | 'i32' | 'u32' => (dtype === 'f16' ? 'f32' : dtype);

/** What a shader needs to combine elements: `lift`, `combine` and `identity`, and `finish`, which gives a number of type Acc. */
export function operatorShader({ operator, dtype }: ScanProblem): Required<ShaderSource> {
  const acc = accumulator(dtype);
  const extreme = isExtreme(operator);
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { ...elementAliases(dtype), Acc: acc, Out: acc },
    constants: extreme ? { SMALLEST: operator === 'min' } : {},
    parts: extreme
      ? [reduce.extreme, finish.extreme, order[acc]]
      : [operator === 'prod' ? reduce.product : reduce.sum, finish.same],
  };
}

/**
 * The operator on its own states, as a problem has it whose elements are states. Extremes are kept as unsigned integers
 * that sort alike, the larger always the better.
 */
export function stateOperator({ operator, dtype }: ScanProblem): Pick<ScanProblem, 'operator' | 'dtype'> {
  return isExtreme(operator) ? { operator: 'max', dtype: 'u32' } : { operator, dtype: accumulator(dtype) };
}

/** Bytes of a state. */
export const STATE_BYTES = 4;
