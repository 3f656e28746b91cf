import type { Tensor } from '../tensor.ts';
import { execute } from './execute.ts';
import { groupOffsets } from './groupOffsets.ts';
import { matmulRequest } from './matmulRequest.ts';
import type {
  GroupedMatmulOptions,
  MatmulDType,
  MatmulOptions,
  MatmulResult,
  MatmulWeights,
} from './matmulOptions.ts';

/**
 * Matrix product `activation(alpha scaleA scaleB a b + bias + beta c) + residual` of a [..., m, k] and b [..., k, n], giving
 * [..., m, n]; leading axes are batches and broadcast as in NumPy. Operands of f32, f16 or bf16, summed in f32; or both of i8,
 * summed in i32, modulo 2^32: the result is those sums, or with a `dtype` of floats what the other options make of them.
 * b may be quantised weights [..., n, k], decoded as they are read: to f32, or beside a of f16 to f16 where tensor cores multiply.
 *
 * @throws ShapeError when sizes differ, axes do not broadcast, or an operand has less than two axes.
 * @throws DTypeError for types that do not go together.
 * @throws ArgumentError when `out` overlaps an operand, and for options that do not go together.
 */
export function matmul<A extends MatmulDType, B extends MatmulWeights, const O extends MatmulOptions>(
  a: Tensor<A>,
  b: B,
  options?: O,
): Tensor<MatmulResult<A, B, O>> {
  const temporaries: Tensor[] = [];
  try {
    return execute(matmulRequest(a, b, options, temporaries))[0] as Tensor<MatmulResult<A, B, O>>;
  } finally {
    for (const tensor of temporaries) tensor.dispose();
  }
}

/**
 * Products of groups of rows with a matrix each, as in a mixture of experts: rows offsets[g] to offsets[g + 1] - 1 of
 * a [m, k] by b[g] of b [groups, k, n], giving [m, n]; with the terms of `matmul`.
 *
 * Offsets given as numbers are checked. Those of a tensor stay on the GPU: it must ascend from 0 to m, and rows that belong to
 * no group by it keep what `out` held, or are undefined in a new tensor; nothing outside of the tensors is ever touched.
 *
 * @param offsets groups + 1 numbers, from 0 to m
 * @throws ShapeError, DTypeError or ArgumentError as `matmul`, and for offsets that run backwards or end elsewhere
 */
export function groupedMatmul<
  A extends MatmulDType,
  B extends MatmulWeights,
  const O extends GroupedMatmulOptions,
>(
  a: Tensor<A>,
  b: B,
  offsets: Tensor<'u32'> | readonly number[],
  options?: O,
): Tensor<MatmulResult<A, B, O>> {
  const temporaries: Tensor[] = [];
  try {
    const groups = groupOffsets(a, b, offsets, temporaries);
    return execute(matmulRequest(a, b, options, temporaries, groups))[0] as Tensor<MatmulResult<A, B, O>>;
  } finally {
    for (const tensor of temporaries) tensor.dispose();
  }
}
