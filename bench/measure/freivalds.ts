import { likelySummationError, roundingUnit } from '../../src/kernels/rounding.ts';
import type { MatmulProblem } from '../../src/reference/matmul.ts';
import type { Random } from './random.ts';

/** What the check needs of an operand: parts of it, without holding all of it in f64. */
export interface ElementSource {
  slice(start: number, length: number): Float64Array;
}

/** How far random sums of a product's columns are from what they must be. */
export interface FreivaldsResult {
  readonly passed: boolean;
  /** Of all sums, the error of the one that came closest to its bound or exceeded it most, and that bound. */
  readonly error: number;
  readonly bound: number;
  /** Row of c and first column of the block of that sum. */
  readonly row: number;
  readonly column: number;
  /** Columns that one sum covers; 1 would be an element by element check. */
  readonly blockColumns: number;
}

/** Chance that the signs drawn refuse a product that is right. */
const FALSE_ALARM = 1e-9;

/**
 * Freivalds' check of `c = a b` (Freivalds, Probabilistic Machines Can Use Less Running Time, IFIP 1977), block by block:
 * for each block of columns, random signs r make `a (b r)` and `c r`, which must agree in every row. One product takes
 * k (n + m blocks) steps instead of m n k.
 *
 * The bound follows from matmul's own (`summationError`): an element is off by at most e_j = 6 u sqrt(k) (|c_ij| + 4 sqrt(sum
 * a^2 b^2)) plus its rounding to the stored type, and that last sum is at most max |a_i| times |b_j| in Euclidean norm. The
 * signs are independent of the errors, so that by Hoeffding's inequality their sum exceeds L sqrt(sum e_j^2) with a
 * probability of at most 2 exp(-L^2 / 2). L is chosen for a false alarm once in a billion checks. An element that is off by
 * more than the bound of its block goes unnoticed in one round with a chance of a half at most: of its two signs only one can do.
 *
 * @param c m x n elements as the device gave them
 * @param maxSteps multiply-adds that a round may take: the more, the narrower the blocks
 */
export function freivaldsCheck(
  problem: MatmulProblem,
  a: ElementSource,
  b: ElementSource,
  c: ArrayLike<number>,
  random: Random,
  { rounds, maxSteps }: { readonly rounds: number; readonly maxSteps: number },
): FreivaldsResult {
  const { m, n, k } = problem;
  const blocks = Math.max(1, Math.min(n, Math.floor((maxSteps - k * n) / Math.max(1, m * k))));
  const blockColumns = Math.ceil(n / blocks);
  const lambda = Math.sqrt(2 * Math.log((2 * m * Math.ceil(n / blockColumns) * rounds) / FALSE_ALARM));
  let worst: FreivaldsResult | undefined;
  for (let round = 0; round < rounds; round++) {
    const signs = random.signs(n);
    for (let column = 0; column < n; column += blockColumns) {
      const columns = { first: column, end: Math.min(n, column + blockColumns) };
      const block = combineColumns(problem, b, signs, columns);
      for (let row = 0; row < m; row++) {
        const sum = checkRow(problem, rowOfA(problem, a, row), block, c, signs, row, columns, lambda);
        const ratio = sum.error / sum.bound;
        if (worst && ratio <= worst.error / worst.bound) continue;
        worst = { passed: ratio <= 1, ...sum, row, column, blockColumns };
        // NaN compares with nothing: it is the worst there is.
        if (Number.isNaN(ratio)) return worst;
      }
    }
  }
  return worst ?? { passed: true, error: 0, bound: 0, row: 0, column: 0, blockColumns };
}

interface Columns {
  readonly first: number;
  readonly end: number;
}

interface CombinedColumns {
  /** b r, k numbers. */
  readonly sums: Float64Array;
  /** Euclidean norm of the block of b. */
  readonly norm: number;
}

function combineColumns(
  { n, k, b: { transposed } }: MatmulProblem,
  b: ElementSource,
  signs: Float64Array,
  { first, end }: Columns,
): CombinedColumns {
  const sums = new Float64Array(k);
  let squares = 0;
  if (transposed) {
    for (let j = first; j < end; j++) {
      const values = b.slice(j * k, k);
      const sign = signs[j]!;
      for (let p = 0; p < k; p++) {
        const value = values[p]!;
        sums[p]! += sign * value;
        squares += value * value;
      }
    }
  } else {
    for (let p = 0; p < k; p++) {
      const values = b.slice(p * n + first, end - first);
      let sum = 0;
      for (let j = 0; j < values.length; j++) {
        const value = values[j]!;
        sum += signs[first + j]! * value;
        squares += value * value;
      }
      sums[p] = sum;
    }
  }
  return { sums, norm: Math.sqrt(squares) };
}

function rowOfA({ m, k, a: { transposed } }: MatmulProblem, a: ElementSource, row: number): Float64Array {
  if (!transposed) return a.slice(row * k, k);
  return Float64Array.from({ length: k }, (_, p) => a.slice(p * m + row, 1)[0]!);
}

function checkRow(
  { n, k, c: { dtype } }: MatmulProblem,
  aRow: Float64Array,
  block: CombinedColumns,
  c: ArrayLike<number>,
  signs: Float64Array,
  row: number,
  { first, end }: Columns,
  lambda: number,
): { readonly error: number; readonly bound: number } {
  let wanted = 0;
  let aLargest = 0;
  for (let p = 0; p < k; p++) {
    const value = aRow[p]!;
    wanted += value * block.sums[p]!;
    aLargest = Math.max(aLargest, Math.abs(value));
  }
  let got = 0;
  let cSquares = 0;
  for (let j = first; j < end; j++) {
    const value = c[row * n + j]!;
    got += signs[j]! * value;
    cSquares += value * value;
  }
  // Sums of integers are exact, and so are sums of them: what is wrong is off by 1 at least.
  if (dtype === 'i32') return { error: Math.abs(got - wanted), bound: 0.5 };
  // |c| is what the device stored, which is within a few per cent of the exact value if it is right at all.
  const cNorm = 1.01 * Math.sqrt(cSquares);
  const summing = likelySummationError(k + 1, cNorm + 4 * aLargest * block.norm);
  const storing = roundingUnit(dtype) * (cNorm + summing);
  return { error: Math.abs(got - wanted), bound: lambda * (summing + storing) };
}
