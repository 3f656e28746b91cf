import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { attentionOperation } from '../kernels/attention/index.ts';
import type { AttentionProblem, Causality } from '../reference/attention.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { Request } from './request.ts';
import type { KernelChoice } from './select.ts';

export interface AttentionOptions extends KernelChoice {
  /**
   * Query i sees the keys up to a diagonal only. `upper-left`: keys 0 to i, as `is_causal` in PyTorch and ONNX.
   * `lower-right`: the last query sees all keys, as with a cache of earlier keys. Where there are as many queries as keys
   * both are the same, and `true` says so. Default: false, every query sees every key.
   */
  readonly causal?: boolean | 'upper-left' | 'lower-right' | undefined;
  /** Multiplies the scores. Default: `1 / sqrt(headDim)`. */
  readonly scale?: number | undefined;
}

/**
 * Scaled dot-product attention `softmax(scale * q k^T) v` of q [batch, heads, seqLenQ, headDim],
 * k [batch, kvHeads, seqLenKv, headDim] and v [batch, kvHeads, seqLenKv, headDimV], giving
 * [batch, heads, seqLenQ, headDimV]. `heads` is a multiple of `kvHeads`: each head of k and v serves a group of
 * neighbouring heads of q. f32 or f16, both computed in f32. A query that sees no key gives exact zeros.
 *
 * @example attention(q, k, v, { causal: 'lower-right' })
 * @throws ShapeError when an operand has not four axes, or sizes do not fit each other.
 * @throws DTypeError when the operands are not all f32 or all f16.
 * @throws ArgumentError for `causal: true` where there are not as many queries as keys, or a scale that is not finite.
 */
export function attention<D extends 'f32' | 'f16'>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  options: AttentionOptions = {},
): Tensor<D> {
  return execute(attentionRequest(q, k, v, options))[0] as Tensor<D>;
}

const OPTIONS = ['causal', 'scale'] as const;

function attentionRequest(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
): Request<AttentionProblem> {
  checkOptions('attention', options, OPTIONS);
  const { dtype } = q;
  if ((dtype !== 'f32' && dtype !== 'f16') || k.dtype !== dtype || v.dtype !== dtype) {
    const got = [q.dtype, k.dtype, v.dtype];
    throw new DTypeError(`attention takes q, k and v that are all f32 or all f16, got ${got.join(', ')}`, {
      got,
    });
  }
  const [batch, heads, seqLenQ, headDim] = fourAxes('q', q, '[batch, heads, seqLenQ, headDim]');
  const [, kvHeads, seqLenKv] = fourAxes('k', k, '[batch, kvHeads, seqLenKv, headDim]');
  const headDimV = fourAxes('v', v, '[batch, kvHeads, seqLenKv, headDimV]')[3];
  expectShape('k', k, [batch, kvHeads, seqLenKv, headDim], `to go with q ${formatShape(q.shape)}`);
  expectShape('v', v, [batch, kvHeads, seqLenKv, headDimV], `to go with k ${formatShape(k.shape)}`);
  if (headDim === 0) {
    throw new ShapeError(`attention: headDim must be at least 1, got q ${formatShape(q.shape)}`, {
      got: q.shape,
    });
  }
  if (heads !== 0 && (kvHeads === 0 || heads % kvHeads !== 0)) {
    throw new ShapeError(
      `attention: the heads of q must be a multiple of the heads of k and v, got ${heads} and ${kvHeads}`,
      { heads, kvHeads },
    );
  }
  return {
    operation: attentionOperation,
    problem: {
      batch,
      heads,
      kvHeads,
      seqLenQ,
      seqLenKv,
      headDim,
      headDimV,
      dtype,
      scale: checkScale(options.scale ?? 1 / Math.sqrt(headDim)),
      causal: checkCausal(options.causal ?? false, seqLenQ, seqLenKv),
    },
    inputs: [q, k, v],
    shapes: [[batch, heads, seqLenQ, headDimV]],
    choice: options,
  };
}

function fourAxes(name: string, { shape }: Tensor, axes: string): readonly [number, number, number, number] {
  if (shape.length === 4) return shape as readonly [number, number, number, number];
  throw new ShapeError(`attention: ${name} must have four axes ${axes}, got ${formatShape(shape)}`, {
    argument: name,
    got: shape,
  });
}

function expectShape(name: string, { shape }: Tensor, expected: readonly number[], why: string): void {
  if (shape.every((size, axis) => size === expected[axis])) return;
  throw new ShapeError(
    `attention: ${name} must have shape ${formatShape(expected)} ${why}, got ${formatShape(shape)}`,
    { argument: name, got: shape, expected },
  );
}

/** The scale reaches the GPU as f32, multiplied by log2(e). */
function checkScale(scale: number): number {
  if (typeof scale === 'number' && Number.isFinite(Math.fround(scale * Math.LOG2E))) return scale;
  throw new ArgumentError(`attention: scale must be a finite number in f32, got ${String(scale)}`, {
    argument: 'scale',
    got: scale,
  });
}

function checkCausal(
  causal: NonNullable<AttentionOptions['causal']>,
  seqLenQ: number,
  seqLenKv: number,
): Causality {
  const expected = [false, true, 'upper-left', 'lower-right'];
  if (!expected.includes(causal)) {
    throw new ArgumentError(
      `attention: causal must be ${expected.map((value) => JSON.stringify(value)).join(', ')}, ` +
        `got ${JSON.stringify(causal)}`,
      { argument: 'causal', got: causal, expected },
    );
  }
  if (typeof causal === 'string') return causal;
  if (!causal) return 'none';
  if (seqLenQ === seqLenKv) return 'upper-left';
  throw new ArgumentError(
    `attention: with ${seqLenQ} queries and ${seqLenKv} keys, causal must say how they align, got true: 'upper-left' lets ` +
      `query i see keys 0 to i (is_causal in PyTorch and ONNX), 'lower-right' lets the last query see every key (a cache)`,
    { argument: 'causal', got: true, expected: ['upper-left', 'lower-right'], seqLenQ, seqLenKv },
  );
}
