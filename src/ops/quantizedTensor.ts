import { ArgumentError, DTypeError, ShapeError, told } from '../errors.ts';
import type { PerBatchAxis, QuantizedLayout } from '../reference/matmul.ts';
import {
  blockLength,
  CODINGS,
  paddedLength,
  type BlockSize,
  type QuantizedFormat,
} from '../reference/coding.ts';
import { codeAt, decodeBlocks, packCodes, type Deviation } from '../reference/quantization.ts';
import {
  checkShape,
  elementCount,
  formatShape,
  rowMajorStrides,
  type Shape,
  type Tensor,
  type TensorData,
  type TensorDevice,
} from '../tensor.ts';
import { checkDevice, checkNumbers } from './options.ts';
import { expectOneOf, refuse } from '../expect.ts';

/** How weights are quantised. */
export interface Quantization {
  readonly format: QuantizedFormat;
  /** Neighbours along k that share a scale, or `row` for all of them. */
  readonly blockSize: BlockSize;
  /** Whether each block has a zero point of its own. */
  readonly zeroPoints: boolean;
  readonly scaleType: 'f32' | 'f16';
}

/** What the weights are made of: words of codes, scales, and zero points if there are. */
interface Parts {
  readonly data: Tensor<'u32'>;
  readonly scales: Tensor<'f32' | 'f16'>;
  readonly zeroPoints: Tensor<'u32'> | undefined;
}

/**
 * Weights [..., n, k] in a few bits each, for `matmul(a, weights)`: made by `quantize()`, or by `quantizedTensor()` of what a
 * file holds. `dispose()` (or `using`) gives the memory back.
 */
export class QuantizedTensor implements Disposable {
  readonly shape: Shape;
  readonly format: QuantizedFormat;
  readonly blockSize: BlockSize;
  /** By how much the weights differ from those that they were made of; undefined where these are not known. */
  readonly error: Deviation | undefined;
  /** Codes, the first in the lowest bits of a word; rows are filled up to whole blocks. */
  readonly data: Tensor<'u32'>;
  /** One a block. */
  readonly scales: Tensor<'f32' | 'f16'>;
  /** One code a block, packed as the data. */
  readonly zeroPoints: Tensor<'u32'> | undefined;

  /** @internal Takes over the tensors. */
  constructor(
    shape: Shape,
    { format, blockSize }: Pick<Quantization, 'format' | 'blockSize'>,
    { data, scales, zeroPoints }: Parts,
    error?: Deviation,
  ) {
    this.shape = Object.freeze([...shape]);
    this.format = format;
    this.blockSize = blockSize;
    this.data = data;
    this.scales = scales;
    this.zeroPoints = zeroPoints;
    this.error = error;
  }

  /** Bytes of codes, scales and zero points. */
  get sizeBytes(): number {
    const { data, scales, zeroPoints } = this;
    return 4 * (data.size + (zeroPoints?.size ?? 0)) + (scales.dtype === 'f16' ? 2 : 4) * scales.size;
  }

  get disposed(): boolean {
    return this.data.disposed;
  }

  /** @internal Data, scales, and zero points if there are: the order in which `matmul` takes them. */
  get parts(): readonly Tensor[] {
    return [this.data, this.scales, ...(this.zeroPoints ? [this.zeroPoints] : [])];
  }

  /** @internal Distances between neighbours along each axis, in weights. */
  get strides(): readonly number[] {
    const { lineStride } = storedRows(this.shape, this);
    return rowMajorStrides([...this.shape.slice(0, -1), lineStride]);
  }

  /** @internal Where the weights are, as operand b of a product. */
  layout(batchStrides: PerBatchAxis): QuantizedLayout {
    return {
      ...storedRows(this.shape, this),
      transposed: true,
      scaleType: this.scales.dtype,
      zeroPoints: this.zeroPoints !== undefined,
      batchStrides,
      offset: 0,
    };
  }

  /** The weights, decoded, in row-major order. */
  async read(): Promise<Float32Array<ArrayBuffer>> {
    const rows = storedRows(this.shape, this);
    const parts = await Promise.all(this.parts.map((part) => part.read()));
    const [data, scales, zeroPoints] = parts;
    const stored = decodeBlocks(rows, data!, scales!, zeroPoints);
    const k = this.shape.at(-1)!;
    const weights = new Float32Array(elementCount(this.shape));
    for (let start = 0, to = 0; to < weights.length; start += rows.lineStride, to += k)
      weights.set(stored.subarray(start, start + k), to);
    return weights;
  }

