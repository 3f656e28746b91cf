import { causalDiagonal, type AttentionProblem } from '../../reference/attention.ts';
import { f32, i32, u32, type Params } from '../../runtime/params.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attention/params.wgsl?raw';

/** The declaration of `Params`. */
export const paramsPart: ShaderPart = { path: 'attention/params.wgsl', code: source };

/** How decode cuts the keys of a head into parts. */
export interface Splits {
  readonly splits: number;
  readonly keysPerSplit: number;
}

/** The uniform block of every attention kernel. */
export function attentionParams(
  problem: AttentionProblem,
  { splits, keysPerSplit }: Splits = { splits: 1, keysPerSplit: problem.seqLenKv },
): Params {
  return {
    queryHeads: u32(problem.batch * problem.heads),
    groupSize: u32(problem.heads / problem.kvHeads),
    seqLenQ: u32(problem.seqLenQ),
    seqLenKv: u32(problem.seqLenKv),
    headDim: u32(problem.headDim),
    headDimV: u32(problem.headDimV),
    diagonal: i32(causalDiagonal(problem)),
    scaleLog2: f32(problem.scale * Math.LOG2E),
    splits: u32(splits),
    keysPerSplit: u32(keysPerSplit),
  };
}
