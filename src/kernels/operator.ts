// What reductions, scans and segments share of their operators.
import type { ReductionOperator, UnderstoodOperator } from '../reference/reduction.ts';
import type { ScanOperator } from '../reference/scan.ts';
import type { DType } from '../tensor.ts';
import type { ShaderPart } from '../wgsl/source.ts';
import { exactResult, finish, reduce } from './lib.ts';

/** What elements are combined in: f16 in f32. */
export const accumulator = (dtype: DType): 'f32' | 'i32' | 'u32' =>
  dtype === 'i32' || dtype === 'u32' ? dtype : 'f32';

/** Operators that scans and segments have in common, and what is stored of their states. */
export const commonOperators: Readonly<
  Record<ScanOperator, readonly [operator: ShaderPart, finish: ShaderPart]>
> = {
  sum: [reduce.sum, finish.same],
  prod: [reduce.product, finish.same],
  max: [reduce.extreme, finish.extreme],
  min: [reduce.extreme, finish.extreme],
};

/** Bytes from one state of an exact sum to the next. */
export const EXACT_STATE_BYTES = 44;

/** What rounds an exact sum, or its mean, to the type that is stored. */
export const exactResultParts = (dtype: DType): readonly ShaderPart[] => [
  exactResult.quotient,
  exactResult[dtype === 'f16' ? 'f16' : 'f32'],
];

/** All parts of exact sums, for kernels' `parts`. */
export const everyExactPart: readonly ShaderPart[] = [
  reduce.exactSum,
  finish.exactSum,
  finish.exactMean,
  ...Object.values(exactResult),
];

/**
 * The operator that the caller's expressions make.
 *
 * @param op names the operation that the caller gave them to, for the compiler's messages
 */
export function callerParts(op: string, operator: UnderstoodOperator): readonly ShaderPart[] {
  const part = (name: keyof ReductionOperator, signature: string): ShaderPart => ({
    path: `reduce/${name}`,
    origin: `${name} ${JSON.stringify(operator[name] ?? 'x')} of ${op}()`,
    code: `fn ${signature} -> Acc { return ${operator.wgsl[name]}; }`,
  });
  return [
    reduce.custom,
    part('combine', 'combine(a: Acc, b: Acc)'),
    part('identity', 'identity()'),
    part('map', 'elementOf(x: Acc)'),
  ];
}
