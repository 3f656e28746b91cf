import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32, type Params } from '../../runtime/params.ts';
import {
  input,
  output,
  scratch,
  scratchInput,
  windowOf,
  type Binding,
  type Pass,
} from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { cutAligned } from '../cut.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config, type Range } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { serialLimit } from '../rounding.ts';
import { usefulSplit } from '../usefulSplit.ts';
import { everyQuadPart, loadShader, QUAD, storeParts } from './params.ts';
import { sliceParamsPart } from './sliceParams.ts';
import { sliceResultPart } from './sliceResult.ts';
import { sliceStatesPart, STATE_BYTES } from './sliceStates.ts';
import { sliceTotalsPart, TOTALS_WORKGROUP_SIZE } from './sliceTotals.ts';
import { reduceSoftmax, softmaxQuad } from './snippets.ts';

/** Parts of a slice: enough to keep a GPU busy with few columns, few enough to be combined one after the other. */
const MOST_PARTS = 256;

const MOST_COLUMNS = 64;

interface Sliced {
  /** Of the rows. */
  readonly ranges: readonly Range[];
  /** Of each slice, and the rows of each. */
  readonly parts: number;
  readonly partLength: number;
}

/** How the columns are cut; or why they are not. */
function slicedOf({ outer, length, inner, dtype }: SoftmaxProblem, caps: Capabilities): Sliced | string {
  const limit = caps.limits.maxStorageBufferBindingSize;
  const rowBytes = inner * dtypeSizeBytes(dtype);
  if (outer * length * rowBytes <= limit) return 'the tensor can be bound as a whole';
  if (inner === 1) return 'the elements of a row are neighbours';
  if (outer > 1) return 'columns start where slices cannot';
  const ranges = cutAligned(length, [rowBytes], caps);
  if (typeof ranges === 'string') return ranges;
  const longest = ranges[0]![1];
  const most = Math.min(
    MOST_PARTS,
    Math.floor(limit / (STATE_BYTES * inner * ranges.length)),
    // The parts of all slices are combined one after the other: half of what may be, since those of a part are too.
    Math.floor(serialLimit(length) / (2 * ranges.length)),
  );
  if (most < 1) return 'the states of all slices might not fit one binding';
  const spans = ceilDiv(inner, QUAD);
  const useful = usefulSplit(caps, spans, (longest * rowBytes) / spans);
  const parts = Math.min(most, longest, useful);
  return { ranges, parts, partLength: ceilDiv(longest, parts) };
}

/** Columns that are longer than can be bound: maximum and sum of all slices' parts, of every column, and the results of each slice. */
export const slices = defineKernel<SoftmaxProblem, Config>({
  name: 'softmax/slices',
  parts: [
    ...everyQuadPart,
    reduceSoftmax,
    softmaxQuad,
    sliceParamsPart,
    sliceStatesPart,
    sliceTotalsPart,
    sliceResultPart,
  ],
  space: {},
  supports(problem, caps) {
    const sliced = slicedOf(problem, caps);
    return typeof sliced === 'string' ? sliced : true;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const sliced = slicedOf(problem, caps);
    if (typeof sliced === 'string') throw new RangeError(sliced);
    const { ranges, parts, partLength } = sliced;
    const { inner } = problem;
    const rowBytes = inner * dtypeSizeBytes(problem.dtype);
    const columns = Math.min(MOST_COLUMNS, powerOfTwo(inner / QUAD));
    // Drivers that run on a processor load elements one by one, fastest where neighbouring invocations load neighbours.
    const access = caps.software ? 'scalar' : undefined;
    const load = loadShader(problem, access);
    const shader = { ...load, constants: { COLUMNS: columns } };
    const workgroups = foldWorkgroups(ceilDiv(inner, columns * QUAD) * parts, caps);
    const paramsOf = ([begin, end]: Range, index: number): Params => ({
      length: u32(end - begin),
      partLength: u32(partLength),
      parts: u32(parts),
      inner: u32(inner),
      firstPart: u32(index * parts),
      allParts: u32(ranges.length * parts),
    });
    const slice = (binding: Binding, [begin, end]: Range): Binding =>
      windowOf(binding, begin * rowBytes, (end - begin) * rowBytes);
    const statesOf = (range: Range, index: number): Pass => ({
      label: 'softmax/sliceStates',
      shader: { ...shader, parts: [sliceParamsPart, ...load.parts, softmaxQuad, sliceStatesPart] },
      params: paramsOf(range, index),
      bindings: [slice(input(0), range), scratch(0)],
      workgroups,
    });
    const totals: Pass = {
      label: 'softmax/sliceTotals',
      shader: { parts: [sliceParamsPart, workgroupIndex, reduceSoftmax, sliceTotalsPart] },
      params: paramsOf(ranges[0]!, 0),
      bindings: [scratchInput(0), scratch(1)],
      workgroups: foldWorkgroups(ceilDiv(inner, TOTALS_WORKGROUP_SIZE), caps),
    };
    const resultOf = (range: Range, index: number): Pass => ({
      label: 'softmax/sliceResult',
      shader: {
        ...shader,
        parts: [sliceParamsPart, ...load.parts, ...storeParts(problem, access), sliceResultPart],
      },
      params: paramsOf(range, index),
      bindings: [slice(input(0), range), slice(output(0), range), scratchInput(1)],
      workgroups,
    });
    return {
      scratchBytes: [ranges.length * parts * inner * STATE_BYTES, inner * STATE_BYTES],
      passes: [...ranges.map(statesOf), totals, ...ranges.map(resultOf)],
    };
  },
});
