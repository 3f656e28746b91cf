import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { matmulOperation } from '../kernels/matmul/index.ts';
import type { Activation, Limits } from '../reference/activation.ts';
import type {
  MatmulProblem,
  MatrixLayout,
  PerBatchAxis,
  ScaleLayout,
  Term,
  TermLayout,
} from '../reference/matmul.ts';
import type { Device } from '../runtime/device.ts';
import { GpuDevice } from '../runtime/gpuDevice.ts';
import { elementCount, formatShape, rowMajorStrides, Tensor, type DType, type Shape } from '../tensor.ts';
import { checkActivation } from './activation.ts';
import { batchGrid, broadcastShapes, type BatchAxes } from './batchGrid.ts';
import { copyOf, execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { Request } from './request.ts';
import type { KernelChoice } from './select.ts';

/** Types of operands of `matmul`. */
export type MatmulDType = 'f32' | 'f16' | 'bf16' | 'i8';

export interface MatmulOptions extends KernelChoice {
  /** a is stored as [..., k, m]. Default: false. */
  readonly transposeA?: boolean | undefined;
  /** b is stored as [..., n, k], as weights usually are. Default: false. */
  readonly transposeB?: boolean | undefined;
  /** Factor of the product. Default: 1. */
  readonly alpha?: number | undefined;
  /** m numbers, factors of the product's rows, as where each row of a was quantised alone; or [..., m], for each batch. */
  readonly scaleA?: Tensor | undefined;
  /** n numbers, factors of the product's columns; or [..., n], for each batch. */
  readonly scaleB?: Tensor | undefined;
  /** A tensor that broadcasts to [..., m, n], added to the product before the activation: BLAS's C, ONNX's Gemm. */
  readonly c?: Tensor | undefined;
  /** Factor of `c`. Default: 1. */
  readonly beta?: number | undefined;
  /** n numbers, added to each row before the activation. */
  readonly bias?: Tensor | undefined;
  /** Default: `none`. */
  readonly activation?: Activation | undefined;
  /** Smallest and largest result of the activation `clip`. */
  readonly limits?: Limits | undefined;
  /**
   * The n columns of the product are two halves g and u, and the result has half as many: activation(g) * u, as in SwiGLU
   * with `silu`. Fastest with b stored as [n, k], the lines of g first. Default: false.
   */
  readonly gated?: boolean | undefined;
  /** A tensor that broadcasts to the result, added last. */
  readonly residual?: Tensor | undefined;
  /**
   * Type of the result. Default: f16 where both operands are, i32 for i8, else f32. Results of i32 are the sums alone: no
   * other option but transposes and `out` goes with them.
   */
  readonly dtype?: 'f32' | 'f16' | 'i32' | undefined;
  /** f16 permits sums in half precision, where both operands and the result have it. Default: f32, and always i32 for i8. */
  readonly accumulate?: 'f32' | 'f16' | undefined;
  /**
   * Receives the result, and is returned: a tensor or view of its shape and type, whose rows have neighbours in memory. It may
   * be `c` or `residual` itself, but overlap no other argument.
   */
  readonly out?: Tensor | undefined;
}

/** Type of the result of `matmul`. */
export type MatmulResult<A extends DType, B extends DType, O extends MatmulOptions> = O extends {
  readonly dtype: infer D extends 'f32' | 'f16' | 'i32';
}
  ? D
  : A extends 'i8'
    ? 'i32'
    : A extends 'f16'
      ? B extends 'f16'
        ? 'f16'
        : 'f32'
      : 'f32';

/**
 * Matrix product `activation(alpha scaleA scaleB a b + bias + beta c) + residual` of a [..., m, k] and b [..., k, n], giving
 * [..., m, n]; leading axes are batches and broadcast as in NumPy. Operands of f32, f16 or bf16, summed in f32; or both of i8,
 * summed in i32, modulo 2^32: the result is those sums, or with a `dtype` of floats what the other options make of them.
 *
 * @throws ShapeError when sizes differ, axes do not broadcast, or an operand has less than two axes.
 * @throws DTypeError for types that do not go together.
 * @throws ArgumentError when `out` overlaps an operand, and for options that do not go together.
 */
export function matmul<A extends MatmulDType, B extends MatmulDType, const O extends MatmulOptions>(
  a: Tensor<A>,
  b: Tensor<B>,
  options?: O,
): Tensor<MatmulResult<A, B, O>> {
  const temporaries: Tensor[] = [];
  try {
    return execute(matmulRequest(a, b, options ?? {}, temporaries))[0] as Tensor<MatmulResult<A, B, O>>;
  } finally {
    for (const tensor of temporaries) tensor.dispose();
  }
}

/** What `groupedMatmul` takes of the options of `matmul`; the bias is [n] or [groups, n], as is `scaleB`. */
export type GroupedMatmulOptions = Omit<MatmulOptions, 'transposeA' | 'c' | 'beta'>;

/**
 * Products of groups of rows with a matrix each, as in a mixture of experts: rows offsets[g] to offsets[g + 1] - 1 of
 * a [m, k] by b[g] of b [groups, k, n], giving [m, n]; with the terms of `matmul`.
 *
 * Offsets given as numbers are checked. Those of a tensor stay on the GPU: it must ascend from 0 to m, and rows that belong to
 * no group by it keep what `out` held, or are undefined in a new tensor; nothing outside of the tensors is ever touched.
 *
 * @param offsets groups + 1 numbers, from 0 to m
 * @throws ShapeError, DTypeError or ArgumentError as `matmul`, and for offsets that run backwards or end elsewhere
 */
export function groupedMatmul<
  A extends MatmulDType,
  B extends MatmulDType,
  const O extends GroupedMatmulOptions,
>(
  a: Tensor<A>,
  b: Tensor<B>,
  offsets: Tensor<'u32'> | readonly number[],
  options?: O,
): Tensor<MatmulResult<A, B, O>> {
  const temporaries: Tensor[] = [];
  try {
    const groups = groupOffsets(a, b, offsets, temporaries);
    return execute(matmulRequest(a, b, options ?? {}, temporaries, groups))[0] as Tensor<
      MatmulResult<A, B, O>
    >;
  } finally {
    for (const tensor of temporaries) tensor.dispose();
  }
}

/** The offsets of groups as a tensor. */
function groupOffsets(
  a: Tensor,
  b: Tensor,
  offsets: Tensor<'u32'> | readonly number[],
  temporaries: Tensor[],
): Tensor {
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
  for (const [index, offset] of offsets.entries()) {
    const least = index === 0 ? 0 : offsets[index - 1]!;
    const most = index === 0 ? 0 : m;
    if (Number.isInteger(offset) && offset >= least && offset <= most) continue;
    const expected = index === 0 ? '0' : `${least} to ${most}, since offsets ascend`;
    throw new ArgumentError(`groupedMatmul: offsets[${index}] must be ${expected}; got ${offset}`, {
      got: offset,
      expected: [least, most],
    });
  }
  if (offsets.at(-1) !== m) {
    throw new ArgumentError(`groupedMatmul: offsets must end with m = ${m}, got ${offsets.at(-1)}`, {
      got: offsets.at(-1),
      expected: m,
    });
  }
  const tensor = (a.device as Device).tensor(offsets, [count], 'u32');
  temporaries.push(tensor);
  return tensor;
}

const OPTIONS = [
  'transposeA',
  'transposeB',
  'alpha',
  'scaleA',
  'scaleB',
  'c',
  'beta',
  'bias',
  'activation',
  'limits',
  'gated',
  'residual',
  'dtype',
  'accumulate',
  'out',
] as const satisfies readonly (keyof MatmulOptions)[];

const DTYPES: readonly DType[] = ['f32', 'f16', 'bf16', 'i8'] satisfies MatmulDType[];

/**
 * @param temporaries receives the tensors that have to live until the request has been executed
 * @param groups offsets of groups of rows, which b's leading axis counts
 */
function matmulRequest(
  givenA: Tensor,
  givenB: Tensor,
  options: MatmulOptions,
  temporaries: Tensor[],
  groups?: Tensor,
): Request<MatmulProblem> {
  checkOptions('matmul', options, OPTIONS);
  const { transposeA = false, transposeB = false, gated = false, out } = options;
  const { alpha = 1, beta = 1, activation = 'none' } = options;
  const dtype = resultType(givenA, givenB, options);
  if (dtype === 'i32') checkSumsAlone(options);
  const limits = checkActivation('matmul', activation, options.limits);
  checkNumber('alpha', alpha);
  checkNumber('beta', beta);
  if (givenA.shape.length < 2 || givenB.shape.length < 2) {
    throw new ShapeError(
      `matmul needs at least two axes, got a ${formatShape(givenA.shape)} and b ${formatShape(givenB.shape)}; ` +
        'reshape a vector to [1, k] or [k, 1]',
      { a: givenA.shape, b: givenB.shape },
    );
  }
  const [m, k] = lastTwo(givenA.shape, transposeA);
  const [kOfB, n] = lastTwo(givenB.shape, transposeB);
  if (k !== kOfB) {
    throw new ShapeError(
      `matmul: a ${formatShape(givenA.shape)}${transposeA ? ' transposed' : ''} has k = ${k}, ` +
        `b ${formatShape(givenB.shape)}${transposeB ? ' transposed' : ''} has k = ${kOfB}`,
      { a: givenA.shape, b: givenB.shape, transposeA, transposeB },
    );
  }
  checkGate(gated, n, options);
  const batch = groups ? [] : broadcastShapes('matmul', givenA.shape.slice(0, -2), givenB.shape.slice(0, -2));
  // What b and its scales have one of each for.
  const each = groups ? [givenB.shape[0]!] : batch;
  const columns = gated ? n / 2 : n;
  const shape = [...batch, m, columns];
  if (out) checkOut(out, shape, dtype);

  // A term with a factor of 0 is not there, even where it holds NaN: as BLAS defines it.
  const givenC = beta === 0 ? undefined : options.c;
  const { scaleA, scaleB, bias, residual: givenResidual } = options;
  const biasOfGroups = groups !== undefined && bias?.shape.length === 2;
  if (scaleA) checkScale('scaleA', scaleA, batch, m);
  if (scaleB) checkScale('scaleB', scaleB, each, n);
  if (bias) checkTerm('bias', bias, biasOfGroups ? [givenB.shape[0]!, n] : [n]);
  if (givenC) checkTerm('c', givenC, [...batch, m, n]);
  if (givenResidual) checkTerm('residual', givenResidual, shape);

  const apart = (name: string, tensor: Tensor): Tensor => {
    const free = awayFrom(out, name, tensor);
    if (free !== tensor) temporaries.push(free);
    return free;
  };
  const a = apart('a', inLines(givenA, temporaries));
  const b = apart('b', inLines(givenB, temporaries));
  const term = (name: string, tensor: Tensor | undefined): Tensor | 'inPlace' | undefined =>
    tensor && out && isSame(tensor, out) ? 'inPlace' : tensor && apart(name, tensor);
  const terms = {
    bias: bias && apart('bias', bias),
    addend: term('c', givenC),
    residual: term('residual', givenResidual),
  };
  const scales = {
    scaleA: scaleA && apart('scaleA', contiguous(scaleA, temporaries)),
    scaleB: scaleB && apart('scaleB', contiguous(scaleB, temporaries)),
  };
  const separate = Object.values(terms).filter((tensor) => tensor instanceof Tensor);
  const resultLayout = out?.layout ?? {
    offset: 0,
    strides: rowMajorStrides(shape),
    elements: elementCount(shape),
  };
  const grid = batchGrid('matmul', each, [
    leading(a.shape, a.layout.strides),
    leading(b.shape, b.layout.strides),
    leading(shape, resultLayout.strides),
    ...separate.map((tensor) => leading(tensor.shape, tensor.layout.strides)),
  ]);
  const [stridesA, stridesB, stridesC, ...stridesOfTerms] = grid.strides;
  const biasLayout =
    terms.bias && termLayout(terms.bias, [0, 0, 0, biasOfGroups ? terms.bias.layout.strides[0]! : 0], 0);
  const layoutOf = (tensor: Tensor | 'inPlace' | undefined): Term | undefined =>
    tensor instanceof Tensor ? termLayout(tensor, stridesOfTerms[separate.indexOf(tensor)]!) : tensor;
  return {
    operation: matmulOperation,
    problem: {
      m,
      n,
      k,
      batchDims: grid.dims,
      a: matrixLayout(a, transposeA, stridesA!),
      b: matrixLayout(b, transposeB, stridesB!),
      c: {
        dtype,
        lineStride: resultLayout.strides.at(-2)!,
        batchStrides: stridesC!,
        offset: resultLayout.offset,
        elements: resultLayout.elements,
      },
      accumulate: a.dtype === 'i8' ? 'i32' : (options.accumulate ?? 'f32'),
      alpha,
      beta,
      scaleA: scales.scaleA && scaleLayout(scales.scaleA),
      scaleB: scales.scaleB && scaleLayout(scales.scaleB),
      bias: biasLayout,
      addend: layoutOf(terms.addend),
      residual: layoutOf(terms.residual),
      activation,
      limits,
      gated,
      grouped: groups !== undefined,
    },
    inputs: [
      a,
      b,
      ...Object.values(scales).filter((tensor) => tensor !== undefined),
      ...separate,
      ...(groups ? [apart('offsets', groups)] : []),
    ],
    shapes: [shape],
    choice: options,
    takesViews: true,
    into: out && [out],
  };
}

function lastTwo(shape: Shape, transposed: boolean): readonly [rows: number, columns: number] {
  const [first, second] = shape.slice(-2) as [number, number];
  return transposed ? [second, first] : [first, second];
}

const leading = (shape: Shape, strides: readonly number[]): BatchAxes => ({
  sizes: shape.slice(0, -2),
  strides: strides.slice(0, -2),
});

/** The tensor, or a copy if it is a view with neighbours in memory along neither of its last two axes. */
function inLines(tensor: Tensor, temporaries: Tensor[]): Tensor {
  if (!tensor.view || linesRun(tensor)) return tensor;
  const copy = copyOf(tensor);
  temporaries.push(copy);
  return copy;
}

/** The tensor, or a copy if it is a view. */
function contiguous(tensor: Tensor, temporaries: Tensor[]): Tensor {
  if (!tensor.view) return tensor;
  const copy = copyOf(tensor);
  temporaries.push(copy);
  return copy;
}

/** Along which of a tensor's last two axes neighbours are neighbours in memory. */
function linesRun({ shape, layout: { strides } }: Tensor): 'alongLast' | 'alongFirst' | undefined {
  if (strides.at(-1) === 1 || shape.at(-1)! <= 1) return 'alongLast';
  return strides.at(-2) === 1 || shape.at(-2)! <= 1 ? 'alongFirst' : undefined;
}

function matrixLayout(tensor: Tensor, transposed: boolean, batchStrides: PerBatchAxis): MatrixLayout {
  const { strides, offset, elements } = tensor.layout;
  const alongLast = linesRun(tensor) === 'alongLast';
  return {
    dtype: tensor.dtype as MatmulDType,
    transposed: transposed === alongLast,
    lineStride: strides.at(alongLast ? -2 : -1)!,
    batchStrides,
    offset,
    elements,
  };
}

function termLayout(tensor: Tensor, batchStrides: PerBatchAxis, strideI?: number): TermLayout {
  const { strides, offset, elements } = tensor.layout;
  const stride = (fromEnd: number): number =>
    (tensor.shape.at(-fromEnd) ?? 1) === 1 ? 0 : strides.at(-fromEnd)!;
  return {
    dtype: tensor.dtype as 'f32' | 'f16',
    strideI: strideI ?? stride(2),
    strideJ: stride(1),
    batchStrides,
    offset,
    elements,
  };
}

function scaleLayout({ dtype, shape, size }: Tensor): ScaleLayout {
  const ofBatches = shape.length > 1;
  return { dtype: dtype as 'f32' | 'f16', batchStride: ofBatches ? shape.at(-1)! : 0, elements: size };
}

/** Whether two tensors are the same elements of the same memory. */
function isSame(a: Tensor, b: Tensor): boolean {
  return (
    a.storage === b.storage &&
    a.dtype === b.dtype &&
    a.layout.offset === b.layout.offset &&
    formatShape(a.shape) === formatShape(b.shape) &&
    a.layout.strides.join() === b.layout.strides.join()
  );
}

/**
 * The tensor, or a copy where a dispatch could not read it while it writes to `out`, since both lie in one buffer.
 *
 * @throws ArgumentError when they lie in the same memory, so that what is read might have been overwritten
 */
function awayFrom(out: Tensor | undefined, name: string, tensor: Tensor): Tensor {
  if (!out) return tensor;
  if (out.storage === tensor.storage) {
    throw new ArgumentError(`matmul: out shares its memory with ${name}; results need memory of their own`, {
      argument: name,
    });
  }
  if (!(out.device instanceof GpuDevice) || !out.device.shareBuffer(out, tensor)) return tensor;
  return copyOf(tensor, [out]);
}

function resultType(
  a: Tensor,
  b: Tensor,
  { dtype, accumulate = 'f32' }: MatmulOptions,
): 'f32' | 'f16' | 'i32' {
  const types = [a.dtype, b.dtype];
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
      `matmul: dtype must be ${results.join(' or ')} for ${types.join(' and ')}, got ${JSON.stringify(result)}`,
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

/** @throws ArgumentError for options that would do something to the sums */
function checkSumsAlone(options: MatmulOptions): void {
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

function checkNumber(name: string, value: unknown): void {
  if (typeof value === 'number') return;
  throw new ArgumentError(`matmul: ${name} must be a number, got ${typeof value}`, { got: value });
}

function checkGate(gated: boolean, n: number, { c, beta }: MatmulOptions): void {
  if (!gated) return;
  if (n % 2 !== 0) {
    throw new ShapeError(`matmul: a gated product needs an even n, two halves; b has n = ${n}`, { n });
  }
  if (c && beta !== 0) {
    throw new ArgumentError('matmul: a gated product takes bias and residual, not c');
  }
}

function checkOut(out: Tensor, shape: Shape, dtype: DType): void {
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
function checkScale(name: string, scale: Tensor, batch: Shape, length: number): void {
  checkTermType(name, scale);
  const shapes = [[length], ...(batch.length > 0 ? [[...batch, length]] : [])].map(formatShape);
  if (shapes.includes(formatShape(scale.shape))) return;
  throw new ShapeError(
    `matmul: ${name} must have shape ${shapes.join(' or ')}, got ${formatShape(scale.shape)}`,
    { got: scale.shape, expected: shapes },
  );
}

/** @throws ShapeError or DTypeError unless the term can be added to a result of `shape` */
function checkTerm(name: string, term: Tensor, shape: Shape): void {
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
