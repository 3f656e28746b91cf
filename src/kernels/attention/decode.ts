import { DECODE_QUERIES, type AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, scratch } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { LARGEST_FLASH_HEAD, vectorCapacity, whyNotInVectors } from './contract.ts';
import { optionalBindings } from './bindings.ts';
import { mergeParts, mergePass } from './merge.ts';
import { attentionParams } from './params.ts';
import { featureParts, featureShader, quadReads } from './score.ts';
import { joinInputs } from './smallInputs.ts';
import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

type DecodeConfig = {
  /** Rows of o that a workgroup makes: queries of the heads that share a head of k and v. */
  readonly tileQ: number;
  /** Invocations that share a key. */
  readonly lanes: number;
  /** Keys whose scores an invocation helps to make at once. */
  readonly keys: number;
  /** Parts that the keys of a head are cut into, at most. */
  readonly splitKv: number;
};

/** That of DeepSeek's latent attention; values may have up to 512 elements. */
const LARGEST_HEAD = 576;

/** `INVOCATIONS` in the shader. */
const INVOCATIONS = 128;

const parts: readonly ShaderPart[] = [workgroupIndex, part(attentionTexts, 'attention/decode')];

const tileKv = ({ lanes, keys }: DecodeConfig): number => (INVOCATIONS / lanes) * keys;

/** Vectors of sums that an invocation has in registers, at most: 80 of the 255 registers that an NVIDIA GPU has. */
const MAX_SUMS = 20;

/** Invocations that share a value: as many as share a key, or more where their sums would not fit into registers. */
function valueLanes({ tileQ, lanes }: DecodeConfig, { headDimV }: AttentionProblem): number {
  const enough = (count: number): boolean => ceilDiv(vectorCapacity(headDimV), count) * tileQ <= MAX_SUMS;
  let count = lanes;
  while (!enough(count)) count *= 2;
  return count;
}

/** Vectors of q that an invocation keeps, at most: its registers are memory then, and each is code for a loop's round. */
const MAX_KEPT = 32;

/**
 * Whether invocations keep the vectors of q that they multiply, rather than read them anew for every tile. A processor has its
 * registers in memory and reads all lanes of one at once, but workgroup memory lane by lane; a GPU has better uses for registers.
 */
function keepsQueries(
  { tileQ, lanes }: DecodeConfig,
  { headDim }: AttentionProblem,
  { software }: Capabilities,
): boolean {
  return software && ceilDiv(vectorCapacity(headDim), lanes) * tileQ <= MAX_KEPT;
}

/** Workgroup memory, array by array as the shader declares it. */
function workgroupBytes(config: DecodeConfig, problem: AttentionProblem): number {
  const { headDim } = problem;
  const { tileQ, lanes } = config;
  const blocks = tileQ / 4;
  const groups = INVOCATIONS / valueLanes(config, problem);
  const exchange = blocks * Math.max(tileKv(config) * (lanes + 1), 4 * INVOCATIONS);
  const rows = ceilDiv(tileQ * TILE_ROW_BYTES, 16);
  return (
    16 * (tileQ * vectorCapacity(headDim) + exchange + blocks * tileKv(config) + 2 * blocks * groups + rows)
  );
}

/** `TileRow` in the shader. */
const TILE_ROW_BYTES = 24;

/** Parts that the keys which a sequence's queries see are cut into: whole tiles, none without any. */
function splitsOf(config: DecodeConfig, problem: AttentionProblem): number {
  const { seqLenQ, seqLenKv, left = Infinity, right = Infinity } = problem;
  const keys = Math.max(1, Math.min(seqLenKv, left + right + seqLenQ));
  return Math.min(config.splitKv, ceilDiv(keys, tileKv(config)));
}

/** Workgroups of one split. */
function tilesOf({ tileQ }: DecodeConfig, problem: AttentionProblem): number {
  const { batch, heads, kvHeads, seqLenQ } = problem;
  return batch * kvHeads * ceilDiv((heads / kvHeads) * seqLenQ, tileQ);
}

const SPACE = {
  tileQ: [4, 8],
  lanes: [8, 16],
  keys: [4, 8],
  splitKv: [1, 2, 4, 8, 16, 32, 64],
} as const;

