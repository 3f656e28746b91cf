import { gridSize, keptOutermost, withOutermost } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, windowOf, type Binding, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { cutAligned } from '../cut.ts';
import { ceilDiv, defineKernel, type Config, type Kernel, type Range } from '../define.ts';
import { embedPasses } from '../embedPasses.ts';
import { channelGradientsPass } from './channelGradients.ts';
import { channelSplit, channelSumsPass, type ChannelCut } from './channelSums.ts';
import { naive } from './naive.ts';
import { PAIR_BYTES } from './plan.ts';
import { row } from './row.ts';

const WITHIN: readonly Kernel<NormBackwardProblem>[] = [row, naive];

interface Sliced {
  /** Ranges of the outermost axis, whose rows have all channels. */
  readonly ranges: readonly Range[];
  readonly unitBytes: number;
  /** How the sums of a slice's channels are cut. */
  readonly cut: ChannelCut;
}

const partOf = (problem: NormBackwardProblem, [begin, end]: Range): NormBackwardProblem =>
  withOutermost(problem, (end - begin) * problem.groups);

/** Slices of whole rows that can be bound; or why there are none. */
function slicedOf(problem: NormBackwardProblem, caps: Capabilities): Sliced | string {
  const { keptDims, reducedDims, dtype, groups } = problem;
  const sizeBytes = gridSize(keptDims) * gridSize(reducedDims) * dtypeSizeBytes(dtype);
  if (sizeBytes <= caps.limits.maxStorageBufferBindingSize) return 'the tensor can be bound as a whole';
  const size = keptOutermost(problem, groups);
  const unitBytes = sizeBytes / size;
  const ranges = cutAligned(size, [unitBytes], caps);
  if (typeof ranges === 'string') return ranges;
  // As long as those of the whole would be, so that no sum gets longer.
  const { chunk } = channelSplit(problem);
  const { elements } = channelSplit(partOf(problem, ranges[0]!));
  return { ranges, unitBytes, cut: { chunk, split: ceilDiv(elements, chunk) } };
}

/** Tensors of more than can be bound: dx and sums of channels slice by slice, and then the sums of all slices together. */
export const slices = defineKernel<NormBackwardProblem, Config>({
  name: 'normBackward/slices',
  parts: WITHIN.flatMap(({ parts }) => parts),
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
    const { ranges, unitBytes, cut } = sliced;
    const largest = partOf(problem, ranges[0]!);
    const kernel = WITHIN.find((candidate) => candidate.supports(largest, caps) === true)!;
    const config = kernel.heuristic(largest, caps);
    const sumsBytes = problem.groups * problem.channels * cut.split * PAIR_BYTES;
    const passesOf = (range: Range, index: number): Pass[] => {
      const part = partOf(problem, range);
      const [first] = kernel.plan(part, config, caps).passes;
      const sums = channelSumsPass(part, caps, cut, { row: 0, element: 0, part: index * cut.split });
      const [begin, end] = range;
      const rows = (whole: Binding): Binding => windowOf(whole, begin * unitBytes, (end - begin) * unitBytes);
      const inputs = [rows(input(0)), rows(input(1)), input(2)];
      return embedPasses({ scratchBytes: [], passes: [first!, sums] }, inputs, [rows(output(0))], 0);
    };
    return {
      scratchBytes: [gridSize(largest.keptDims) * PAIR_BYTES, ranges.length * sumsBytes],
      passes: [...ranges.flatMap(passesOf), channelGradientsPass(problem, caps, ranges.length * cut.split)],
    };
  },
});