  /** Gives the memory back to the device; a second call does nothing. */
  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** How weights of a shape are stored. */
export function storedRows(
  shape: Shape,
  { format, blockSize }: Pick<Quantization, 'format' | 'blockSize'>,
): Pick<QuantizedLayout, 'dtype' | 'blockSize' | 'lineStride' | 'elements'> {
  const lineStride = paddedLength(shape.at(-1)!, blockSize);
  return { dtype: format, blockSize, lineStride, elements: elementCount(shape.slice(0, -1)) * lineStride };
}

/** Quantised weights as files hold them. */
export interface PackedWeights {
  /** Of the weights: [..., n, k]. */
  readonly shape: Shape;
  readonly format: QuantizedFormat;
  readonly blockSize: BlockSize;
  /**
   * The codes, row by row, each row filled up to whole blocks (to a multiple of 32 where it is one block). A byte holds one code
   * of 8 bits, or two of `int4`: the first in the low four bits, as in ONNX's MatMulNBits. Integers are unsigned.
   */
  readonly data: Uint8Array;
  /** One a block, row by row. */
  readonly scales: TensorData;
  /** Default: f32. */
  readonly scaleType?: 'f32' | 'f16' | undefined;
  /**
   * The codes that stand for 0, one a block, packed as the data: for `int4` a row with an odd number of blocks is filled up to a
   * whole byte. Without them 8 (`int4`) or 128 (`int8`) stands for 0.
   */
  readonly zeroPoints?: Uint8Array | undefined;
}

/**
 * Weights that were quantised elsewhere, on a device: `scale * (code - zero point)`.
 *
 * @throws ArgumentError for an unknown format or block size, and for zero points of floats
 * @throws ShapeError when data, scales or zero points are too few or too many
 */
export function quantizedTensor(device: TensorDevice, packed: PackedWeights): QuantizedTensor {
  if (typeof packed !== 'object' || packed === null) {
    throw new ArgumentError(`quantizedTensor: packed must be an object, got ${told(packed)}`, {
      got: packed,
    });
  }
  checkDevice('quantizedTensor', device);
  const { shape, format, blockSize, data, scales, scaleType = 'f32', zeroPoints } = packed;
  checkBytes('data', data);
  if (zeroPoints !== undefined) checkBytes('zeroPoints', zeroPoints);
  checkNumbers('quantizedTensor', 'scales', scales);
  checkQuantization('quantizedTensor', {
    format,
    blockSize,
    scaleType,
    zeroPoints: zeroPoints !== undefined,
  });
  checkWeightShape('quantizedTensor', shape);
  const rows = storedRows(shape, packed);
  const { bits } = CODINGS[format];
  const blocksPerRow = rows.lineStride / blockLength(rows);
  const rowCount = elementCount(shape.slice(0, -1));
  const layout = `${rowCount} rows of ${blocksPerRow} blocks of ${blockLength(rows)} ${format}`;
  const zeroBytes = Math.ceil((blocksPerRow * bits) / 8);
  checkCount('data', 'bytes', data.length, (rows.elements * bits) / 8, layout);
  checkCount('scales', 'numbers', scales.length, rowCount * blocksPerRow, layout);
  if (zeroPoints) checkCount('zeroPoints', 'bytes', zeroPoints.length, rowCount * zeroBytes, layout);
  return new QuantizedTensor(shape, packed, {
    data: wordTensor(device, dataWords()),
    scales: device.tensor(scales, [scales.length], scaleType),
    zeroPoints: zeroPoints && wordTensor(device, zeroPointWords()),
  });

  /** With zeros where the file may hold anything: behind the weights of a row. */
  function dataWords(): Uint32Array<ArrayBuffer> {
    const bytes = data.slice();
    const k = shape.at(-1)!;
    const rowBytes = (rows.lineStride * bits) / 8;
    const first = Math.floor((k * bits) / 8);
    for (let start = 0; start < bytes.length; start += rowBytes) {
      if (bits === 4 && k % 2 === 1) bytes[start + first]! &= 0x0f;
      bytes.fill(0, start + Math.ceil((k * bits) / 8), start + rowBytes);
    }
    return wordsOf(bytes);
  }

  /** Without what fills rows up to whole bytes. */
  function zeroPointWords(): Uint32Array<ArrayBuffer> {
    const words = wordsOf(zeroPoints!);
    const perRow = (8 * zeroBytes) / bits;
    const codes = Uint8Array.from({ length: rowCount * blocksPerRow }, (_, block) => {
      const row = Math.floor(block / blocksPerRow);
      return codeAt(format, words, row * perRow + (block % blocksPerRow));
    });
    return packCodes(format, codes);
  }
}

/** A tensor of words. */
export function wordTensor(device: TensorDevice, words: Uint32Array<ArrayBuffer>): Tensor<'u32'> {
  return device.tensor(words, [words.length], 'u32');
}

/** Bytes as words, the first in the lowest bits, which is how every platform with WebGPU stores them. */
function wordsOf(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

const BLOCK_SIZES: readonly BlockSize[] = [32, 64, 128, 256, 'row'];

/** @throws ArgumentError, or DTypeError for the type of scales */
export function checkQuantization(
  op: string,
  { format, blockSize, zeroPoints, scaleType }: Quantization,
): void {
  expectOneOf(op, 'format', format, Object.keys(CODINGS));
  expectOneOf(op, 'blockSize', blockSize, BLOCK_SIZES);
  expectOneOf(op, 'scaleType', scaleType, ['f32', 'f16'], DTypeError);
  if (zeroPoints && !CODINGS[format].integer) {
    throw new ArgumentError(`${op}: zeroPoints are for int4 and int8, got the format ${format}`, {
      got: format,
      expected: ['int4', 'int8'],
    });
  }
}

/** @throws ShapeError */
export function checkWeightShape(op: string, shape: Shape): void {
  checkShape(shape);
  if (shape.length >= 2) return;
  throw new ShapeError(
    `${op}: weights need at least two axes, [..., n, k], got shape ${formatShape(shape)}`,
    {
      got: shape,
    },
  );
}

function checkBytes(argument: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  refuse('quantizedTensor', argument, 'a Uint8Array', bytes);
}

function checkCount(name: string, unit: string, got: number, expected: number, layout: string): void {
  if (got === expected) return;
  throw new ShapeError(`quantizedTensor: ${name} must have ${expected} ${unit} for ${layout}, got ${got}`, {
    argument: name,
    got,
    expected,
  });
}
