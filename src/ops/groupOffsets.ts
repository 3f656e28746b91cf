import { DTypeError, ShapeError } from '../errors.ts';
import { formatShape, Tensor } from '../tensor.ts';
import { checkOffsets } from './offsets.ts';
import { isQuantizedTensor } from './isQuantizedTensor.ts';
import { checkNumbers, checkTensor } from './options.ts';
import type { QuantizedTensor } from './quantizedTensor.ts';

/** The offsets of groups as a tensor. */
export function groupOffsets(
  a: Tensor,
  b: Tensor | QuantizedTensor,
  offsets: Tensor<'u32'> | readonly number[],
  temporaries: Tensor[],
): Tensor {
  checkTensor('groupedMatmul', 'a', a);
  if (!isQuantizedTensor(b)) checkTensor('groupedMatmul', 'b', b);
  checkNumbers('groupedMatmul', 'offsets', offsets);
  if (a.shape.length !== 2 || b.shape.length !== 3) {
    throw new ShapeError(
      `groupedMatmul takes a [m, k] and b [groups, k, n], got a ${formatShape(a.shape)} and b ${formatShape(b.shape)}`,
      { a: a.shape, b: b.shape },
    );
  }
  const [m] = a.shape as [number, number];
  const count = b.shape[0]! + 1;
  const length = offsets instanceof Tensor ? offsets.size : offsets.length;
  if (length !== count || (offsets instanceof Tensor && offsets.shape.length !== 1)) {
    const got = offsets instanceof Tensor ? formatShape(offsets.shape) : `${length} numbers`;
    throw new ShapeError(
      `groupedMatmul: offsets must have shape [${count}], one more than groups; got ${got}`,
      {
        got: length,
        expected: count,
      },
    );
  }
  if (offsets instanceof Tensor) {
    if (offsets.dtype === 'u32') return offsets;
    throw new DTypeError(`groupedMatmul: offsets must be u32, got ${String(offsets.dtype)}`, {
      got: offsets.dtype,
    });
  }
  checkOffsets('groupedMatmul', 'offsets', offsets, { size: m, axis: 'the rows of a' });
  const tensor = a.device.tensor(offsets, [count], 'u32');
  temporaries.push(tensor);
  return tensor;
}
