// How sums for channels are made of rows that are cut: some channels at a time, from whatever of them can be bound at once.
import { withOutermost } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, windowOf, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { evenLength } from '../cut.ts';
import { ceilDiv, type Range } from '../define.ts';
import { embedPasses } from '../embedPasses.ts';
import { outermostSize, type RowSlices } from '../norm/slicing.ts';
import { stretchOf } from '../slicing.ts';
import { channelGradientsPass } from './channelGradients.ts';
import { channelSplit, channelSumsPass, type ChannelCut } from './channelSums.ts';
import { PAIR_BYTES } from './plan.ts';

/** Stretches of a unit's outermost axis, of which `spatial` elements are of one channel, or each of several. */
export interface ChannelSlices {
  /** Of whole channels, whose gradients are made together. */
  readonly ranges: readonly Range[];
  /** Elements that are bound at a time: all of a range, unless it is one channel that is too long. */
  readonly piece: number;
  /** Pieces of all units that have the same channels. */
  readonly pieces: number;
  /** How the sums of a piece's channels are cut. */
  readonly cut: ChannelCut;
  readonly sumsBytes: number;
}

/** How channels are cut; or why they are not. */
export function channelSlicesOf(
  problem: NormBackwardProblem,
  slices: RowSlices,
  { limits }: Capabilities,
): ChannelSlices | string {
  const limit = limits.maxStorageBufferBindingSize;
  const { groups, spatial } = problem;
  const { units, rows, perRow, bindable } = slices;
  const fitting = Math.min(spatial, bindable);
  const pieces = (units / groups) * ceilDiv(spatial, fitting);
  const { chunk } = channelSplit(problem);
  const split = ceilDiv(rows * fitting, chunk);
  const channelBytes = perRow * pieces * split * PAIR_BYTES;
  if (channelBytes > limit) return 'the sums of all slices might not fit one binding';
  const size = outermostSize(slices) / spatial;
  const count = Math.min(Math.floor(bindable / fitting), Math.floor(limit / channelBytes));
  const each = fitting < spatial ? 1 : evenLength(size, count, 1);
  const ranges = Array.from({ length: ceilDiv(size, each) }, (_, index): Range => [
    index * each * spatial,
    Math.min(size, (index + 1) * each) * spatial,
  ]);
  const cut = { chunk, split };
  return { ranges, piece: each * fitting, pieces, cut, sumsBytes: each * channelBytes };
}

/** The passes from totals of all rows in scratch 0 to dScale and dBias. */
export function channelPasses(
  problem: NormBackwardProblem,
  slices: RowSlices,
  { ranges, piece, pieces, cut }: ChannelSlices,
  caps: Capabilities,
): Pass[] {
  const { dtype, groups, channels, spatial } = problem;
  const { unit, units, rows, stride, perRow } = slices;
  const elementBytes = dtypeSizeBytes(dtype);
  const size = outermostSize(slices);
  const stretch = (range: Range, elements: number): ReturnType<typeof stretchOf> =>
    stretchOf(range, elements, { blockBytes: [elementBytes] }, caps);
  const partOf = ([begin, end]: Range): NormBackwardProblem => ({
    ...withOutermost(unit, end - begin),
    groups: 1,
    channels: ceilDiv(end - begin, spatial) * perRow,
    spatial: Math.min(spatial, end - begin),
  });
  const sumsOf = (of: number, [begin, end]: Range, part: number): Pass[] => {
    const from = of * size + begin;
    const { first, windows } = stretch([from * stride, (from + end - begin) * stride], units * size * stride);
    const inputs = [input(0), input(1)].map((whole) =>
      windowOf(whole, windows[0]!.byteOffset, windows[0]!.sizeBytes),
    );
    const place = { row: of * rows, element: from * stride - first, part: part * cut.split };
    const pass = channelSumsPass(partOf([begin, end]), caps, cut, place);
    return embedPasses({ scratchBytes: [], passes: [pass] }, inputs, [], 0);
  };
  const gradientsOf = (group: number, range: Range): Pass[] => {
    const whole = partOf(range);
    const from = group * channels + (range[0] / spatial) * perRow;
    const { first, windows } = stretch([from, from + whole.channels], groups * channels);
    const outputs = [output(0), output(1), output(2)].map((binding) =>
      windowOf(binding, windows[0]!.byteOffset, windows[0]!.sizeBytes),
    );
    const pass = channelGradientsPass(whole, caps, pieces * cut.split, from - first);
    return embedPasses({ scratchBytes: [], passes: [pass] }, [], outputs, 0);
  };
  const piecesOf = ([begin, end]: Range): Range[] =>
    Array.from({ length: ceilDiv(end - begin, piece) }, (_, index) => [
      begin + index * piece,
      Math.min(end, begin + (index + 1) * piece),
    ]);
  return Array.from({ length: groups }, (_, group) => group).flatMap((group) =>
    ranges.flatMap((range) => {
      const all = Array.from({ length: units / groups }, (_, index) => index * groups + group).flatMap((of) =>
        piecesOf(range).map((own) => [of, own] as const),
      );
      return [...all.flatMap(([of, own], part) => sumsOf(of, own, part)), ...gradientsOf(group, range)];
    }),
  );
}
