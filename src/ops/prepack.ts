import { ShapeError } from '../errors.ts';
import { formatShape, type DType, type Tensor } from '../tensor.ts';
import { paddingRequest } from './convertRequest.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

/** Elements that lines are filled up to a multiple of: of 16 bits, as many as a load takes. */
const STEP = 8;

export interface PrepackOptions extends KernelChoice {
  /** b is stored as [..., n, k]. Default: false. */
  readonly transposeB?: boolean | undefined;
}

/**
 * Operand b of products as kernels read it fastest, to be made once and used often: stored as [..., n, k], each line filled up
 * with zeros to a multiple of 8 elements, so that every line starts and ends where wide loads do. The result is a view to be
 * passed to `matmul` with `transposeB`.
 *
 * @example const w = prepack(b); matmul(a, w, { transposeB: true })
 * @throws ShapeError for a tensor of less than two axes
 */
export function prepack<D extends DType>(b: Tensor<D>, options: PrepackOptions = {}): Tensor<D> {
  checkOptions('prepack', options, ['transposeB'], { b });
  if (b.shape.length < 2) {
    throw new ShapeError(`prepack needs at least two axes, got b ${formatShape(b.shape)}`, { b: b.shape });
  }
  const lines = options.transposeB ? b : b.transpose();
  const k = lines.shape.at(-1)!;
  try {
    const request = paddingRequest(lines, Math.ceil(k / STEP) * STEP);
    const [packed] = execute({ ...request, choice: options }) as [Tensor<D>];
    const view = packed.padded(k);
    packed.dispose();
    return view;
  } finally {
    if (lines !== b) lines.dispose();
  }
}
