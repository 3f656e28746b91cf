import {
  dotChainReference,
  fmaChainReference,
  matrixChainReference,
  xorReference,
  type FmaChainParameters,
} from '../../reference/ceiling.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';
import {
  DOT_FACTORS,
  FMA_ADDEND,
  FMA_MULTIPLIER,
  FMA_ROUND,
  MATRIX_ROUND,
  type CopyProblem,
  type FmaChainProblem,
  type MatrixChainProblem,
  type ReadProblem,
  type WriteProblem,
} from './contract.ts';

export const copyOracle: Oracle<CopyProblem> = {
  reference: (_problem, [source]) => [source!],
  errorBound: (_problem, [source]) => [new Float64Array(source!.length)],
};

export const writeOracle: Oracle<WriteProblem> = {
  reference: ({ vectors, value }) => [new Float64Array(4 * vectors).fill(value)],
  errorBound: ({ vectors }) => [new Float64Array(4 * vectors)],
};

export const readOracle: Oracle<ReadProblem> = {
  reference({ runs, perInvocation, neighbours }, [x]) {
    const width = 4 * neighbours;
    const y = new Float64Array(runs * width);
    for (let run = 0; run < runs; run++) {
      const begin = run * perInvocation * width;
      y.set(xorReference(x!.subarray(begin, begin + perInvocation * width), width), run * width);
    }
    return [y];
  },
  errorBound: (_problem, _inputs, [expected]) => [new Float64Array(expected!.length)],
};

const fmaParameters = ({ rounds }: FmaChainProblem): FmaChainParameters => ({
  steps: rounds * FMA_ROUND,
  multiplier: FMA_MULTIPLIER,
  addend: FMA_ADDEND,
});

export const fmaChainOracle: Oracle<FmaChainProblem> = {
  reference: (problem, [x]) => [
    problem.dtype === 'i8'
      ? dotChainReference(x!, { steps: problem.rounds * FMA_ROUND, factors: DOT_FACTORS })
      : fmaChainReference(x!, fmaParameters(problem)),
  ],
  /**
   * A step rounds the product and the sum, each off by at most u times a value that never exceeds |x| + |addend| / (1 -
   * |multiplier|) = |x| + 32; later steps shrink an error by |multiplier|, so that all of them add up to 64 times one
   * step's (geometric series). Integers are exact.
   */
  errorBound(problem, [x]) {
    if (problem.dtype === 'i8') return [new Float64Array(x!.length)];
    const unit = roundingUnit(problem.dtype);
    const shrink = 1 - Math.abs(FMA_MULTIPLIER);
    return [x!.map((start) => (2 * unit * (Math.abs(start) + FMA_ADDEND / shrink)) / shrink)];
  },
};

export const matrixChainOracle: Oracle<MatrixChainProblem> = {
  reference(problem, [a, b, c]) {
    const sums = matrixChainReference(problem, problem.rounds * MATRIX_ROUND, a!, b!, c!);
    return [problem.component === 'i8' ? sums.map((sum) => sum | 0) : sums];
  },
  /**
   * As for matmul: summing N = steps x k products and c is off by at most 2 (N + 1) u (|c| + steps x sum |a||b|), u = 2^-24;
   * the factor 2 covers units that truncate. Integers are exact, modulo 2^32.
   */
  errorBound(problem, [a, b, c]) {
    if (problem.component === 'i8') return [new Float64Array(c!.length)];
    const absolute = (values: Float64Array): Float64Array => values.map((value) => Math.abs(value));
    const steps = problem.rounds * MATRIX_ROUND;
    const magnitude = matrixChainReference(problem, steps, absolute(a!), absolute(b!), absolute(c!));
    const unit = 2 * (steps * problem.k + 1) * roundingUnit('f32');
    return [magnitude.map((value) => unit * value)];
  },
};
