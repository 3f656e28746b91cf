/** Which keys a query sees: all, or those up to a diagonal that starts in the upper left or ends in the lower right. */
export type Causality = 'none' | 'upper-left' | 'lower-right';

/**
 * `o[b, h, i] = sum over j of softmax over j(scale * q[b, h, i] . k[b, g, j]) v[b, g, j]`, over the keys j that query i
 * sees, where g is the key/value head that the query head h shares: `h / (heads / kvHeads)`, rounded down.
 *
 * q is [batch, heads, seqLenQ, headDim], k [batch, kvHeads, seqLenKv, headDim], v [batch, kvHeads, seqLenKv, headDimV]
 * and o [batch, heads, seqLenQ, headDimV].
 */
export interface AttentionProblem {
  readonly batch: number;
  /** A multiple of `kvHeads`. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly seqLenQ: number;
  readonly seqLenKv: number;
  readonly headDim: number;
  readonly headDimV: number;
  /** Type of the operands and the result; scores, softmax and sums are made in f32. */
  readonly dtype: 'f32' | 'f16';
  readonly scale: number;
  readonly causal: Causality;
}

/** The last key that query 0 sees, below 0 if it sees none; the last key that query i sees is i further. */
export function causalDiagonal(problem: Pick<AttentionProblem, 'causal' | 'seqLenQ' | 'seqLenKv'>): number {
  const { causal, seqLenQ, seqLenKv } = problem;
  if (causal === 'none') return seqLenKv;
  return causal === 'upper-left' ? 0 : seqLenKv - seqLenQ;
}

/** How many keys, from the first on, a query sees. */
export function visibleKeys(problem: AttentionProblem, query: number): number {
  return Math.max(0, Math.min(problem.seqLenKv, query + causalDiagonal(problem) + 1));
}

/** Where the rows of one head begin. */
export interface Head {
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly o: number;
}

/** Every head of every batch, in the order of q and o. */
export function* headsOf(problem: AttentionProblem): Generator<Head> {
  const { batch, heads, kvHeads, seqLenQ, seqLenKv, headDim, headDimV } = problem;
  for (let head = 0; head < batch * heads; head++) {
    const kvHead = Math.floor(head / (heads / kvHeads));
    yield {
      q: head * seqLenQ * headDim,
      k: kvHead * seqLenKv * headDim,
      v: kvHead * seqLenKv * headDimV,
      o: head * seqLenQ * headDimV,
    };
  }
}

/**
 * Scaled scores of one query with the keys that it sees, and their softmax. A query that sees no key, or whose every
 * score is -Infinity, has probabilities of exactly zero.
 */
export function attentionRow(
  problem: AttentionProblem,
  query: Float64Array,
  keys: Float64Array,
  visible: number,
): { readonly scores: Float64Array; readonly probabilities: Float64Array } {
  const { headDim, scale } = problem;
  const scores = new Float64Array(visible);
  let maximum = -Infinity;
  for (let j = 0; j < visible; j++) {
    let dot = 0;
    for (let d = 0; d < headDim; d++) dot += query[d]! * keys[j * headDim + d]!;
    scores[j] = scale * dot;
    maximum = Math.max(maximum, scores[j]!);
  }
  const probabilities = new Float64Array(visible);
  if (maximum === -Infinity) return { scores, probabilities };
  let sum = 0;
  for (let j = 0; j < visible; j++) sum += probabilities[j] = Math.exp(scores[j]! - maximum);
  for (let j = 0; j < visible; j++) probabilities[j]! /= sum;
  return { scores, probabilities };
}

/** The definition of attention, in f64. Keys that a query does not see have no influence on it, whatever they hold. */
export function attentionReference(
  problem: AttentionProblem,
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
): Float64Array {
  const { batch, heads, seqLenQ, seqLenKv, headDim, headDimV } = problem;
  const o = new Float64Array(batch * heads * seqLenQ * headDimV);
  for (const head of headsOf(problem)) {
    const keys = k.subarray(head.k, head.k + seqLenKv * headDim);
    for (let i = 0; i < seqLenQ; i++) {
      const query = q.subarray(head.q + i * headDim, head.q + (i + 1) * headDim);
      const visible = visibleKeys(problem, i);
      const { probabilities } = attentionRow(problem, query, keys, visible);
      const row = o.subarray(head.o + i * headDimV, head.o + (i + 1) * headDimV);
      for (let j = 0; j < visible; j++) {
        const probability = probabilities[j]!;
        const value = head.v + j * headDimV;
        for (let d = 0; d < headDimV; d++) row[d]! += probability * v[value + d]!;
      }
    }
  }
  return o;
}
