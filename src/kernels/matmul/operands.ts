import type { MatmulProblem } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { operandA, operandB, result } from '../lib.ts';

/** Elements from one line of an operand, as it lies in memory, to the next. */
export function lineLengths({ m, n, k, transposeA, transposeB }: MatmulProblem): {
  readonly a: number;
  readonly b: number;
  readonly c: number;
} {
  return { a: transposeA ? m : k, b: transposeB ? k : n, c: n };
}

/**
 * How a kernel reaches its tensors: four elements at a time where every line starts at a multiple of four, else
 * one by one. An empty operand has too little memory for a vector.
 */
export function operandParts(problem: MatmulProblem): readonly ShaderPart[] {
  const lines = lineLengths(problem);
  const width = (length: number): 'vec4' | 'scalar' =>
    length % 4 === 0 && problem.k > 0 ? 'vec4' : 'scalar';
  return [operandA[width(lines.a)], operandB[width(lines.b)], result[lines.c % 4 === 0 ? 'vec4' : 'scalar']];
}

/** All that `operandParts` may return, for kernels' `parts`. */
export const everyOperandPart: readonly ShaderPart[] = [operandA, operandB, result].flatMap((parts) =>
  Object.values(parts),
);
