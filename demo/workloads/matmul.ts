import { matmul, type Tensor } from 'tilewise';
import { formatCount } from '../format.ts';
import { F32_UNIT } from './rounding.ts';
import { CPU_BUDGET, everything, magnitudes, spread, take } from './sampling.ts';
import type { Family, MatmulWorkload, Sample } from './workload.ts';

/** Rows, and columns, that are checked of a product too large to be checked whole. */
const SAMPLED_LINES = 4;

export const matmulFamily: Family<MatmulWorkload> = {
  operands: ({ m, n, k }) => [
    { shape: [m, k], values: 'real' },
    { shape: [n, k], values: 'real' },
  ],
  run: (_, [a, b], choice) => matmul(a as Tensor<'f32'>, b as Tensor<'f32'>, { ...choice, transposeB: true }),
  shapeText: ({ m, n, k }) => [m, n, k].map(formatCount).join(' × '),
  // A few rows read all of b for little arithmetic.
  rate: ({ m }) => (m > 16 ? 'flops' : 'bytes'),
  samples(workload, [a, b]) {
    const { m, n, k } = workload;
    if (m * n * k <= CPU_BUDGET) return [{ workload, operands: [a!, b!], indexInWhole: everything }];
    const rows = spread(m, SAMPLED_LINES);
    const columns = spread(n, SAMPLED_LINES);
    const someRows: Sample<MatmulWorkload> = {
      workload: { ...workload, m: rows.length },
      operands: [take(a!, k, rows), b!],
      indexInWhole: (index) => rows[Math.floor(index / n)]! * n + (index % n),
    };
    const someColumns: Sample<MatmulWorkload> = {
      workload: { ...workload, n: columns.length },
      operands: [a!, take(b!, k, columns)],
      indexInWhole: (index) => Math.floor(index / columns.length) * n + columns[index % columns.length]!,
    };
    return [someRows, someColumns];
  },
  /**
   * k products summed in f32, in any order, are off by at most k u sum |a||b| to first order (Higham, Accuracy and Stability of
   * Numerical Algorithms, 2nd ed., section 3.1). The factor 2 covers units that truncate instead of rounding.
   */
  async slack(workload, operands, _expected, evaluate) {
    const sums = await evaluate(workload, operands.map(magnitudes));
    return Float64Array.from(sums, (sum) => 2 * (workload.k + 1) * F32_UNIT * sum);
  },
};
