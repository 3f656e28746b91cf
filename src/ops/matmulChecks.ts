import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { formatShape, type DType, type Shape } from '../tensor.ts';
import { expectOneOf, refuse } from '../expect.ts';
import { expectShape, expectType } from './expect.ts';
import type { MatmulDType, MatmulOptions } from './matmulOptions.ts';

const FLOATS = ['f32', 'f16', 'bf16'] as const satisfies readonly MatmulDType[];
const OPERANDS = [...FLOATS, 'i8'] as const satisfies readonly MatmulDType[];

/**
 * The type of the result.
 *
 * @param b undefined where the weights are quantised
 */
export function resultType(
  a: Tensor,
  b: Tensor | undefined,
  { dtype, accumulate = 'f32' }: MatmulOptions,
): 'f32' | 'f16' | 'i32' {
  if (b) {
    expectType('matmul', 'a', a, OPERANDS);
    expectType('matmul', 'b', b, OPERANDS);
  } else expectType('matmul', 'a', a, FLOATS, ' beside quantised weights');
  const types = [a.dtype, (b ?? a).dtype];
  const all = (type: DType): boolean => types.every((given) => given === type);
  const mixed = (type: DType): boolean => types.includes(type) && !all(type);
  if (mixed('i8') || (mixed('f16') && types.includes('bf16'))) {
    throw new DTypeError(`matmul: ${types.join(' and ')} do not go together; cast() one of them`, {
      got: types,
    });
  }
  const integers = all('i8');
  const halves = all('f16');
  const result = expectOneOf(
    'matmul',
    'dtype',
    dtype ?? (integers ? 'i32' : halves ? 'f16' : 'f32'),
    integers ? ['f32', 'f16', 'i32'] : ['f32', 'f16'],
    DTypeError,
  );
  expectOneOf('matmul', 'accumulate', accumulate, ['f32', 'f16'], DTypeError);
  if (accumulate === 'f16' && !(halves && result === 'f16')) {
    throw new DTypeError('matmul: sums in f16 are for operands and results of f16', {
      got: [...types, result],
      expected: 'f16',
    });
  }
  return result;
}

/** @throws ArgumentError for options that would do something to the sums */
export function checkSumsAlone(options: MatmulOptions): void {
  const { alpha, scaleA, scaleB, c, bias, activation, gated, residual } = options;
  const given = Object.entries({
    alpha: alpha !== undefined && alpha !== 1,
    scaleA,
    scaleB,
    c,
    bias,
    activation: activation !== undefined && activation !== 'none',
    gated,
    residual,
  }).flatMap(([name, value]) => (value ? [name] : []));
  if (given.length === 0) return;
  throw new ArgumentError(
    `matmul: a result of i32 is the sums alone, without ${given.join(', ')}; ` +
      'dtype f32 or f16 gives a result to which that can be done',
    { got: given },
  );
}

export function checkPrecision(a: string, b: string, given: unknown = 'full'): 'full' | 'split' {
  const precision = expectOneOf('matmul', 'precision', given, ['full', 'split']);
  if (precision === 'split' && !(a === 'f32' && b === 'f32')) {
    throw new DTypeError(`matmul: precision split is for operands of f32, got ${a} and ${b}`, {
      got: [a, b],
      expected: 'f32',
    });
  }
  return precision;
}

export function checkNumber(name: string, value: unknown): void {
  if (typeof value !== 'number') refuse('matmul', name, 'a number', value);
}

export function checkGate(gated: boolean, n: number, { c, beta }: MatmulOptions): void {
  if (!gated) return;
  if (n % 2 !== 0) {
    throw new ShapeError(`matmul: a gated product needs an even n, two halves; b has n = ${n}`, { n });
  }
  if (c && beta !== 0) {
    throw new ArgumentError('matmul: a gated product takes bias and residual, not c');
  }
}

export function checkOut(out: Tensor, shape: Shape, dtype: DType): void {
  expectShape('matmul', 'out', out, [shape]);
  expectType('matmul', 'out', out, [dtype]);
  if (out.view && linesRun(out) !== 'alongLast') {
    throw new ArgumentError('matmul: out must have neighbours in memory along its last axis', {
      strides: out.layout.strides,
    });
  }
}

function checkTermType(name: string, term: Tensor): void {
  expectType('matmul', name, term, ['f32', 'f16']);
}

/** @throws ShapeError or DTypeError unless the tensor has as many factors as rows or columns, for all batches or for each */
export function checkScale(name: string, scale: Tensor, batch: Shape, length: number): void {
  checkTermType(name, scale);
  expectShape('matmul', name, scale, [[length], ...(batch.length > 0 ? [[...batch, length]] : [])]);
}

/** @throws ShapeError or DTypeError unless the bias has that shape */
export function checkBias(bias: Tensor, shape: Shape): void {
  checkTermType('bias', bias);
  expectShape('matmul', 'bias', bias, [shape]);
}

/** @throws ShapeError or DTypeError unless the term can be added to a result of `shape` */
export function checkTerm(name: string, term: Tensor, shape: Shape): void {
  checkTermType(name, term);
  const ahead = shape.length - term.shape.length;
  if (ahead >= 0 && term.shape.every((size, axis) => size === 1 || size === shape[ahead + axis])) return;
  throw new ShapeError(
    `matmul: ${name} must broadcast to ${formatShape(shape)}, got ${formatShape(term.shape)}`,
    { argument: name, got: term.shape, expected: shape },
  );
}

/** Along which of a tensor's last two axes neighbours are neighbours in memory. */
export function linesRun({ shape, layout: { strides } }: Tensor): 'alongLast' | 'alongFirst' | undefined {
  if (strides.at(-1) === 1 || shape.at(-1)! <= 1) return 'alongLast';
  return strides.at(-2) === 1 || shape.at(-2)! <= 1 ? 'alongFirst' : undefined;
}
