import { isExactSum, type ScanProblem } from '../../reference/scan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { elementAliases, finish, order, reduce } from '../lib.ts';
import { accumulator, callerParts, commonOperators, everyExactPart, exactResultParts } from '../operator.ts';

/** All parts that `operatorShader` may use, for kernels' `parts`. */
export const everyOperatorPart: readonly ShaderPart[] = [
  reduce.sum,
  reduce.product,
  reduce.extreme,
  reduce.custom,
  finish.same,
  finish.extreme,
  ...everyExactPart,
  ...Object.values(order),
];

/** What a shader needs to combine elements: `lift`, `combine` and `identity`, and `finish`, which gives a number of type Out. */
export function operatorShader(problem: ScanProblem): Required<ShaderSource> {
  const { operator, dtype, segments } = problem;
  const acc = accumulator(dtype);
  const shader = {
    extensions: dtype === 'f16' ? (['f16'] as const) : [],
    aliases: { ...elementAliases(dtype), Acc: acc, Out: acc },
    constants: {},
  };
  if (typeof operator === 'object') {
    const op = segments === undefined ? 'scan' : 'segmentScan';
    return { ...shader, parts: [...callerParts(op, operator), finish.same] };
  }
  if (isExactSum(problem)) {
    const parts = [reduce.exactSum, finish.exactSum, ...exactResultParts(dtype)];
    return { ...shader, aliases: { ...shader.aliases, Out: dtype }, parts };
  }
  const extreme = operator === 'max' || operator === 'min';
  return {
    ...shader,
    constants: extreme ? { SMALLEST: operator === 'min' } : {},
    parts: [...commonOperators[operator], ...(extreme ? [order[acc]] : [])],
  };
}

/**
 * The operator on its own states, as a problem has it whose elements are states. Extremes are kept as unsigned integers
 * that sort alike, the larger always the better.
 */
export function stateOperator({ operator, dtype }: ScanProblem): Pick<ScanProblem, 'operator' | 'dtype'> {
  if (operator === 'max' || operator === 'min') return { operator: 'max', dtype: 'u32' };
  const states =
    typeof operator === 'object' ? { ...operator, map: 'x', wgsl: { ...operator.wgsl, map: 'x' } } : operator;
  return { operator: states, dtype: accumulator(dtype) };
}

/** Bytes of a state. */
export const STATE_BYTES = 4;
