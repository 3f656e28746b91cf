import { convertOperation } from '../kernels/convert/index.ts';
import type { ConvertProblem } from '../reference/convert.ts';
import type { DType, Tensor } from '../tensor.ts';
import { batchGrid } from './batchGrid.ts';
import type { Request } from './request.ts';

/**
 * A copy of a tensor or view in another type or the same, without gaps.
 *
 * @param apart tensors in whose buffers the copy must not be
 */
export function convertRequest(x: Tensor, to: DType, apart?: readonly Tensor[]): Request<ConvertProblem> {
  const { offset, elements, strides } = x.layout;
  const grid = batchGrid('a copy of a view', x.shape, [{ sizes: x.shape, strides }]);
  return {
    operation: convertOperation,
    problem: {
      from: x.dtype,
      to,
      offset,
      elements,
      dims: grid.dims,
      valid: grid.dims[3],
      strides: grid.strides[0]!,
    },
    inputs: [x],
    shapes: [x.shape],
    choice: {},
    takesViews: true,
    apart,
  };
}
