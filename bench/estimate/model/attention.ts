import { CONSTANTS } from './constants.ts';
import type { Hardware } from './hardware.ts';
import { overlapped } from './matmul.ts';
import type { Parameters } from './parameters.ts';

/** Attention of seqLenQ queries over seqLenKv keys and values. */
export interface AttentionShape {
  readonly kind: 'attention';
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly seqLenQ: number;
  readonly seqLenKv: number;
  readonly headDim: number;
  readonly causal: boolean;
}

/** Queries that a workgroup takes, and keys that it takes at once. */
const TILE = 128;

/**
 * Time of attention's arithmetic at the boost clock: the products q k^T and p v on the matrix units, the softmax between them on
 * the vector lanes and the exponential units, tile by tile.
 *
 * Where matrix instructions wait for their results, the same lanes issue both kinds and lose some of the rate to it.
 */
export function attentionArithmeticNs(
  shape: AttentionShape,
  hardware: Hardware,
  parameters: Pick<Parameters, 'issue' | 'attentionIssue' | 'form'>,
): number {
  const { flopsPerNs, vectorFlopsPerNs, processors, clockPerNs, instructionCeiling } = hardware;
  if (flopsPerNs === undefined) return 0;
  const { headDim } = shape;
  const matrixNsPerScore = (4 * headDim) / flopsPerNs / instructionCeiling / parameters.issue;
  let softmaxNsPerScore = 0;
  if (vectorFlopsPerNs !== undefined && parameters.form.softmax) {
    // Data sheets count a multiply-add as two. Processors have 128 lanes where their number is unknown.
    const lanesPerNs = vectorFlopsPerNs / 2;
    const processorsPerNs =
      processors !== undefined && clockPerNs !== undefined ? processors * clockPerNs : lanesPerNs / 128;
    softmaxNsPerScore =
      1 / (CONSTANTS.exponentialsPerClock.value * processorsPerNs) +
      CONSTANTS.softmaxOperations.value / lanesPerNs;
  }
  const nsPerScore =
    overlapped(matrixNsPerScore, softmaxNsPerScore, parameters.form) /
    (hardware.asynchronousMatrix ? 1 : parameters.attentionIssue);

  return attentionScores(shape, processors) * nsPerScore;
}

/**
 * Scores that are computed: tiles that a causal mask leaves something of are computed whole, and half of the longest workgroup's
 * are added on every processor, because the last workgroups run alone. A causal mask lets the last query see every key.
 */
export function attentionScores(shape: AttentionShape, processors = 0): number {
  const { batch, heads, seqLenQ, seqLenKv, causal } = shape;
  const rowsOfTiles = Math.ceil(seqLenQ / TILE);
  const keyTiles = Math.ceil(seqLenKv / TILE);
  const tileRows = Math.min(seqLenQ, TILE);
  const tiles = causal ? visiblePairs(rowsOfTiles, keyTiles) : rowsOfTiles * keyTiles;
  const scores = batch * heads * tiles * tileRows * TILE;
  return scores + (keyTiles * tileRows * TILE * processors) / 2;
}

/** Bytes of keys and values, queries and results that move once. */
export function attentionBytes(shape: AttentionShape, bytesPerElement: number): number {
  const { batch, heads, kvHeads, seqLenQ, seqLenKv, headDim } = shape;
  return bytesPerElement * batch * headDim * (2 * kvHeads * seqLenKv + 2 * heads * seqLenQ);
}

/** Additions and multiplications that matter: half of them under a causal mask over as many keys as queries. */
export function attentionFlops({ batch, heads, seqLenQ, seqLenKv, headDim, causal }: AttentionShape): number {
  return 4 * batch * heads * headDim * (causal ? visiblePairs(seqLenQ, seqLenKv) : seqLenQ * seqLenKv);
}

/** Pairs of a query and a key under a causal mask; queries that come before the first key see nothing. */
function visiblePairs(queries: number, keys: number): number {
  const seeing = Math.min(queries, keys);
  return seeing * keys - (seeing * (seeing - 1)) / 2;
}
