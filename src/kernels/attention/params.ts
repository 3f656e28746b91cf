import {
  maskedKeys,
  maskStrides,
  MAX_DISTANCE,
  wholeOf,
  type AttentionProblem,
  type RowStrides,
} from '../../reference/attention.ts';
import { f32, i32, u32, vec4u, type Params, type ParamValue } from '../../runtime/params.ts';
import { firstOf, offsetIn, queryRows, stridesOf } from './part.ts';
import type { JoinedInputs } from './smallInputs.ts';
import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** The declaration of `Params`. */
export const paramsPart = part(attentionTexts, 'attention/params');

/** How a kernel reads the tensors, and into how many parts it cuts the keys. */
interface Reading {
  /** Elements that it reads at once; strides count these. */
  readonly width: 1 | 4 | 8;
  readonly splits?: number;
  readonly joined?: JoinedInputs | undefined;
}

/** The uniform block of every attention kernel. */
export function attentionParams(problem: AttentionProblem, { width, splits = 1, joined }: Reading): Params {
  const { batch, heads, kvHeads, seqLenQ, seqLenKv, headDim, headDimV, tokens, mask, alibi, cache } = problem;
  const { alignment = 0, left = MAX_DISTANCE, right = MAX_DISTANCE } = problem;
  const whole = wholeOf(problem);
  const first = firstOf(problem);
  const strides = stridesOf(problem);
  const [keyBegin, keyEnd] = problem.part?.keys ?? [0, MAX_DISTANCE];
  const paged = cache?.kind === 'paged';
  const slopesStride = alibi === 'batch' ? whole.heads : 0;
  const rows = (name: 'q' | 'k' | 'v' | 'o'): ParamValue =>
    stridesParam(strides[name], offsetIn(problem, name), width);
  return {
    batch: u32(batch),
    heads: u32(heads),
    groupSize: u32(heads / kvHeads),
    seqLenQ: u32(seqLenQ),
    seqLenKv: u32(seqLenKv),
    headDim: u32(headDim),
    headDimV: u32(headDimV),
    tokensQ: u32(tokens?.q ?? 0),
    tokensKv: u32(tokens?.kv ?? 0),
    queryOffset: i32(
      (tokens ? 0 : first.query) +
        (alignment !== 'lower-right' ? alignment : tokens ? 0 : seqLenQ - whole.seqLenQ),
    ),
    alignEnd: u32(alignment === 'lower-right' ? 1 : 0),
    left: i32(Math.min(left, MAX_DISTANCE)),
    right: i32(Math.min(right, MAX_DISTANCE)),
    keyBegin: i32(paged ? 0 : keyBegin),
    keyEnd: i32(Math.min(maskedKeys(problem), paged ? MAX_DISTANCE : keyEnd)),
    scaleLog2: f32(problem.scale * Math.LOG2E),
    capLog2: f32((problem.softcap ?? 0) * Math.LOG2E),
    splits: u32(splits),
    blocks: u32(paged ? cache.blocks : 0),
    blockSize: u32(paged ? cache.blockSize : 0),
    rowBegin: u32(keyBegin),
    rowEnd: u32(keyEnd),
    queryBegin: u32(tokens ? first.query : 0),
    queryEnd: u32(tokens ? first.query + queryRows(problem) : 0),
    longestQ: u32(whole.seqLenQ),
    slopesStride: u32(slopesStride),
    slopesAt: u32((joined?.offsets.slopes ?? 0) + first.batch * slopesStride + first.head),
    sinksAt: u32((joined?.offsets.sinks ?? 0) + first.head),
    lengthsAt: u32((joined?.offsets.lengths ?? 0) + first.batch),
    offsetsQAt: u32(joined?.offsets.offsetsQ ?? 0),
    offsetsKvAt: u32(joined?.offsets.offsetsKv ?? 0),
    blockTableAt: u32(
      (joined?.offsets.blockTable ?? 0) + (paged ? (first.batch * seqLenKv) / cache.blockSize : 0),
    ),
    maskAt: u32(mask ? offsetIn(problem, 'mask') : 0),
    qStrides: rows('q'),
    kStrides: rows('k'),
    vStrides: rows('v'),
    oStrides: rows('o'),
    lseStrides: stridesParam(strides.lse, offsetIn(problem, 'lse'), 1),
    maskStrides: vec4u(mask ? maskStrides(mask) : [0, 0, 0, 0]),
  };
}

function stridesParam({ batch, head, row }: RowStrides, begin: number, width: number): ParamValue {
  // What is added to a number below zero makes it positive again, modulo 2^32.
  return vec4u([batch / width, head / width, row / width, (begin / width) >>> 0]);
}
