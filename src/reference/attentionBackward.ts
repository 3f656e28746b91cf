import type { AttentionProblem, QueryRow } from './attention.ts';
import {
  attentionRow,
  attentionScore,
  keyRows,
  namedOperands,
  queryRows,
  type AttentionOperands,
  type AttentionRow,
} from './attentionReference.ts';

/** A problem of attention, whose gradients are wanted. It has no cache, and no second result. */
export interface BackwardProblem extends AttentionProblem {
  /** Whether the results of the forward pass, o and logSumExp, are inputs behind dO: they are then not computed again. */
  readonly forward?: boolean | undefined;
}

/**
 * The gradients of a loss by q, k and v, given that by attention's result, dO: with P the weights,
 * `dV = P^T dO`, `dS = P * (dO V^T - D)`, D the sum of `P * dO V^T` over each row, and, with the slope of the cap
 * in dS, `dQ = scale dS K`, `dK = scale dS^T Q`; k and v sum over the heads that share them (Dao, "FlashAttention-2", 2023,
 * arXiv:2307.08691, section 2.3). The sink has its share in P, and no gradient here; neither have masks and slopes.
 *
 * Where o and logSumExp are given, `P = exp(S - logSumExp)` and D is the sum of `dO * o`.
 *
 * @param inputs those of attention, with dO, which lies as o does, behind v, and then o and logSumExp where they are given
 */
export function attentionBackwardReference(
  problem: BackwardProblem,
  inputs: readonly Float64Array[],
): readonly [dq: Float64Array, dk: Float64Array, dv: Float64Array] {
  const { operands, dO, forward } = backwardOperands(problem, inputs);
  const { headDim, headDimV, scale } = problem;
  const { q, k, v } = operands;
  const [dq, dk, dv] = [q, k, v].map(({ length }) => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (const row of queryRows(problem, operands)) {
    const rows = keyRows(problem, operands, row);
    const { first, scores, probabilities } = backwardRow(problem, operands, forward, row);
    const products = scores.map((score, j) => {
      let product = 0;
      if (score === -Infinity) return product;
      for (let d = 0; d < headDimV; d++) product += dO[row.o + d]! * v[rows.v(first + j) + d]!;
      return product;
    });
    let mean = 0;
    if (forward) {
      for (let d = 0; d < headDimV; d++) mean += dO[row.o + d]! * forward.o[row.o + d]!;
    } else {
      mean = products.reduce((sum, product, j) => sum + probabilities[j]! * product, 0);
    }
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

/** What the forward pass gave. */
export interface ForwardResults {
  readonly o: Float64Array;
  readonly logSumExp: Float64Array;
}

/** Scores and weights of a query, the latter by the forward pass's logSumExp where it is given. */
export function backwardRow(
  problem: BackwardProblem,
  operands: AttentionOperands,
  forward: ForwardResults | undefined,
  row: QueryRow,
): AttentionRow {
  const found = attentionRow(problem, operands, row);
  if (!forward) return found;
  const logSumExp = forward.logSumExp[row.lse]!;
  const probabilities = found.scores.map((score) => (score === -Infinity ? 0 : Math.exp(score - logSumExp)));
  return { ...found, probabilities, logSumExp };
}

/** Inputs by name: those of attention, dO, and what the forward pass gave. */
export function backwardOperands(
  problem: BackwardProblem,
  [q, k, v, dO, ...others]: readonly Float64Array[],
): {
  readonly operands: AttentionOperands;
  readonly dO: Float64Array;
  readonly forward: ForwardResults | undefined;
} {
  const forward = problem.forward ? { o: others[0]!, logSumExp: others[1]! } : undefined;
  const optional = forward ? others.slice(2) : others;
  return { operands: namedOperands(problem, [q!, k!, v!, ...optional]), dO: dO!, forward };
}

/** The derivative of a capped score by the score. */
export function capSlope({ softcap }: AttentionProblem, scaled: number): number {
  return softcap === undefined ? 1 : 1 - Math.tanh(scaled / softcap) ** 2;
}
