import type { MatmulProblem } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { activation, bias } from '../lib.ts';

/** What is done to a sum before it is stored: `activate(sum + biasAt(column))`. */
export function epilogueParts(problem: Pick<MatmulProblem, 'bias' | 'activation'>): readonly ShaderPart[] {
  return [problem.bias ? bias.column : bias.none, activation[problem.activation]];
}

/** All that `epilogueParts` may return, for kernels' `parts`. */
export const everyEpiloguePart: readonly ShaderPart[] = [
  ...Object.values(bias),
  ...Object.values(activation),
];
