import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

/** `ownKeyCount()`, `ownKeys(sequence)`. */
export const ownKeysPart = part(attentionBackwardTexts, 'attentionBackward/ownKeys');

/** Rows of dK and dV that a pass makes of one sequence, at most. */
export function ownKeyCount({ seqLenKv, part: of }: BackwardProblem): number {
  const keys = of?.keys;
  return keys ? Math.min(seqLenKv, keys[1] - keys[0]) : seqLenKv;
}
