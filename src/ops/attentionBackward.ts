import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { attentionBackwardOperation } from '../kernels/attentionBackward/index.ts';
import { formatShape, sameShape, type DType, type Tensor, type TensorSpec } from '../tensor.ts';
import { ATTENTION_OPTIONS, attentionArguments } from './attentionArguments.ts';
import type { AttentionOptions } from './attentionOptions.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';

export interface AttentionBackwardOptions<D extends DType = DType> extends AttentionOptions {
  /**
   * What `attentionWithLogSumExp(q, k, v, options)` gave, with the same options: both, or neither. The backward pass then does not
   * walk over the keys for them once more.
   */
  readonly output?: Tensor<D> | undefined;
  readonly logSumExp?: Tensor<'f32'> | undefined;
}

const OPTIONS = [...ATTENTION_OPTIONS, 'output', 'logSumExp'] as const;

/**
 * The gradients of a loss by the operands of `attention(q, k, v, options)`, given that by its result, which has the result's
 * shape and type. Scores are made anew, so nothing of the forward pass has to be kept; its results may be given, which saves
 * time. Results are the same bits from run to run. Masks, slopes and sinks take part, and get no gradients.
 *
 * @example
 * const { output, logSumExp } = attentionWithLogSumExp(q, k, v, { causal: true });
 * const { dq, dk, dv } = attentionBackward(q, k, v, gradient, { causal: true, output, logSumExp });
 * @throws what `attention` throws; ShapeError, DTypeError for a gradient, an output or a logSumExp that does not fit;
 * ArgumentError for one of the last two without the other.
 */
export function attentionBackward<D extends 'f32' | 'f16'>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  gradient: Tensor<NoInfer<D>>,
  options: AttentionBackwardOptions<NoInfer<D>> = {},
): { readonly dq: Tensor<D>; readonly dk: Tensor<D>; readonly dv: Tensor<D> } {
  checkOptions('attentionBackward', options, OPTIONS, { q, k, v, gradient });
  const { output, logSumExp } = options;
  if ((output === undefined) !== (logSumExp === undefined)) {
    const [given, missing] = output ? ['output', 'logSumExp'] : ['logSumExp', 'output'];
    throw new ArgumentError(`attentionBackward: ${given} is given, but not ${missing}`, {
      argument: missing,
    });
  }
  const forward = output && logSumExp ? { output, logSumExp } : undefined;
  const { problem: attended, inputs, release } = attentionArguments(q, k, v, options);
  try {
    const problem = { ...attended, ...(forward && { forward: true }) };
    const results = { gradient, ...forward };
    const specs = attentionBackwardOperation.inputs(problem).slice(3);
    for (const [index, [name, tensor]] of Object.entries<Tensor>(results).entries())
      checkResult(name, tensor, specs[index]!);
    const [dq, dk, dv] = execute({
      operation: attentionBackwardOperation,
      problem,
      inputs: [q, k, v, ...Object.values<Tensor>(results), ...inputs.slice(3)],
      choice: options,
    });
    return { dq: dq as Tensor<D>, dk: dk as Tensor<D>, dv: dv as Tensor<D> };
  } finally {
    release();
  }
}

/** What lies as a result of the forward pass does. */
function checkResult(argument: string, tensor: Tensor, { shape, dtype }: TensorSpec): void {
  if (tensor.dtype !== dtype) {
    throw new DTypeError(
      `attentionBackward: ${argument} must be ${dtype}${argument === 'logSumExp' ? '' : ', as q'}, got ${tensor.dtype}`,
      { argument, got: tensor.dtype, expected: dtype },
    );
  }
  if (!sameShape(tensor.shape, shape)) {
    const whose = argument === 'gradient' ? "the result's" : "the forward pass's";
    throw new ShapeError(
      `attentionBackward: ${argument} must have ${whose} shape, ${formatShape(shape)}, got ${formatShape(tensor.shape)}`,
      { argument, got: tensor.shape, expected: shape },
    );
  }
}
