import { gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32, vec4u } from '../../runtime/params.ts';
import { input, scratch, scratchInput, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { broadcast, workgroupIndex } from '../lib.ts';
import { hasPlainRows } from '../norm/params.ts';
import { part } from '../../wgsl/part.ts';
import { normBackwardTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(normBackwardTexts, 'normBackward/channelSums');
const parts = [workgroupIndex, broadcast, source];

/** Parts of the second pass, for kernels' `parts`. */
export const channelSumsParts: readonly ShaderPart[] = parts;

/** Parts that the elements of each channel are cut into; the last may be shorter, or empty. */
export interface ChannelCut {
  readonly split: number;
  readonly chunk: number;
}

/** How the elements of each channel are cut: into about as many parts as each has elements, so that no sum is long. */
export function channelSplit({
  keptDims,
  groups,
  spatial,
}: NormBackwardProblem): ChannelCut & { readonly elements: number } {
  const elements = (gridSize(keptDims) / groups) * spatial;
  const chunk = Math.max(1, Math.ceil(Math.sqrt(elements)));
  return { elements, chunk, split: Math.max(1, ceilDiv(elements, chunk)) };
}

/** Where a problem that is a part of another begins: in the rows' statistics, in what is bound of x and dy, among the parts of channels. */
interface ChannelPlace {
  readonly row: number;
  readonly element: number;
  readonly part: number;
}

/** The pass from rows' statistics in scratch 0 to partial sums of channels in scratch 1. */
export function channelSumsPass(
  problem: NormBackwardProblem,
  caps: Capabilities,
  { split, chunk }: ChannelCut,
  first: ChannelPlace = { row: 0, element: 0, part: 0 },
): Pass {
  const { dtype, groups, channels, spatial, keptDims, keptStrides, reducedDims, reducedStrides } = problem;
  const { elements } = channelSplit(problem);
  return {
    label: 'normBackward/channelSums',
    shader: {
      extensions: dtype === 'f16' ? ['f16'] : [],
      aliases: { Elem: dtype },
      constants: { PLAIN: hasPlainRows(problem), SPATIAL: spatial > 1 },
      parts,
    },
    params: {
      elements: u32(elements),
      split: u32(split),
      chunk: u32(chunk),
      groups: u32(groups),
      channels: u32(channels),
      spatial: u32(spatial),
      firstRow: u32(first.row),
      firstElement: u32(first.element),
      firstPart: u32(first.part),
      length: u32(gridSize(reducedDims)),
      keptDims: vec4u(keptDims),
      keptStrides: vec4u(keptStrides),
      reducedDims: vec4u(reducedDims),
      reducedStrides: vec4u(reducedStrides),
    },
    bindings: [input(0), input(1), scratchInput(0), scratch(1)],
    workgroups: foldWorkgroups(ceilDiv(groups * channels * split, WORKGROUP_SIZE), caps),
  };
}
