import { gridSize } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { f32, u32, type Params } from '../../runtime/params.ts';
import { at, windowOf, type Binding, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { part } from '../../wgsl/part.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups, type Range } from '../define.ts';
import { groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { normTexts } from '../texts.ts';
import { accessBindings, accessShader, paramsPart, QUAD } from './params.ts';
import { normItem, rowMoments } from './snippets.ts';

/** The declaration of `Params`. */
export const sliceParamsPart = part(normTexts, 'norm/sliceParams');

/** Every WebGPU device has as many invocations in a workgroup. */
const WORKGROUP_SIZE = 256;

/** Of a part's statistics, in both shaders. */
const STATISTICS_BINDING = 7;

/** How rows are cut. */
export interface Sliced {
  /** Of the elements of a row. */
  readonly ranges: readonly Range[];
  /** Of each slice, and the elements of each. */
  readonly parts: number;
  readonly partLength: number;
  /** Whether scale and bias are longer than can be bound too, and cut along with the row. */
  readonly cutChannels: boolean;
}

/** Barriers are what a processor is slow at; within a subgroup there are none. */
function groupFor(caps: Capabilities): GroupConfig {
  const lanes = caps.software ? (caps.subgroups?.minSize ?? 8) : WORKGROUP_SIZE;
  const group = { workgroupSize: WORKGROUP_SIZE, lanes, subgroups: true };
  return { ...group, subgroups: groupReduceRuns(group, caps) };
}

/** For each row the passes of all its slices by one shader, which is `own` and what it expects. */
export function slicePasses(
  problem: NormProblem,
  { ranges, parts, partLength, cutChannels }: Sliced,
  caps: Capabilities,
  {
    label,
    own,
    statistics,
  }: { readonly label: string; readonly own: ShaderPart; readonly statistics: Binding },
): (row: number) => Pass[] {
  const { reducedDims, dtype, groups, channels, spatial, epsilon } = problem;
  const length = gridSize(reducedDims);
  const elementBytes = dtypeSizeBytes(dtype);
  const access = accessShader(problem, length % QUAD === 0 ? 'aligned' : 'scalar');
  const group = groupFor(caps);
  const shared = groupReduceShader(group, caps);
  const accessParts = access.parts.filter((one) => one !== paramsPart);
  const shader = {
    ...access,
    extensions: [...access.extensions, ...shared.extensions],
    constants: { ...access.constants, ...shared.constants },
    parts: [sliceParamsPart, ...accessParts, shared.part, reduce.sum, normItem, rowMoments.read, own],
  };
  const workgroups = foldWorkgroups(ceilDiv(parts * group.lanes, group.workgroupSize), caps);
  return (row) =>
    ranges.map(([begin, end], index): Pass => {
      const firstChannel = (row % groups) * channels;
      const params: Params = {
        length: u32(end - begin),
        partLength: u32(partLength),
        parts: u32(parts),
        firstPart: u32(index * parts),
        allParts: u32(ranges.length * parts),
        rowLength: u32(length),
        firstElement: u32(cutChannels ? 0 : begin),
        firstChannel: u32(cutChannels ? 0 : firstChannel),
        spatial: u32(spatial),
        epsilon: f32(epsilon),
      };
      const slice = (binding: Binding, first: number): Binding =>
        windowOf(binding, (first + begin) * elementBytes, (end - begin) * elementBytes);
      const bindings = accessBindings(problem).map((binding, place) => {
        // Scale and bias come third and fourth, or what stands in for them.
        const isChannels = (place === 2 || place === 3) && binding.index > 0;
        if (!isChannels) return slice(binding, row * length);
        return cutChannels ? slice(binding, firstChannel) : binding;
      });
      return {
        label,
        shader,
        params,
        bindings: [...bindings, at(STATISTICS_BINDING, statistics)],
        workgroups,
      };
    });
}
