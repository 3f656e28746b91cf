import type { MatmulProblem } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { operandA, operandB, result, type OperandWidth } from '../lib.ts';

/** Elements from one line of an operand, as it lies in memory, to the next. */
export function lineLengths({ m, n, k, transposeA, transposeB }: MatmulProblem): {
  readonly a: number;
  readonly b: number;
  readonly c: number;
} {
  return { a: transposeA ? m : k, b: transposeB ? k : n, c: n };
}

/**
 * How a kernel reaches its tensors: eight halves or four elements at a time where every line starts at a multiple of
 * that, else one by one. An empty operand has too little memory for a vector.
 *
 * @param eights which operands the kernel reads eight elements at a time
 */
export function operandParts(
  problem: MatmulProblem,
  eights: { readonly a?: boolean; readonly b?: boolean } = {},
): readonly ShaderPart[] {
  const { dtype, k } = problem;
  const lines = lineLengths(problem);
  const width = (length: number, eight = false): OperandWidth => {
    if (k === 0 || length % 4 !== 0) return 'scalar';
    return eight && dtype === 'f16' && length % 8 === 0 ? 'halves' : 'vec4';
  };
  return [
    operandA[width(lines.a, eights.a)],
    operandB[width(lines.b, eights.b)],
    result[lines.c % 4 === 0 ? 'vec4' : 'scalar'],
  ];
}

/** All that `operandParts` may return, for kernels' `parts`. */
export const everyOperandPart: readonly ShaderPart[] = [operandA, operandB, result].flatMap((parts) =>
  Object.values(parts),
);
