import { DTypeError, ShapeError } from '../errors.ts';
import { attentionBackwardOperation } from '../kernels/attentionBackward/index.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { ATTENTION_OPTIONS, attentionArguments } from './attentionArguments.ts';
import type { AttentionOptions } from './attentionOptions.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';

/**
 * The gradients of a loss by the operands of `attention(q, k, v, options)`, given that by its result, which has the result's
 * shape and type. Scores are made anew, so nothing of the forward pass has to be kept. Results are the same bits from
 * run to run. Masks, slopes and sinks take part, and get no gradients.
 *
 * @throws what `attention` throws; ShapeError, DTypeError for a gradient that does not fit the result.
 */
export function attentionBackward<D extends 'f32' | 'f16'>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  gradient: Tensor<NoInfer<D>>,
  options: AttentionOptions = {},
): { readonly dq: Tensor<D>; readonly dk: Tensor<D>; readonly dv: Tensor<D> } {
  checkOptions('attentionBackward', options, ATTENTION_OPTIONS);
  const { problem, inputs, release } = attentionArguments(q, k, v, options);
  try {
    const { shape } = attentionBackwardOperation.inputs(problem)[3]!;
    if (gradient.dtype !== q.dtype) {
      throw new DTypeError(`attentionBackward: gradient must be ${q.dtype}, as q, got ${gradient.dtype}`, {
        argument: 'gradient',
        got: gradient.dtype,
      });
    }
    if (formatShape(gradient.shape) !== formatShape(shape)) {
      throw new ShapeError(
        `attentionBackward: gradient must have the result's shape, ${formatShape(shape)}, got ${formatShape(gradient.shape)}`,
        { argument: 'gradient', got: gradient.shape, expected: shape },
      );
    }
    const [dq, dk, dv] = execute({
      operation: attentionBackwardOperation,
      problem,
      inputs: [q, k, v, gradient, ...inputs.slice(3)],
      shapes: attentionBackwardOperation.outputs(problem).map((output) => output.shape),
      choice: options,
    });
    return { dq: dq as Tensor<D>, dk: dk as Tensor<D>, dv: dv as Tensor<D> };
  } finally {
    release();
  }
}
