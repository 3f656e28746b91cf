import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { attentionBindings, attentionExtensions, vectorCapacity, whyNotInVectors } from './contract.ts';
import { maskPart } from './mask.ts';
import { attentionParams, paramsPart } from './params.ts';
import { softmaxPart } from './softmax.ts';
import flashSource from '../../../shaders/attention/flash.wgsl?raw';

type FlashConfig = {
  /** Rows of o that a workgroup makes. */
  readonly tileQ: number;
  /** Keys whose scores are made at once. */
  readonly tileKv: number;
  /** Invocations that share four rows. */
  readonly lanes: number;
};

const parts: readonly ShaderPart[] = [
  paramsPart,
  maskPart,
  softmaxPart,
  workgroupIndex,
  { path: 'attention/flash.wgsl', code: flashSource },
];

const invocations = ({ tileQ, lanes }: FlashConfig): number => (tileQ / 4) * lanes;

/** Workgroup memory, array by array as the shader declares it. */
function workgroupBytes(config: FlashConfig, problem: AttentionProblem, stageQ: boolean): number {
  const { tileQ, tileKv, lanes } = config;
  const { headDim, headDimV, dtype } = problem;
  const queryTile = (stageQ ? tileQ * (vectorCapacity(headDim) | 1) : 1) * 4 * dtypeSizeBytes(dtype);
  const tile = (tileKv * (vectorCapacity(Math.max(headDim, headDimV)) | 1) + lanes) * 16;
  const weights = (tileQ / 4) * (tileKv + 1) * 16;
  const partials = invocations(config) * 16;
  // Arrays are aligned to 16 bytes.
  return Math.ceil(queryTile / 16) * 16 + tile + weights + partials;
}

/** Vectors of four that an invocation keeps of o. 16 are 64 registers; scores, weights and queries take as many again. */
const accumulators = ({ lanes }: FlashConfig, { headDimV }: AttentionProblem): number =>
  4 * ceilDiv(vectorCapacity(headDimV), lanes);

const MAX_ACCUMULATORS = 16;

function legal(config: FlashConfig, problem: AttentionProblem, { limits }: Capabilities): boolean {
  return (
    config.tileKv % config.lanes === 0 &&
    config.tileKv <= 8 * config.lanes &&
    accumulators(config, problem) <= MAX_ACCUMULATORS &&
    invocations(config) <= limits.maxComputeInvocationsPerWorkgroup &&
    workgroupBytes(config, problem, false) <= limits.maxComputeWorkgroupStorageSize
  );
}

/** Whether a tile's queries are kept in workgroup memory, rather than read again for every tile of keys. */
function stagesQueries(config: FlashConfig, problem: AttentionProblem, { limits }: Capabilities): boolean {
  return workgroupBytes(config, problem, true) <= limits.maxComputeWorkgroupStorageSize;
}

/** The larger the tile, the fewer times keys and values are read; the best first. */
const PREFERRED: readonly FlashConfig[] = [
  { tileQ: 64, tileKv: 32, lanes: 8 },
  { tileQ: 64, tileKv: 16, lanes: 8 },
  { tileQ: 32, tileKv: 16, lanes: 8 },
  { tileQ: 32, tileKv: 32, lanes: 16 },
  { tileQ: 32, tileKv: 16, lanes: 16 },
  { tileQ: 16, tileKv: 16, lanes: 16 },
];

function preferred(problem: AttentionProblem, caps: Capabilities): FlashConfig | undefined {
  return PREFERRED.find((config) => legal(config, problem, caps));
}

/** Workgroups that it takes to give every part of a large GPU something to do: an H100 has 132 multiprocessors. */
const ENOUGH_WORKGROUPS = 256;

function heuristic(problem: AttentionProblem, caps: Capabilities): FlashConfig {
  const config = preferred(problem, caps)!;
  let { tileQ } = config;
  const workgroups = (): number => problem.batch * problem.heads * ceilDiv(problem.seqLenQ, tileQ);
  const enough = caps.software ? 1 : ENOUGH_WORKGROUPS;
  if (problem.seqLenQ <= 16) tileQ = 16;
  while (tileQ > 16 && workgroups() < enough) tileQ /= 2;
  return { ...config, tileQ };
}

/** FlashAttention-2 out of workgroup memory and registers: no subgroups, no tensor cores, memory that does not grow. */
export const flash = defineKernel<AttentionProblem, FlashConfig>({
  name: 'attention/flash',
  parts,
  space: {
    tileQ: [16, 32, 64, 128],
    tileKv: [16, 32, 64],
    lanes: [4, 8, 16],
  },
  supports(problem, caps) {
    const why = whyNotInVectors(problem);
    if (why !== undefined) return why;
    if (preferred(problem, caps) === undefined) return 'the smallest tile does not fit into workgroup memory';
    return true;
  },
  legal,
  heuristic,
  plan(problem, config, caps) {
    const tiles = problem.batch * problem.heads * ceilDiv(problem.seqLenQ, config.tileQ);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'attention/flash',
          shader: {
            extensions: attentionExtensions(problem),
            aliases: { Elem: problem.dtype },
            constants: {
              TILE_Q: config.tileQ,
              TILE_KV: config.tileKv,
              LANES: config.lanes,
              HEAD_VECTORS: vectorCapacity(problem.headDim),
              VALUE_VECTORS: vectorCapacity(problem.headDimV),
              STAGE_Q: stagesQueries(config, problem, caps),
            },
            parts,
          },
          params: attentionParams(problem),
          bindings: attentionBindings,
          workgroups: foldWorkgroups(tiles, caps),
        },
      ],
    };
  },
});