function legal(config: DecodeConfig, problem: AttentionProblem, { limits }: Capabilities): boolean {
  return workgroupBytes(config, problem) <= limits.maxComputeWorkgroupStorageSize;
}

/**
 * Workgroups that keep the memory of a large GPU busy: four for each of an H100's 132 multiprocessors. A processor that
 * plays the GPU has few cores, and gains nothing from more parts.
 */
const ENOUGH_WORKGROUPS = { hardware: 512, software: 16 } as const;

function heuristic(problem: AttentionProblem, caps: Capabilities): DecodeConfig {
  const rows = (problem.heads / problem.kvHeads) * problem.seqLenQ;
  // 128 bytes of a key at a time. A processor adds up what lanes make one after the other: the fewer, the better.
  const lanes = problem.dtype === 'f16' && !caps.software ? 16 : 8;
  const fits = (tileQ: number, keys: number): boolean =>
    legal({ tileQ, lanes, keys, splitKv: 1 }, problem, caps);
  const tileQ = rows > 4 && fits(8, 4) ? 8 : 4;
  // A processor waits less often between larger tiles; a GPU has other workgroups for that time, if each is small.
  const keys = caps.software && fits(tileQ, 8) ? 8 : 4;
  const tiles = tilesOf({ tileQ, lanes, keys, splitKv: 1 }, problem);
  const enough = ENOUGH_WORKGROUPS[caps.software ? 'software' : 'hardware'];
  const splitKv = SPACE.splitKv.find((splits) => splits * tiles >= enough) ?? SPACE.splitKv.at(-1)!;
  return { tileQ, lanes, keys, splitKv };
}

/** Few queries, many keys: each key is read once for all rows that share it, and the keys are cut into parts. */
export const decode = defineKernel<AttentionProblem, DecodeConfig>({
  name: 'attention/decode',
  parts: [...featureParts, ...parts, ...mergeParts],
  space: SPACE,
  supports(problem, caps) {
    const why = whyNotInVectors(problem, LARGEST_HEAD);
    if (why !== undefined) return why;
    if (ceilDiv(problem.headDimV, 4) > INVOCATIONS)
      return 'each vector of a value needs an invocation of its own';
    if (!legal({ tileQ: 4, lanes: 8, keys: 4, splitKv: 1 }, problem, caps))
      return 'the smallest tile does not fit into workgroup memory';
    return true;
  },
  worthwhile({ seqLenQ, headDim, headDimV }) {
    if (seqLenQ <= DECODE_QUERIES || Math.max(headDim, headDimV) > LARGEST_FLASH_HEAD) return true;
    return `more than ${DECODE_QUERIES} queries a head are better off with tiles of keys that they share`;
  },
  legal,
  heuristic,
  plan(problem, config, caps) {
    const splits = splitsOf(config, problem);
    const slots = splits * problem.batch * problem.heads * problem.seqLenQ;
    const joined = joinInputs(problem, caps, { others: 4, first: 3, scratch: 1 });
    const features = featureShader(problem, { reads: quadReads(problem, caps), ends: false, joined });
    return {
      scratchBytes: [slots * (problem.headDimV + 4) * 4, ...(joined ? [joined.sizeBytes] : [])],
      passes: [
        ...(joined?.passes ?? []),
        {
          label: 'attention/decode',
          shader: {
            ...features,
            constants: {
              ...features.constants,
              TILE_Q: config.tileQ,
              LANES: config.lanes,
              KEYS: config.keys,
              HEAD_VECTORS: vectorCapacity(problem.headDim),
              VALUE_VECTORS: vectorCapacity(problem.headDimV),
              VALUE_LANES: valueLanes(config, problem),
              KEEP_Q: keepsQueries(config, problem, caps),
            },
            parts: [...features.parts, ...parts],
          },
          params: attentionParams(problem, { width: 4, splits, joined }),
          bindings: [
            input(0),
            input(1),
            input(2),
            at(4, scratch(0)),
            ...optionalBindings(problem, { used: (name) => name !== 'sinks', joined }),
          ],
          workgroups: foldWorkgroups(tilesOf(config, problem) * splits, caps),
        },
        mergePass(problem, splits, caps),
      ],
    };
  },
});
