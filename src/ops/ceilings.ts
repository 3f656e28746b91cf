import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { FMA_CHAINS, MATRIX_CHAINS } from '../kernels/ceiling/contract.ts';
import {
  copyOperation,
  fmaChainOperation,
  matrixChainOperation,
  readOperation,
} from '../kernels/ceiling/index.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

/** How long a chain of arithmetic is. */
export interface ChainOptions extends KernelChoice {
  /** How often the loop's body, of 16 multiply-adds or 8 matrix products a chain, is run: enough of them to hide the memory traffic. */
  readonly rounds: number;
}

/**
 * Copies x [vectors, 4], 16 bytes an access, and does nothing else: what moving memory there and back costs.
 *
 * @throws ShapeError, DTypeError unless x is u32 [vectors, 4].
 */
export function copyVectors(x: Tensor<'u32'>, options: KernelChoice = {}): Tensor<'u32'> {
  checkOptions('copyVectors', options, []);
  checkType('copyVectors', x, ['u32']);
  checkShape('copyVectors', x, [undefined, 4]);
  const problem = { vectors: x.shape[0]! };
  const [y] = execute({
    operation: copyOperation,
    problem,
    inputs: [x],
    shapes: [x.shape],
    choice: options,
  });
  return y as Tensor<'u32'>;
}

/**
 * Reads x [vectors, invocations, 4] and joins the vectors of each invocation by exclusive or, giving [invocations, 4]: what reading
 * memory costs.
 *
 * @throws ShapeError, DTypeError unless x is u32 of that shape; ArgumentError unless `vectors` is a multiple of 4.
 */
export function readVectors(x: Tensor<'u32'>, options: KernelChoice = {}): Tensor<'u32'> {
  checkOptions('readVectors', options, []);
  checkType('readVectors', x, ['u32']);
  checkShape('readVectors', x, [undefined, undefined, 4]);
  const [perInvocation, neighbours] = x.shape as [number, number];
  if (perInvocation % 4 !== 0)
    throw new ArgumentError(
      `readVectors: the first axis must be a multiple of 4, got ${formatShape(x.shape)}`,
    );
  const [y] = execute({
    operation: readOperation,
    problem: { runs: 1, perInvocation, neighbours },
    inputs: [x],
    shapes: [[neighbours, 4]],
    choice: options,
  });
  return y as Tensor<'u32'>;
}

/**
 * Multiply-adds on registers in the type of x [invocations, 8, 4]: the arithmetic peak of vector units.
 *
 * @throws ShapeError, DTypeError unless x is f32 or f16 of that shape; ArgumentError for `rounds` that are not whole and positive.
 */
export function multiplyAddChain<D extends 'f32' | 'f16'>(x: Tensor<D>, options: ChainOptions): Tensor<D> {
  checkOptions('multiplyAddChain', options, ['rounds']);
  const rounds = checkRounds('multiplyAddChain', options);
  const dtype = checkType('multiplyAddChain', x, ['f32', 'f16']);
  checkShape('multiplyAddChain', x, [undefined, FMA_CHAINS, 4]);
  const [y] = execute({
    operation: fmaChainOperation,
    problem: { invocations: x.shape[0]!, rounds, dtype },
    inputs: [x],
    shapes: [x.shape],
    choice: options,
  });
  return y as Tensor<D>;
}

/**
 * Adds the product of a [m, k] and b [k, n], both of f16, again and again to tiles c [subgroups, 8, m, n] of f32, on subgroup
 * matrices: their arithmetic peak. Sizes are those of one of the adapter's `subgroupMatrixConfigs`.
 *
 * @throws ShapeError, DTypeError for operands that do not fit; UnsupportedError where the adapter has no such matrices.
 */
export function matrixMultiplyAddChain(
  a: Tensor<'f16'>,
  b: Tensor<'f16'>,
  c: Tensor<'f32'>,
  options: ChainOptions,
): Tensor<'f32'> {
  const op = 'matrixMultiplyAddChain';
  checkOptions(op, options, ['rounds']);
  const rounds = checkRounds(op, options);
  checkType(op, a, ['f16']);
  checkType(op, b, ['f16']);
  checkType(op, c, ['f32']);
  checkShape(op, a, [undefined, undefined]);
  const [m, k] = a.shape as [number, number];
  checkShape(op, b, [k, undefined]);
  const n = b.shape[1]!;
  checkShape(op, c, [undefined, MATRIX_CHAINS, m, n]);
  const [d] = execute({
    operation: matrixChainOperation,
    problem: { m, n, k, component: 'f16', subgroups: c.shape[0]!, rounds },
    inputs: [a, b, c],
    shapes: [c.shape],
    choice: options,
  });
  return d as Tensor<'f32'>;
}

function checkRounds(op: string, { rounds }: ChainOptions): number {
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 2 ** 20) return rounds;
  throw new ArgumentError(`${op}: rounds must be a whole number from 1 to ${2 ** 20}, got ${rounds}`, {
    got: rounds,
  });
}

function checkType<D extends string>(op: string, { dtype }: Tensor, allowed: readonly D[]): D {
  const found = allowed.find((candidate) => candidate === dtype);
  if (found !== undefined) return found;
  throw new DTypeError(`${op} takes ${allowed.join(' or ')}, got ${dtype}`, {
    got: dtype,
    expected: allowed,
  });
}

/** @param expected a size for each axis; undefined for any */
function checkShape(op: string, { shape }: Tensor, expected: readonly (number | undefined)[]): void {
  const fits =
    shape.length === expected.length &&
    expected.every((size, axis) => size === undefined || size === shape[axis]);
  if (fits) return;
  const wanted = expected.map((size) => size ?? 'any').join(', ');
  throw new ShapeError(`${op}: an operand is ${formatShape(shape)}, expected [${wanted}]`, {
    got: shape,
    expected: wanted,
  });
}
