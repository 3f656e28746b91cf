import { reductionResultType, type ReductionKind, type ReductionProblem } from '../../reference/reduction.ts';
import type { DType } from '../../tensor.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/compose.ts';
import { finish, order, reduce } from '../lib.ts';

/** The WGSL that makes a kernel a sum, a maximum, …; all of these have the same few functions. */
const OPERATORS: Readonly<
  Record<ReductionKind, { readonly operator: keyof typeof reduce; readonly finish: keyof typeof finish }>
> = {
  sum: { operator: 'sum', finish: 'sum' },
  mean: { operator: 'sum', finish: 'mean' },
  max: { operator: 'extreme', finish: 'extreme' },
  min: { operator: 'extreme', finish: 'extreme' },
  argmax: { operator: 'argExtreme', finish: 'argExtreme' },
  argmin: { operator: 'argExtreme', finish: 'argExtreme' },
};

/** All parts that `operatorShader` may use, for kernels' `parts`. */
export const everyOperatorPart: readonly ShaderPart[] = [reduce, finish, order].flatMap((group) =>
  Object.values(group),
);

/** f16 is combined in f32. */
const accumulator = (dtype: DType): 'f32' | 'i32' | 'u32' =>
  dtype === 'i32' || dtype === 'u32' ? dtype : 'f32';

/**
 * What a shader needs to combine elements of the problem's type: `lift`, `combine`, `identity`, and `finish`, which gives
 * the result or, if `partial`, the state itself for another pass.
 */
export function operatorShader(problem: ReductionProblem, partial = false): ShaderSource {
  const { kind, dtype } = problem;
  const { operator, finish: finisher } = OPERATORS[kind];
  const acc = accumulator(dtype);
  const ordered = operator !== 'sum';
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { Elem: dtype, Acc: acc, ...(!partial && { Out: reductionResultType(problem) }) },
    constants: ordered ? { SMALLEST: kind === 'min' || kind === 'argmin' } : {},
    parts: [reduce[operator], partial ? finish.partial : finish[finisher], ...(ordered ? [order[acc]] : [])],
  };
}

/** Bytes of the operator's state. */
export function stateSizeBytes({ kind }: Pick<ReductionProblem, 'kind'>): number {
  return OPERATORS[kind].operator === 'argExtreme' ? 8 : 4;
}
