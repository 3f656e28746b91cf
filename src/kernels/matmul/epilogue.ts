import type { MatmulProblem } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { activation, bias, epilogue } from '../lib.ts';

/** What is done to a sum before it is stored: `activate(sum + biasAt(column))`, and `epilogue4` for four of them. */
export function epilogueParts(
  problem: Pick<MatmulProblem, 'bias' | 'activation'>,
  perColumn: 'column' | 'single' = 'column',
): readonly ShaderPart[] {
  return [bias[problem.bias ? perColumn : 'none'], activation[problem.activation], epilogue];
}

/** All that `epilogueParts` may return, for kernels' `parts`. */
export const everyEpiloguePart: readonly ShaderPart[] = [
  ...Object.values(bias),
  ...Object.values(activation),
  epilogue,
];
