import { withOutermost } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32, vec4u, type Params } from '../../runtime/params.ts';
import { windowOf, type Binding, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { part, variants } from '../../wgsl/part.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups, type Range } from '../define.ts';
import { groupReduce, groupReduceShader } from '../invocationGroups.ts';
import { broadcast } from '../lib.ts';
import { stretchOf } from '../slicing.ts';
import { normTexts } from '../texts.ts';
import { paramsPart } from './params.ts';
import { outermostSize, type RowSlices } from './slicing.ts';

/** The declaration of `Params`. */
const sliceParamsPart = part(normTexts, 'norm/sliceParams');

/** `enterRow(row)` and `positionsOf(r)`; `grid` expects `broadcastOffset`. */
const rowPositions = variants(normTexts, 'lib/rowPositions', ['plain', 'grid']);

/** Parts that `slicePasses` adds, for kernels' `parts`. */
export const everySlicePart: readonly ShaderPart[] = [
  sliceParamsPart,
  broadcast,
  ...Object.values(rowPositions),
  ...Object.values(groupReduce),
];

/** What is the same in all passes over slices by one shader. */
export interface SlicePass {
  readonly label: string;
  /** What reads and writes elements. */
  readonly access: Required<ShaderSource>;
  /** The shader, and the operator that it reduces with. */
  readonly own: readonly ShaderPart[];
  /** What is bound of each slice: its elements, those of its channels, or all there is. */
  readonly bindings: readonly (readonly [Binding, 'elements' | 'channels' | 'all'])[];
}

/** The shader of a pass in which groups of invocations share rows. */
export function groupShader(
  { group }: RowSlices,
  shader: Partial<ShaderSource>,
  parts: readonly ShaderPart[],
  own: readonly ShaderPart[],
  caps: Capabilities,
): ShaderSource {
  const shared = groupReduceShader(group, caps);
  return {
    ...shader,
    extensions: [...(shader.extensions ?? []), ...shared.extensions],
    constants: { ...shader.constants, ...shared.constants },
    parts: [...parts, shared.part, ...own],
  };
}

/** Workgroups for so many parts of each row. */
export const groupWorkgroups = (
  { rows, group }: RowSlices,
  parts: number,
  caps: Capabilities,
): Pass['workgroups'] => foldWorkgroups(ceilDiv(rows * parts * group.lanes, group.workgroupSize), caps);

/** For each unit the passes over all its slices. */
export function slicePasses(
  problem: NormBackwardProblem,
  slices: RowSlices,
  caps: Capabilities,
  { label, access, own, bindings }: SlicePass,
): (unit: number) => Pass[] {
  const { dtype, groups, channels, spatial } = problem;
  const { units, rows, ranges, stride, perRow, isPlain, parts, partLength, round } = slices;
  const elementBytes = dtypeSizeBytes(dtype);
  const positions = isPlain ? [rowPositions.plain] : [broadcast, rowPositions.grid];
  const accessParts = [sliceParamsPart, ...access.parts.filter((one) => one !== paramsPart), ...positions];
  const shader = groupShader(slices, access, accessParts, own, caps);
  const workgroups = groupWorkgroups(slices, parts, caps);
  const size = outermostSize(slices);
  const stretch = (range: Range, all: number): ReturnType<typeof stretchOf> =>
    stretchOf(range, all, { blockBytes: [elementBytes] }, caps);
  return (unit) =>
    ranges.map(([begin, end], index): Pass => {
      const slice = withOutermost(slices.unit, end - begin);
      const [firstElement, endElement] = [begin * perRow, end * perRow];
      const ofGroup = (unit % groups) * channels;
      const firstChannel = ofGroup + Math.floor(firstElement / spatial);
      const own = stretch([firstChannel, ofGroup + ceilDiv(endElement, spatial)], groups * channels);
      const from = unit * size + begin;
      const elements = stretch([from * stride, (from + end - begin) * stride], units * size * stride);
      const params: Params = {
        rows: u32(rows),
        firstRow: u32(unit * rows),
        length: u32(endElement - firstElement),
        partLength: u32(partLength),
        parts: u32(parts),
        firstPart: u32(1 + (index % round) * parts),
        firstPosition: u32(from * stride - elements.first),
        firstElement: u32(firstElement % spatial),
        firstChannel: u32(firstChannel - own.first),
        spatial: u32(spatial),
        keptDims: vec4u(slice.keptDims),
        keptStrides: vec4u(slice.keptStrides),
        reducedDims: vec4u(slice.reducedDims),
        reducedStrides: vec4u(slice.reducedStrides),
      };
      const windows = { elements: elements.windows[0], channels: own.windows[0], all: undefined };
      const bound = bindings.map(([binding, what]) => {
        const window = windows[what];
        return window ? windowOf(binding, window.byteOffset, window.sizeBytes) : binding;
      });
      return { label, shader, params, bindings: bound, workgroups };
    });
}
