import { UnsupportedError } from '../errors.ts';
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
  const { strides } = x.layout;
  const grid = batchGrid('a copy of a view', x.shape, [{ sizes: x.shape, strides }]);
  const problem = { dims: grid.dims, valid: grid.dims[3], strides: grid.strides[0]! };
  return { ...requestOf(x, to, problem), shapes: [x.shape], apart };
}

/**
 * A copy of a tensor or view of at least two axes, whose lines along the last axis are filled up with zeros.
 *
 * @param length of the lines then
 */
export function paddingRequest(x: Tensor, length: number): Request<ConvertProblem> {
  const rows = x.shape.slice(0, -1);
  const grid = batchGrid('a packed copy', rows, [{ sizes: rows, strides: x.layout.strides.slice(0, -1) }]);
  const [strides] = grid.strides;
  if (grid.dims[0] > 1) {
    throw new UnsupportedError('a view to be packed has more than three axes that lie apart', {
      shape: x.shape,
    });
  }
  const problem: Pick<ConvertProblem, 'dims' | 'valid' | 'strides'> = {
    dims: [grid.dims[1], grid.dims[2], grid.dims[3], length],
    valid: x.shape.at(-1)!,
    strides: [strides![1], strides![2], strides![3], x.layout.strides.at(-1)!],
  };
  return { ...requestOf(x, x.dtype, problem), shapes: [[...rows, length]] };
}

function requestOf(
  x: Tensor,
  to: DType,
  grid: Pick<ConvertProblem, 'dims' | 'valid' | 'strides'>,
): Omit<Request<ConvertProblem>, 'shapes'> {
  const { offset, elements } = x.layout;
  return {
    operation: convertOperation,
    problem: { from: x.dtype, to, offset, elements, ...grid },
    inputs: [x],
    choice: {},
    takesViews: true,
  };
}
