import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { LARGEST_FLASH_HEAD, vectorCapacity, whyNotInVectors } from './contract.ts';
import { onePassPlan } from './onePass.ts';
import { featureParts, quadReads } from './score.ts';
import { queryVector } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

type FlashConfig = {
  /** Rows of o that a workgroup makes. */
  readonly tileQ: number;
  /** Keys whose scores are made at once. */
  readonly tileKv: number;
  /** Invocations that share the rows that each of them works on. */
  readonly lanes: number;
};

/** Rows that an invocation works on; `THREAD_Q` in the shader. */
const THREAD_Q = 8;

const parts: readonly ShaderPart[] = [workgroupIndex, part(attentionTexts, 'attention/flash')];

const invocations = ({ tileQ, lanes }: FlashConfig): number => (tileQ / THREAD_Q) * lanes;

/** Workgroup memory, array by array as the shader declares it. */
function workgroupBytes(config: FlashConfig, problem: AttentionProblem, stageQ: boolean): number {
  const { tileQ, tileKv, lanes } = config;
  const { headDim, headDimV, dtype } = problem;
  const queryTile = (stageQ ? tileQ * (vectorCapacity(headDim) | 1) : 1) * 4 * dtypeSizeBytes(dtype);
  const tile = (tileKv * (vectorCapacity(Math.max(headDim, headDimV)) | 1) + lanes) * 16;
  const weights = (tileQ / 4) * (tileKv + 1) * 16;
  const partials = (THREAD_Q / 4) * invocations(config) * 16;
  // Arrays are aligned to 16 bytes.
  return Math.ceil(queryTile / 16) * 16 + tile + weights + partials;
}

/** Vectors of four that an invocation keeps of o, each in four registers. */
const accumulators = ({ lanes }: FlashConfig, { headDimV }: AttentionProblem): number =>
  THREAD_Q * ceilDiv(vectorCapacity(headDimV), lanes);

/** 128 registers, which leaves as many for scores, queries and addresses on GPUs that have 255 for an invocation. */
const MAX_ACCUMULATORS = 32;

/** Scores of four rows that an invocation keeps, at most, for each block of them. */
const MAX_KEYS = 4;

function legal(config: FlashConfig, problem: AttentionProblem, { limits }: Capabilities): boolean {
  return (
    config.tileKv % config.lanes === 0 &&
    config.tileKv / config.lanes <= MAX_KEYS &&
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
  { tileQ: 64, tileKv: 32, lanes: 16 },
  { tileQ: 64, tileKv: 16, lanes: 8 },
  { tileQ: 64, tileKv: 16, lanes: 16 },
  { tileQ: 32, tileKv: 16, lanes: 16 },
];

/**
 * Accumulators that leave a GPU room for several workgroups a multiprocessor. A processor that plays the GPU keeps
 * registers in memory, but gains from every load that it does not repeat.
 */
const COMFORTABLE_ACCUMULATORS = { hardware: 16, software: MAX_ACCUMULATORS } as const;

function preferred(problem: AttentionProblem, caps: Capabilities): FlashConfig | undefined {
  const fitting = PREFERRED.filter((config) => legal(config, problem, caps));
  const comfortable = COMFORTABLE_ACCUMULATORS[caps.software ? 'software' : 'hardware'];
  return fitting.find((config) => accumulators(config, problem) <= comfortable) ?? fitting[0];
}

/** Workgroups that it takes to give every part of a large GPU something to do: an H100 has 132 multiprocessors. */
const ENOUGH_WORKGROUPS = 256;

function heuristic(problem: AttentionProblem, caps: Capabilities): FlashConfig {
  const config = preferred(problem, caps)!;
  const workgroups = problem.batch * problem.heads * ceilDiv(problem.seqLenQ, config.tileQ);
  const few = problem.seqLenQ <= 32 || (!caps.software && workgroups < ENOUGH_WORKGROUPS);
  return few ? { ...config, tileQ: 32 } : config;
}

/** FlashAttention-2 out of workgroup memory and registers: no subgroups, no tensor cores, memory that does not grow. */
export const flash = defineKernel<AttentionProblem, FlashConfig>({
  name: 'attention/flash',
  parts: [...featureParts, ...Object.values(queryVector), ...parts],
  space: {
    tileQ: [32, 64, 128],
    tileKv: [16, 32, 64],
    lanes: [8, 16],
  },
  supports(problem, caps) {
    const why = whyNotInVectors(problem, LARGEST_FLASH_HEAD);
    if (why !== undefined) return why;
    if (preferred(problem, caps) === undefined) return 'the smallest tile does not fit into workgroup memory';
    return true;
  },
  legal,
  heuristic,
  plan(problem, config, caps) {
    const reads = quadReads(problem, caps);
    return onePassPlan(problem, caps, {
      label: 'attention/flash',
      reads,
      width: 4,
      constants: {
        TILE_Q: config.tileQ,
        TILE_KV: config.tileKv,
        LANES: config.lanes,
        HEAD_VECTORS: vectorCapacity(problem.headDim),
        VALUE_VECTORS: vectorCapacity(problem.headDimV),
        STAGE_Q: stagesQueries(config, problem, caps),
      },
      parts: [queryVector[reads], ...parts],
      tiles: problem.batch * problem.heads * ceilDiv(problem.seqLenQ, config.tileQ),
    });
  },
});
