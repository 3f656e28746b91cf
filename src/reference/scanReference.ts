import type { ArithmeticType } from './arithmetic.ts';
import { type ScanOperator, type ScanProblem } from './scan.ts';

/** What an operator makes of no elements: integers have no infinities, but a least and a greatest. */
export function scanIdentity(operator: ScanOperator, dtype: ArithmeticType): number {
  if (operator === 'sum') return 0;
  if (operator === 'prod') return 1;
  const [least, greatest] = {
    f32: [-Infinity, Infinity],
    f16: [-Infinity, Infinity],
    i32: [-(2 ** 31), 2 ** 31 - 1],
    u32: [0, 2 ** 32 - 1],
  }[dtype] as [number, number];
  return operator === 'max' ? least : greatest;
}

/** How two elements are combined, in f64; integers wrap around. */
export function scanCombine(operator: ScanOperator, dtype: ArithmeticType): (a: number, b: number) => number {
  if (operator === 'max') return Math.max;
  if (operator === 'min') return Math.min;
  const product = operator === 'prod';
  if (dtype === 'i32') return product ? Math.imul : (a, b) => (a + b) | 0;
  if (dtype === 'u32') return product ? (a, b) => Math.imul(a, b) >>> 0 : (a, b) => (a + b) >>> 0;
  return product ? (a, b) => a * b : (a, b) => a + b;
}

/** The definition of scans, in f64. NaN propagates through all four operators. */
export function scanReference(problem: ScanProblem, x: Float64Array, offsets?: Float64Array): Float64Array {
  const { operator, dtype, outer, length, inner, exclusive, reverse, segments = outer } = problem;
  const combine = scanCombine(operator, dtype);
  const y = new Float64Array(x.length);
  for (let s = 0; s < segments; s++) {
    const begin = offsets ? offsets[s]! : s * length;
    const end = offsets ? offsets[s + 1]! : begin + length;
    for (let j = 0; j < inner; j++) {
      let state = scanIdentity(operator, dtype);
      for (let i = begin; i < end; i++) {
        const at = j + inner * (reverse ? begin + end - 1 - i : i);
        const before = state;
        state = combine(state, x[at]!);
        y[at] = exclusive ? before : state;
      }
    }
  }
  return y;
}
