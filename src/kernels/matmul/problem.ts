import type { Activation, Limits } from '../../reference/activation.ts';
import {
  batchCount,
  rowMajor,
  type MatmulProblem,
  type MatrixLayout,
  type PerBatchAxis,
  type QuantizedLayout,
  type ResultLayout,
  type ScaleLayout,
  type TermLayout,
} from '../../reference/matmul.ts';
import { paddedLength } from '../../reference/coding.ts';

/** A problem in short: what is not given is plain, and tensors lie in memory without gaps unless told otherwise. */
interface Options {
  /** Of operands, terms and result; i32 is of operands of i8. */
  readonly dtype?: ResultLayout['dtype'];
  readonly dtypeA?: MatrixLayout['dtype'];
  readonly dtypeB?: MatrixLayout['dtype'];
  /** b in a few bits, which is then stored as [n, k]. */
  readonly quantized?: Pick<QuantizedLayout, 'dtype' | 'blockSize' | 'scaleType' | 'zeroPoints'>;
  readonly precision?: 'full' | 'split';
  /** f32 by default, and i32 for operands of i8. */
  readonly accumulate?: 'f32' | 'f16';
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly batchDims?: PerBatchAxis;
  /** In matrices. */
  readonly batchStridesA?: PerBatchAxis;
  readonly batchStridesB?: PerBatchAxis;
  /** Elements before the first line, and after each, that do not belong to the matrix. */
  readonly gapA?: Gap;
  readonly gapB?: Gap;
  readonly gapC?: Gap;
  readonly alpha?: number;
  readonly beta?: number;
  readonly scaleA?: boolean;
  readonly scaleB?: boolean;
  readonly bias?: boolean;
  readonly addend?: TermExtent | undefined;
  readonly residual?: TermExtent | undefined;
  readonly activation?: Activation;
  readonly limits?: Limits;
  readonly gated?: boolean;
  /** Rows in so many groups, each with a matrix b and a bias of its own. */
  readonly groups?: number;
}

interface Gap {
  readonly before: number;
  readonly between: number;
}

/** What a term has elements for: each element of c, each of one matrix of it, each row, or the whole. */
type TermExtent = 'result' | 'matrix' | 'rows' | 'scalar';

/** A product of single matrices, unless `options` says otherwise. */
export function matmulProblem(m: number, n: number, k: number, options: Options = {}): MatmulProblem {
  const { dtype = 'f32', gated = false, gapC, groups } = options;
  const batchDims: PerBatchAxis = groups ? [1, 1, 1, groups] : (options.batchDims ?? [1, 1, 1, 1]);
  const each: PerBatchAxis = [0, 0, 0, 1];
  const none: PerBatchAxis = [0, 0, 0, 0];
  const columns = gated ? n / 2 : n;
  const lineStride = columns + (gapC?.between ?? 0);
  const batches = groups ? 1 : batchCount({ batchDims });
  const term = (extent: TermExtent | undefined, width: number): TermLayout | undefined => {
    if (!extent) return undefined;
    const whole = extent === 'result';
    const matrix = whole || extent === 'matrix';
    return {
      dtype: dtype === 'i32' ? 'f32' : dtype,
      offset: 0,
      strideI: matrix ? width : extent === 'rows' ? 1 : 0,
      strideJ: matrix ? 1 : 0,
      batchStrides: whole ? rowMajor(batchDims, m * width) : [0, 0, 0, 0],
      elements: matrix ? (whole ? batches : 1) * m * width : extent === 'rows' ? m : 1,
    };
  };
  const scale = (length: number, ofBatch: boolean): ScaleLayout => ({
    dtype: dtype === 'i32' ? 'f32' : dtype,
    batchStride: ofBatch && batches > 1 ? length : 0,
    offset: 0,
    elements: length * (ofBatch ? batches : 1),
  });
  const operandType = (which: 'A' | 'B'): MatrixLayout['dtype'] =>
    options[`dtype${which}`] ?? (dtype === 'i32' ? 'i8' : dtype);
  const operand = (
    which: 'A' | 'B',
    transposed: boolean,
    [rows, length]: readonly [number, number],
  ): MatrixLayout => {
    const { before, between } = options[`gap${which}`] ?? { before: 0, between: 0 };
    const lines = transposed ? length : rows;
    const line = (transposed ? rows : length) + between;
    return {
      dtype: operandType(which),
      transposed,
      lineStride: line,
      padded: false,
      ...matricesOf(which, lines * line, before),
    };
  };
  const matricesOf = (
    which: 'A' | 'B',
    size: number,
    offset: number,
  ): Pick<MatrixLayout, 'batchStrides' | 'offset' | 'elements'> => {
    const strides = groups && which === 'B' ? each : (options[`batchStrides${which}`] ?? none);
    const matrices = batchDims.reduce((count, dim, axis) => count + (dim - 1) * strides[axis]!, 1);
    return {
      batchStrides: strides.map((stride) => stride * size) as unknown as PerBatchAxis,
      offset,
      elements: offset + matrices * size,
    };
  };
  const quantizedOperand = (quantized: NonNullable<Options['quantized']>): QuantizedLayout => {
    const lineStride = paddedLength(k, quantized.blockSize);
    return { ...quantized, transposed: true, lineStride, ...matricesOf('B', n * lineStride, 0) };
  };
  return {
    m,
    n,
    k,
    batchDims,
    a: operand('A', options.transposeA ?? false, [m, k]),
    b: options.quantized
      ? quantizedOperand(options.quantized)
      : operand('B', options.transposeB ?? false, [k, n]),
    c: {
      dtype,
      offset: gapC?.before ?? 0,
      lineStride,
      batchStrides: groups ? none : rowMajor(batchDims, m * lineStride),
      elements: (gapC?.before ?? 0) + batches * m * lineStride,
    },
    precision: options.precision ?? 'full',
    accumulate: options.accumulate ?? (operandType('A') === 'i8' ? 'i32' : 'f32'),
    alpha: options.alpha ?? 1,
    beta: options.beta ?? 1,
    scaleA: options.scaleA ? scale(m, groups === undefined) : undefined,
    scaleB: options.scaleB ? scale(n, true) : undefined,
    bias: options.bias
      ? {
          ...term('matrix', n)!,
          strideI: 0,
          batchStrides: groups ? [0, 0, 0, n] : none,
          elements: n * (groups ?? 1),
        }
      : undefined,
    addend: term(options.addend, n),
    residual: term(options.residual, columns),
    activation: options.activation ?? 'none',
    limits: options.limits ?? [0, 6],
    gated,
    grouped: groups !== undefined,
    firstGroup: 0,
  };
}
