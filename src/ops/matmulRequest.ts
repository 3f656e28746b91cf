import { ArgumentError, ShapeError } from '../errors.ts';
import { matmulOperation } from '../kernels/matmul/index.ts';
import type {
  MatmulProblem,
  MatrixLayout,
  PerBatchAxis,
  ScaleLayout,
  Term,
  TermLayout,
} from '../reference/matmul.ts';
import { elementCount, formatShape, sameShape, rowMajorStrides, Tensor, type Shape } from '../tensor.ts';
import { checkActivation } from './activation.ts';
import { batchGrid, broadcastShapes, type BatchAxes } from './batchGrid.ts';
import { copyOf } from './execute.ts';
import { isQuantizedTensor } from './isQuantizedTensor.ts';
import { checkOptions, checkTensor } from './options.ts';
import { refuse } from '../expect.ts';
import type { QuantizedTensor } from './quantizedTensor.ts';
import type { Request } from './request.ts';
import {
  resultType,
  checkSumsAlone,
  checkBias,
  checkPrecision,
  checkNumber,
  checkGate,
  checkOut,
  checkScale,
  checkTerm,
  linesRun,
} from './matmulChecks.ts';
import type { MatmulDType, MatmulOptions } from './matmulOptions.ts';

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
  'precision',
  'accumulate',
  'out',
] as const satisfies readonly (keyof MatmulOptions)[];

/**
 * @param temporaries receives the tensors that have to live until the request has been executed
 * @param groups offsets of groups of rows, which b's leading axis counts
 */
export function matmulRequest(
  givenA: Tensor,
  givenB: Tensor | QuantizedTensor,
  options: MatmulOptions = {},
  temporaries: Tensor[],
  groups?: Tensor,
): Request<MatmulProblem> {
  checkOptions('matmul', options, OPTIONS, { a: givenA });
  const quantized = isQuantizedTensor(givenB);
  if (!quantized) checkTensor('matmul', 'b', givenB);
  const { transposeA = false, transposeB = quantized, gated = false, out } = options;
  if (quantized && !transposeB)
    refuse(
      'matmul',
      'transposeB',
      'true or left out beside quantised weights, which are stored as [n, k]',
      transposeB,
      [true],
    );
  const { alpha = 1, beta = 1, activation = 'none' } = options;
  const dtype = resultType(givenA, quantized ? undefined : givenB, options);
  const precision = checkPrecision(givenA.dtype, quantized ? givenB.format : givenB.dtype, options.precision);
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
  const batch = groups ? [] : broadcastShapes('matmul', leadingAxes(givenA.shape), leadingAxes(givenB.shape));
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
  if (bias) checkBias(bias, biasOfGroups ? [givenB.shape[0]!, n] : [n]);
  if (givenC) checkTerm('c', givenC, [...batch, m, n]);
  if (givenResidual) checkTerm('residual', givenResidual, shape);

  const apart = (name: string, tensor: Tensor): Tensor => {
    const free = awayFrom(out, name, tensor);
    if (free !== tensor) temporaries.push(free);
    return free;
  };
  const a = apart('a', inLines(givenA, temporaries));
  const b = quantized ? givenB : apart('b', inLines(givenB, temporaries));
  const partsOfB = isQuantizedTensor(b) ? b.parts.map((part) => apart('b', part)) : [b];
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
    leading(b.shape, isQuantizedTensor(b) ? b.strides : b.layout.strides),
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
      b: isQuantizedTensor(b) ? b.layout(stridesB!) : matrixLayout(b, transposeB, stridesB!),
      c: {
        dtype,
        lineStride: resultLayout.strides.at(-2)!,
        batchStrides: stridesC!,
        offset: resultLayout.offset,
        elements: resultLayout.elements,
      },
      precision,
      accumulate: a.dtype === 'i8' ? 'i32' : (options.accumulate ?? 'f32'),
      alpha,
      // Of nothing no multiple is taken, whatever the number.
      beta: givenC ? beta : 1,
      scaleA: scales.scaleA && scaleLayout(scales.scaleA),
      scaleB: scales.scaleB && scaleLayout(scales.scaleB),
      bias: biasLayout,
      addend: layoutOf(terms.addend),
      residual: layoutOf(terms.residual),
      activation,
      limits,
      gated,
      grouped: groups !== undefined,
      firstGroup: 0,
    },
    inputs: [
      a,
      ...partsOfB,
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
  const second = shape.at(-1)!;
  const first = shape.at(-2)!;
  return transposed ? [second, first] : [first, second];
}

/** All but the last two numbers, mostly none. */
const leadingAxes = (numbers: readonly number[]): readonly number[] =>
  numbers.length === 2 ? [] : numbers.slice(0, -2);

const leading = (shape: Shape, strides: readonly number[]): BatchAxes => ({
  sizes: leadingAxes(shape),
  strides: leadingAxes(strides),
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

function matrixLayout(tensor: Tensor, transposed: boolean, batchStrides: PerBatchAxis): MatrixLayout {
  const { strides, offset, elements, padded = false } = tensor.layout;
  const alongLast = linesRun(tensor) === 'alongLast';
  return {
    dtype: tensor.dtype as MatmulDType,
    transposed: transposed === alongLast,
    lineStride: strides.at(alongLast ? -2 : -1)!,
    padded: padded && alongLast,
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
  return {
    dtype: dtype as 'f32' | 'f16',
    batchStride: ofBatches ? shape.at(-1)! : 0,
    offset: 0,
    elements: size,
  };
}

/** Whether two tensors are the same elements of the same memory. */
function isSame(a: Tensor, b: Tensor): boolean {
  return (
    a.storage === b.storage &&
    a.dtype === b.dtype &&
    a.layout.offset === b.layout.offset &&
    sameShape(a.shape, b.shape) &&
    sameShape(a.layout.strides, b.layout.strides)
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
  if (!out.device.shareBuffer(out, tensor)) return tensor;
  return copyOf(tensor, [out]);
}
