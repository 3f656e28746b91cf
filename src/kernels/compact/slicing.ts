import type { CompactProblem } from '../../reference/compact.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { boundRange, rangesOf } from '../cut.ts';
import type { CompactSlice } from './params.ts';

/** Slices of all elements, in whole tiles. */
export function compactSlices(
  { dtype, mask, length }: CompactProblem,
  all: CompactSlice,
  tile: number,
  caps: Capabilities,
): readonly CompactSlice[] {
  const maskBytes = dtypeSizeBytes(mask);
  const xBytes = dtype === undefined ? 0 : dtypeSizeBytes(dtype);
  const unitBytes = dtype === undefined ? [maskBytes] : [maskBytes, xBytes];
  return rangesOf(length, unitBytes, caps, tile).map((range) => ({
    range,
    mask: boundRange(all.mask, range, length, maskBytes).binding,
    x: all.x.map((x) => boundRange(x, range, length, xBytes).binding),
  }));
}
