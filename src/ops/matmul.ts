import { ArgumentError, DTypeError, ShapeError, UnsupportedError } from '../errors.ts';
import { matmulOperation } from '../kernels/matmul/index.ts';
import { ACTIVATIONS, type Activation } from '../reference/activation.ts';
import type { MatmulProblem, PerBatchAxis } from '../reference/matmul.ts';
import { elementCount, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { execute, type Request } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

export interface MatmulOptions extends KernelChoice {
  /** a is stored as [..., k, m]. Default: false. */
  readonly transposeA?: boolean | undefined;
  /** b is stored as [..., n, k], as weights usually are. Default: false. */
  readonly transposeB?: boolean | undefined;
  /** n numbers, added to each row. */
  readonly bias?: Tensor | undefined;
  /** Applied after the bias. Default: `none`. */
  readonly activation?: Activation | undefined;
}

/**
 * Matrix product `activation(a b + bias)` of a [..., m, k] and b [..., k, n], giving [..., m, n]; leading axes are
 * batches and broadcast as in NumPy. f32 or f16, both summed in f32.
 *
 * @throws ShapeError when inner sizes differ, batch axes do not broadcast, or an operand has less than two axes.
 * @throws DTypeError when the operands are not both f32 or both f16.
 */
export function matmul<D extends 'f32' | 'f16'>(
  a: Tensor<D>,
  b: Tensor<NoInfer<D>>,
  options: MatmulOptions = {},
): Tensor<D> {
  return execute(matmulRequest(a, b, options))[0] as Tensor<D>;
}

const OPTIONS = ['transposeA', 'transposeB', 'bias', 'activation'] as const;

function matmulRequest(a: Tensor, b: Tensor, options: MatmulOptions): Request<MatmulProblem> {
  checkOptions('matmul', options, OPTIONS);
  const { transposeA = false, transposeB = false, bias, activation = 'none' } = options;
  if (!Object.hasOwn(ACTIVATIONS, activation)) {
    const names = Object.keys(ACTIVATIONS);
    throw new ArgumentError(
      `matmul: unknown activation ${JSON.stringify(activation)}; expected ${names.join(', ')}`,
      {
        got: activation,
        expected: names,
      },
    );
  }
  const { dtype } = a;
  if ((dtype !== 'f32' && dtype !== 'f16') || b.dtype !== dtype || (bias && bias.dtype !== dtype)) {
    const got = [a.dtype, b.dtype, ...(bias ? [bias.dtype] : [])];
    throw new DTypeError(`matmul takes operands that are all f32 or all f16, got ${got.join(' and ')}`, {
      got,
    });
  }
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ShapeError(
      `matmul needs at least two axes, got a ${formatShape(a.shape)} and b ${formatShape(b.shape)}; ` +
        'reshape a vector to [1, k] or [k, 1]',
      { a: a.shape, b: b.shape },
    );
  }
  const [m, k] = lastTwo(a.shape, transposeA);
  const [kOfB, n] = lastTwo(b.shape, transposeB);
  if (k !== kOfB) {
    throw new ShapeError(
      `matmul: a ${formatShape(a.shape)}${transposeA ? ' transposed' : ''} has k = ${k}, ` +
        `b ${formatShape(b.shape)}${transposeB ? ' transposed' : ''} has k = ${kOfB}`,
      { a: a.shape, b: b.shape, transposeA, transposeB },
    );
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n)) {
    throw new ShapeError(`matmul: bias must have shape [${n}], got ${formatShape(bias.shape)}`, {
      got: bias.shape,
      expected: [n],
    });
  }
  const batch = broadcastBatches(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return {
    operation: matmulOperation,
    problem: {
      m,
      n,
      k,
      dtype,
      transposeA,
      transposeB,
      ...batch.grid,
      matricesA: elementCount(a.shape.slice(0, -2)),
      matricesB: elementCount(b.shape.slice(0, -2)),
      bias: bias !== undefined,
      activation,
    },
    inputs: bias ? [a, b, bias] : [a, b],
    shapes: [[...batch.shape, m, n]],
    choice: options,
  };
}

function lastTwo(shape: Shape, transposed: boolean): readonly [rows: number, columns: number] {
  const [first, second] = shape.slice(-2) as [number, number];
  return transposed ? [second, first] : [first, second];
}

interface BatchGrid {
  readonly batchDims: PerBatchAxis;
  readonly batchStridesA: PerBatchAxis;
  readonly batchStridesB: PerBatchAxis;
}

/** Two matrices without batch axes: by far the commonest case, worth not computing again. */
const SINGLE: { readonly shape: Shape; readonly grid: BatchGrid } = {
  shape: [],
  grid: { batchDims: [1, 1, 1, 1], batchStridesA: [0, 0, 0, 0], batchStridesB: [0, 0, 0, 0] },
};

/**
 * Broadcasts the leading axes of both operands and merges neighbouring axes that both operands walk alike, so that
 * the usual cases need one axis of the grid that kernels know.
 */
function broadcastBatches(a: Shape, b: Shape): { readonly shape: Shape; readonly grid: BatchGrid } {
  if (a.length === 0 && b.length === 0) return SINGLE;
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  const axes: { size: number; strideA: number; strideB: number }[] = [];
  let strideA = 1;
  let strideB = 1;
  for (let fromEnd = 1; fromEnd <= rank; fromEnd++) {
    const sizeA = a[a.length - fromEnd] ?? 1;
    const sizeB = b[b.length - fromEnd] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ShapeError(`matmul: batch axes ${formatShape(a)} and ${formatShape(b)} do not broadcast`, {
        a,
        b,
      });
    }
    const size = sizeA === 1 ? sizeB : sizeA;
    shape.unshift(size);
    if (size !== 1) {
      const axis = { size, strideA: sizeA === 1 ? 0 : strideA, strideB: sizeB === 1 ? 0 : strideB };
      const inner = axes[0];
      const continues = (outer: number, of: number): boolean => outer === of * inner!.size;
      if (inner && continues(axis.strideA, inner.strideA) && continues(axis.strideB, inner.strideB))
        inner.size *= size;
      else axes.unshift(axis);
    }
    strideA *= sizeA;
    strideB *= sizeB;
  }
  if (axes.length > 4) {
    throw new UnsupportedError(
      `matmul: batch axes ${formatShape(a)} and ${formatShape(b)} alternate between broadcast and not more than four times`,
      { a, b },
    );
  }
  const pad = (of: (axis: (typeof axes)[number]) => number, fill: number): PerBatchAxis =>
    [...Array.from({ length: 4 - axes.length }, () => fill), ...axes.map(of)] as unknown as PerBatchAxis;
  return {
    shape,
    grid: {
      batchDims: pad((axis) => axis.size, 1),
      batchStridesA: pad((axis) => axis.strideA, 0),
      batchStridesB: pad((axis) => axis.strideB, 0),
    },
  };
}
