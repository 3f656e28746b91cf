import type { ArithmeticType } from './arithmetic.ts';
import { ExactSum } from './exactSum.ts';
import { parseOperator } from './operator.ts';
import type { ReductionOperator } from './reduction.ts';
import { isExactSum, type ScanOperator, type ScanProblem } from './scan.ts';

/** What combines elements one after the other. */
interface Accumulator {
  add(x: number): void;
  /** What has been combined since. */
  value(): number;
}

/** Accumulators of an operator, in f64; integers wrap around. */
export function accumulators(
  problem: Pick<ScanProblem, 'operator' | 'dtype' | 'reproducible'>,
): () => Accumulator {
  const { operator, dtype } = problem;
  if (typeof operator === 'object') return custom(operator, dtype);
  if (isExactSum(problem)) return () => exact(dtype as 'f32' | 'f16');
  const combine = combination(operator, dtype);
  return () => combined(identityOf(operator, dtype), combine);
}

function combined(identity: number, combine: (a: number, x: number) => number): Accumulator {
  let state = identity;
  return { add: (x) => void (state = combine(state, x)), value: () => state };
}

function custom(operator: ReductionOperator, dtype: ArithmeticType): () => Accumulator {
  const { combine, identity, map } = parseOperator('scan', operator, dtype);
  return () => combined(identity.evaluate({}), (a, x) => combine.evaluate({ a, b: map.evaluate({ x }) }));
}

function exact(dtype: 'f32' | 'f16'): Accumulator {
  const sum = new ExactSum();
  return { add: (x) => sum.add(x), value: () => sum.quotient(1, dtype) };
}

/** What an operator makes of no elements: integers have no infinities, but a least and a greatest. */
function identityOf(operator: ScanOperator, dtype: ArithmeticType): number {
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

function combination(operator: ScanOperator, dtype: ArithmeticType): (a: number, b: number) => number {
  if (operator === 'max') return Math.max;
  if (operator === 'min') return Math.min;
  const product = operator === 'prod';
  if (dtype === 'i32') return product ? Math.imul : (a, b) => (a + b) | 0;
  if (dtype === 'u32') return product ? (a, b) => Math.imul(a, b) >>> 0 : (a, b) => (a + b) >>> 0;
  return product ? (a, b) => a * b : (a, b) => a + b;
}

/** The definition of scans, in f64. NaN propagates through all four operators. */
export function scanReference(problem: ScanProblem, x: Float64Array, offsets?: Float64Array): Float64Array {
  const { outer, length, inner, exclusive, reverse, segments = outer } = problem;
  const start = accumulators(problem);
  const y = new Float64Array(x.length);
  for (let s = 0; s < segments; s++) {
    const begin = offsets ? offsets[s]! : s * length;
    const end = offsets ? offsets[s + 1]! : begin + length;
    for (let j = 0; j < inner; j++) {
      const state = start();
      for (let i = begin; i < end; i++) {
        const at = j + inner * (reverse ? begin + end - 1 - i : i);
        if (exclusive) y[at] = state.value();
        state.add(x[at]!);
        if (!exclusive) y[at] = state.value();
      }
    }
  }
  return y;
}
