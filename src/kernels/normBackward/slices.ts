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
  /** Ranges of the outermost axis, whose rows have all channels, and of the groups of these: of one of the two alone if not of each one. */
  readonly ranges: readonly Range[];
  readonly groupRanges: readonly Range[];
  /** Of the rows of one group of an element of the outermost axis. */
  readonly rowBytes: number;
  /** How the sums of a slice's channels are cut. */
  readonly cut: ChannelCut;
}

const countOf = ([begin, end]: Range): number => end - begin;

const partOf = (problem: NormBackwardProblem, range: Range, groups: Range): NormBackwardProblem => ({
  ...withOutermost(problem, countOf(range) * countOf(groups)),
  groups: countOf(groups),
});

/** Slices of whole rows that can be bound; or why there are none. */
function slicedOf(problem: NormBackwardProblem, caps: Capabilities): Sliced | string {
  const { keptDims, reducedDims, dtype, groups, channels } = problem;
  const { maxStorageBufferBindingSize: limit, minStorageBufferOffsetAlignment: alignment } = caps.limits;
  const elementBytes = dtypeSizeBytes(dtype);
  const sizeBytes = gridSize(keptDims) * gridSize(reducedDims) * elementBytes;
  if (sizeBytes <= limit) return 'the tensor can be bound as a whole';
  const size = keptOutermost(problem, groups);
  const unitBytes = sizeBytes / size;
  const isWhole = unitBytes <= limit || groups === 1;
  if (!isWhole && size > 1 && unitBytes % alignment !== 0) return 'rows start where slices cannot';
  const ranges = isWhole ? cutAligned(size, [unitBytes], caps) : singles(size);
  if (typeof ranges === 'string') return ranges;
  // As long as those of the whole would be, so that no sum gets longer.
  const { chunk } = channelSplit(problem);
  const { elements } = channelSplit(partOf(problem, ranges[0]!, [0, groups]));
  const cut = { chunk, split: ceilDiv(elements, chunk) };
  const sumsBytes = channels * ranges.length * cut.split * PAIR_BYTES;
  const groupRanges = isWhole
    ? ([[0, groups]] as const)
    : cutAligned(groups, [unitBytes / groups, channels * elementBytes, sumsBytes], caps);
  if (typeof groupRanges === 'string') return groupRanges;
  return { ranges, groupRanges, rowBytes: unitBytes / groups, cut };
}

const singles = (size: number): readonly Range[] =>
  Array.from({ length: size }, (_, index) => [index, index + 1]);

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
    const { ranges, groupRanges, rowBytes, cut } = sliced;
    const largest = partOf(problem, ranges[0]!, groupRanges[0]!);
    const kernel = WITHIN.find((candidate) => candidate.supports(largest, caps) === true)!;
    const config = kernel.heuristic(largest, caps);
    const channelBytes = problem.channels * dtypeSizeBytes(problem.dtype);
    const passesOf = (groups: Range): Pass[] => {
      const ofGroups = (binding: Binding): Binding =>
        groupRanges.length === 1
          ? binding
          : windowOf(binding, groups[0] * channelBytes, countOf(groups) * channelBytes);
      const rowsOf = (range: Range, index: number): Pass[] => {
        const part = partOf(problem, range, groups);
        const [first] = kernel.plan(part, config, caps).passes;
        const sums = channelSumsPass(part, caps, cut, { row: 0, element: 0, part: index * cut.split });
        const rows = (binding: Binding): Binding =>
          windowOf(
            binding,
            (range[0] * problem.groups + groups[0]) * rowBytes,
            countOf(range) * countOf(groups) * rowBytes,
          );
        const inputs = [rows(input(0)), rows(input(1)), ofGroups(input(2))];
        return embedPasses({ scratchBytes: [], passes: [first!, sums] }, inputs, [rows(output(0))], 0);
      };
      const gradients = channelGradientsPass(
        { ...problem, groups: countOf(groups) },
        caps,
        ranges.length * cut.split,
      );
      const outputs = [output(0), ofGroups(output(1)), ofGroups(output(2))];
      return [
        ...ranges.flatMap(rowsOf),
        ...embedPasses({ scratchBytes: [], passes: [gradients] }, [], outputs, 0),
      ];
    };
    return {
      scratchBytes: [
        gridSize(largest.keptDims) * PAIR_BYTES,
        ranges.length * largest.groups * problem.channels * cut.split * PAIR_BYTES,
      ],
      passes: groupRanges.flatMap(passesOf),
    };
  },
});
