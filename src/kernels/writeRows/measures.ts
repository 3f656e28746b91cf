import { QUANT_BLOCK } from '../../reference/attention.ts';
import type { WriteRowsProblem } from '../../reference/writeRows.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { OwnMeasures } from '../define.ts';

export const writeRowsMeasures: OwnMeasures<WriteRowsProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ headDim }) => `${headDim}`,
  flops: ({ batch, heads, seqLen, rotary }) => batch * heads * seqLen * (rotary ? 3 * rotary.dim : 0),
  /** Of a cache no more than the rows that are written. */
  bytes(problem, contract) {
    const { batch, heads, seqLen, headDim, dtype, quantised } = problem;
    const written =
      batch * heads * seqLen * headDim * (quantised ? 1 + 4 / QUANT_BLOCK : dtypeSizeBytes(dtype));
    return bytesOf(contract.inputs(problem), dtypeSizeBytes) + written;
  },
};
