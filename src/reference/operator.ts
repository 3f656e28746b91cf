import type { DType } from '../tensor.ts';
import { parseExpression, type Expression } from './expression.ts';
import type { ReductionOperator, UnderstoodOperator } from './reduction.ts';

/**
 * @param op names the operation in messages
 * @throws ArgumentError for what is no expression, with its name and the position.
 */
export function parseOperator(
  op: string,
  { combine, identity, map = 'x' }: ReductionOperator,
  dtype: DType,
): Readonly<Record<keyof ReductionOperator, Expression>> {
  const type = dtype === 'i32' || dtype === 'u32' ? dtype : 'f32';
  return {
    combine: parseExpression(`${op}: combine`, combine, ['a', 'b'], type),
    identity: parseExpression(`${op}: identity`, identity, [], type),
    map: parseExpression(`${op}: map`, map, ['x'], type),
  };
}

/** @throws ArgumentError as `parseOperator` */
export function understood(op: string, operator: ReductionOperator, dtype: DType): UnderstoodOperator {
  const { combine, identity, map } = parseOperator(op, operator, dtype);
  return { ...operator, wgsl: { combine: combine.wgsl, identity: identity.wgsl, map: map.wgsl } };
}
