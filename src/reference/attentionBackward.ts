import { type AttentionProblem } from './attention.ts';
import { queryRows, attentionRow, attentionScore, keyRows, namedOperands } from './attentionReference.ts';

/**
 * The gradients of a loss by q, k and v, given that by attention's result, dO: with P the weights,
 * `dV = P^T dO`, `dS = P * (dO V^T - D)`, D the sum of `P * dO V^T` over each row, and, with the slope of the cap
 * in dS, `dQ = scale dS K`, `dK = scale dS^T Q`; k and v sum over the heads that share them (Dao, "FlashAttention-2", 2023,
 * arXiv:2307.08691, section 2.3). The sink has its share in P, and no gradient here; neither have masks and slopes.
 *
 * @param inputs those of attention, with dO, which lies as o does, behind v
 */
export function attentionBackwardReference(
  problem: AttentionProblem,
  inputs: readonly Float64Array[],
): readonly [dq: Float64Array, dk: Float64Array, dv: Float64Array] {
  const { operands, dO } = backwardOperands(problem, inputs);
  const { headDim, headDimV, scale } = problem;
  const { q, k, v } = operands;
  const [dq, dk, dv] = [q, k, v].map(({ length }) => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (const row of queryRows(problem, operands)) {
    const rows = keyRows(problem, operands, row);
    const { first, scores, probabilities } = attentionRow(problem, operands, row);
    const products = scores.map((score, j) => {
      let product = 0;
      if (score === -Infinity) return product;
      for (let d = 0; d < headDimV; d++) product += dO[row.o + d]! * v[rows.v(first + j) + d]!;
      return product;
    });
    const mean = products.reduce((sum, product, j) => sum + probabilities[j]! * product, 0);
    for (const [j, score] of scores.entries()) {
      if (score === -Infinity) continue;
      const [keyAt, valueAt] = [rows.k(first + j), rows.v(first + j)];
      const slope = capSlope(problem, attentionScore(problem, operands, row, first + j, keyAt).scaled);
      const dScore = scale * slope * probabilities[j]! * (products[j]! - mean);
      for (let d = 0; d < headDim; d++) {
        dq[row.q + d]! += dScore * k[keyAt + d]!;
        dk[keyAt + d]! += dScore * q[row.q + d]!;
      }
      for (let d = 0; d < headDimV; d++) dv[valueAt + d]! += probabilities[j]! * dO[row.o + d]!;
    }
  }
  return [dq, dk, dv];
}

/** Inputs by name: those of attention, and dO. */
export function backwardOperands(
  problem: AttentionProblem,
  [q, k, v, dO, ...others]: readonly Float64Array[],
): { readonly operands: ReturnType<typeof namedOperands>; readonly dO: Float64Array } {
  return { operands: namedOperands(problem, [q!, k!, v!, ...others]), dO: dO! };
}

/** The derivative of a capped score by the score. */
export function capSlope({ softcap }: AttentionProblem, scaled: number): number {
  return softcap === undefined ? 1 : 1 - Math.tanh(scaled / softcap) ** 2;
}
