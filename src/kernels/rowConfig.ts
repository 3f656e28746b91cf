import type { Capabilities } from '../runtime/capabilities.ts';
import type { ShaderPart, ShaderSource } from '../wgsl/source.ts';
import { dtypeSizeBytes, type DType } from '../tensor.ts';
import { ceilDiv, powerOfTwo, type Config } from './define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from './invocationGroups.ts';
import { rowCache } from './lib.ts';
import { processorLanes } from './processor.ts';
import { serialLimit } from './rounding.ts';

// How kernels divide rows among invocations that go over them several times: once to reduce, once more for the result.

/** Tuning parameters of such a kernel. */
export interface RowConfig extends Config {
  /** Invocations that share a row, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange sums within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
  /** Whether they keep the row in registers instead of reading it again. */
  readonly kept: boolean;
}

/** Every WebGPU device has as many. */
const WORKGROUP_SIZE = 256;

const MAX_LANES = 512;

/** Numbers of an item, which an invocation loads at once. */
const QUAD = 4;

/** Items of a block. */
const BLOCK = 4;

export const ROW_SPACE = {
  lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256, MAX_LANES],
  subgroups: [false, true],
  kept: [false, true],
};

/** All parts that `rowShader` may use, for kernels' `parts`. */
export const everyRowPart: readonly ShaderPart[] = [
  ...Object.values(groupReduce),
  ...Object.values<ShaderPart>(rowCache),
];

const groupOf = ({ lanes, subgroups }: Pick<RowConfig, 'lanes' | 'subgroups'>): GroupConfig => ({
  workgroupSize: Math.max(WORKGROUP_SIZE, lanes),
  lanes,
  subgroups,
});

/** `ITEMS` in the shader; few values, so that few shaders serve all lengths. */
const itemsFor = (length: number, lanes: number): number => powerOfTwo(length / (QUAD * lanes));

/** @param maxItems items that the registers of an invocation have room for */
export function rowLegal(config: RowConfig, length: number, maxItems: number, caps: Capabilities): boolean {
  const { lanes, kept } = config;
  if (!groupReduceRuns(groupOf(config), caps)) return false;
  if (kept && itemsFor(length, lanes) > maxItems) return false;
  return serialSteps(config, length) <= serialLimit(length);
}

/** Additions that an invocation makes one after the other; items that are not kept it adds up in blocks, as in lib/rowCache/memory.wgsl. */
function serialSteps({ lanes, kept }: Pick<RowConfig, 'lanes' | 'kept'>, length: number): number {
  const items = ceilDiv(length, QUAD * lanes);
  return kept ? items : ceilDiv(items, BLOCK) + BLOCK;
}

/** `true`, or why no number of lanes would do. */
export function rowSupports(length: number): true | string {
  return (
    serialSteps({ lanes: WORKGROUP_SIZE, kept: false }, length) <= serialLimit(length) ||
    `one workgroup would add too many of the ${length} elements of a row one after the other`
  );
}

/** @param maxItems items that the registers of an invocation have room for */
export function rowHeuristic(length: number, dtype: DType, maxItems: number, caps: Capabilities): RowConfig {
  const most = caps.software
    ? processorLanes(length * dtypeSizeBytes(dtype), caps)
    : Math.min(MAX_LANES, caps.limits.maxComputeInvocationsPerWorkgroup);
  // Four loads in flight are enough; more lanes only where the row would not fit their registers.
  const wanted = Math.min(powerOfTwo(length / (QUAD * 4)), WORKGROUP_SIZE, most);
  const needed = powerOfTwo(length / (QUAD * maxItems));
  let lanes = Math.max(wanted, Math.min(needed, most));
  const isKept = (): boolean => itemsFor(length, lanes) <= maxItems;
  while (serialSteps({ lanes, kept: isKept() }, length) > serialLimit(length)) lanes *= 2;
  return {
    lanes,
    subgroups: groupReduceRuns(groupOf({ lanes, subgroups: true }), caps),
    kept: isKept(),
  };
}

/** What a shader needs of `groupReduce` and `rowCache`. */
export function rowShader(
  config: RowConfig,
  length: number,
  caps: Capabilities,
): Required<Pick<ShaderSource, 'extensions' | 'constants' | 'parts'>> {
  const { lanes, kept } = config;
  const group = groupReduceShader(groupOf(config), caps);
  return {
    extensions: group.extensions,
    constants: { ...group.constants, ...(kept && { ITEMS: itemsFor(length, lanes) }) },
    parts: [group.part, kept ? rowCache.registers : rowCache.memory],
  };
}

/** Workgroups for so many rows. */
export function rowWorkgroups(config: RowConfig, rows: number): number {
  return ceilDiv(rows * config.lanes, groupOf(config).workgroupSize);
}
