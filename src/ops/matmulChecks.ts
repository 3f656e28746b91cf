import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { formatShape, type DType, type Shape } from '../tensor.ts';
import type { MatmulDType, MatmulOptions } from './matmulOptions.ts';

const DTYPES: readonly DType[] = ['f32', 'f16', 'bf16', 'i8'] satisfies MatmulDType[];

export function resultType(
  a: DType,
  b: DType,
  { dtype, accumulate = 'f32' }: MatmulOptions,
): 'f32' | 'f16' | 'i32' {
  const types = [a, b];
  if (!types.every((type) => DTYPES.includes(type))) {
    throw new DTypeError(`matmul takes operands of ${DTYPES.join(', ')}, got ${types.join(' and ')}`, {
      got: types,
      expected: DTYPES,
    });
  }
  if (types.includes('f16') && types.includes('bf16')) {
    throw new DTypeError('matmul: f16 and bf16 do not go together; cast() one of them', { got: types });
  }
  const integers = types.every((type) => type === 'i8');
  if (types.includes('i8') && !integers) {
    throw new DTypeError(`matmul: i8 goes with i8 alone, got ${types.join(' and ')}; cast() one of them`, {
      got: types,
    });
  }
  const halves = types.every((type) => type === 'f16');
  const result = dtype ?? (integers ? 'i32' : halves ? 'f16' : 'f32');
  const results: readonly unknown[] = integers ? ['f32', 'f16', 'i32'] : ['f32', 'f16'];
  if (!results.includes(result)) {
    throw new DTypeError(
      `matmul: dtype must be ${results.join(' or ')}, got ${JSON.stringify(result)} for operands of ${types.join(' and ')}`,
      { got: result, expected: results },
    );
  }
  if (accumulate !== 'f32' && accumulate !== 'f16') {
    throw new DTypeError(`matmul: accumulate must be f32 or f16, got ${JSON.stringify(accumulate)}`, {
      got: accumulate,
    });
  }
  if (accumulate === 'f16' && !(halves && result === 'f16')) {
    throw new DTypeError('matmul: sums in f16 are for operands and results of f16', {
      got: [...types, result],
      expected: 'f16',
    });
  }
  return result;
}

/** @throws DTypeError or ArgumentError for what does not go with quantised weights */
export function checkBesideQuantized({ dtype }: Tensor, { transposeB = true }: MatmulOptions): void {
  if (dtype === 'i8') {
    throw new DTypeError('matmul: quantised weights go with a of f32, f16 or bf16, got i8', {
      got: dtype,
      expected: ['f32', 'f16', 'bf16'],
    });
  }
  if (transposeB) return;
  throw new ArgumentError(
    'matmul: quantised weights are stored as [n, k]; transposeB must be true or left out',
    { got: transposeB, expected: true },
  );
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

export function checkPrecision(a: string, b: string, precision: unknown = 'full'): 'full' | 'split' {
  if (precision !== 'full' && precision !== 'split') {
    throw new ArgumentError(`matmul: precision must be full or split, got ${JSON.stringify(precision)}`, {
      got: precision,
      expected: ['full', 'split'],
    });
  }
  if (precision === 'split' && !(a === 'f32' && b === 'f32')) {
    throw new DTypeError(`matmul: precision split is for operands of f32, got ${a} and ${b}`, {
      got: [a, b],
      expected: 'f32',
    });
  }
  return precision;
}

export function checkNumber(name: string, value: unknown): void {
  if (typeof value === 'number') return;
  throw new ArgumentError(`matmul: ${name} must be a number, got ${typeof value}`, { got: value });
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
  if (formatShape(out.shape) !== formatShape(shape)) {
    throw new ShapeError(`matmul: out must have shape ${formatShape(shape)}, got ${formatShape(out.shape)}`, {
      got: out.shape,
      expected: shape,
    });
  }
  if (out.dtype !== dtype) {
    throw new DTypeError(`matmul: out must be ${dtype}, got ${out.dtype}`, {
      got: out.dtype,
      expected: dtype,
    });
  }
  if (out.view && linesRun(out) !== 'alongLast') {
    throw new ArgumentError('matmul: out must have neighbours in memory along its last axis', {
      strides: out.layout.strides,
    });
  }
}

function checkTermType(name: string, { dtype }: Tensor): void {
  if (dtype === 'f32' || dtype === 'f16') return;
  throw new DTypeError(`matmul: ${name} must be f32 or f16, got ${dtype}; cast() converts it`, {
    got: dtype,
    expected: ['f32', 'f16'],
  });
}

/** @throws ShapeError or DTypeError unless the tensor has as many factors as rows or columns, for all batches or for each */
export function checkScale(name: string, scale: Tensor, batch: Shape, length: number): void {
  checkTermType(name, scale);
  const shapes = [[length], ...(batch.length > 0 ? [[...batch, length]] : [])].map(formatShape);
  if (shapes.includes(formatShape(scale.shape))) return;
  throw new ShapeError(
    `matmul: ${name} must have shape ${shapes.join(' or ')}, got ${formatShape(scale.shape)}`,
    { got: scale.shape, expected: shapes },
  );
}

/** @throws ShapeError or DTypeError unless the term can be added to a result of `shape` */
export function checkTerm(name: string, term: Tensor, shape: Shape): void {
  checkTermType(name, term);
  const fits =
    name === 'bias'
      ? formatShape(term.shape) === formatShape(shape)
      : term.shape.length <= shape.length &&
        term.shape.every((size, axis) => {
          const wanted = shape[axis - term.shape.length + shape.length]!;
          return size === wanted || size === 1;
        });
  if (fits) return;
  const verb = name === 'bias' ? 'have shape' : 'broadcast to';
  throw new ShapeError(`matmul: ${name} must ${verb} ${formatShape(shape)}, got ${formatShape(term.shape)}`, {
    got: term.shape,
    expected: shape,
  });
}

/** Along which of a tensor's last two axes neighbours are neighbours in memory. */
export function linesRun({ shape, layout: { strides } }: Tensor): 'alongLast' | 'alongFirst' | undefined {
  if (strides.at(-1) === 1 || shape.at(-1)! <= 1) return 'alongLast';
  return strides.at(-2) === 1 || shape.at(-2)! <= 1 ? 'alongFirst' : undefined;
}
