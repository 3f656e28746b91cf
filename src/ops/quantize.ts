import { ArgumentError, DTypeError } from '../errors.ts';
import { encodeBlocks } from '../reference/quantization.ts';
import { checkDataLength, Tensor, type Shape, type TensorData, type TensorDevice } from '../tensor.ts';
import { checkDevice, checkOwnOptions } from './options.ts';
import {
  checkQuantization,
  checkWeightShape,
  QuantizedTensor,
  storedRows,
  wordTensor,
  type Quantization,
} from './quantizedTensor.ts';
import { refuse } from '../expect.ts';

export interface QuantizeOptions extends Pick<Quantization, 'format'> {
  /** Neighbours along k that share a scale, or `row` for all of them. Default: 32. */
  readonly blockSize?: Quantization['blockSize'] | undefined;
  /**
   * Whether each block has a zero point, so that its codes span from its least weight to its largest; else they span as far on
   * both sides of 0. For integers. Default: false.
   */
  readonly zeroPoints?: boolean | undefined;
  /** Default: f32. */
  readonly scaleType?: Quantization['scaleType'] | undefined;
}

/** Weights on the host, of which only the quantised ones go to a device. */
export interface HostWeights {
  readonly device: TensorDevice;
  readonly data: TensorData;
  /** [..., n, k]. */
  readonly shape: Shape;
}

/**
 * Quantises weights [..., n, k] by blocks along k: to the nearest number of the format times the block's scale, which is the
 * smallest with which none is out of range. `error` of the result says how much was lost.
 *
 * @param b a tensor of f32, f16 or bf16, which is read back, or numbers on the host
 * @throws ArgumentError for unknown options, and for weights that are not finite or whose scales are too large for `scaleType`
 * @throws ShapeError for less than two axes, DTypeError for tensors of integers
 */
export async function quantize(b: Tensor | HostWeights, options: QuantizeOptions): Promise<QuantizedTensor> {
  checkOwnOptions('quantize', options, ['format', 'blockSize', 'zeroPoints', 'scaleType']);
  if (typeof b !== 'object' || (b as unknown) === null)
    refuse('quantize', 'b', 'a tensor or { device, data, shape }', b);
  const { format, blockSize = 32, zeroPoints = false, scaleType = 'f32' } = options;
  const quantization: Quantization = { format, blockSize, zeroPoints, scaleType };
  checkQuantization('quantize', quantization);
  const { device, shape } = b;
  checkWeightShape('quantize', shape);
  checkDevice('quantize', device);
  const weights = await numbersOf(b);
  const rows = storedRows(shape, quantization);
  const encoded = encodeBlocks(rows, shape.at(-1)!, weights, quantization);
  const block = encoded.scales.findIndex((scale) => !Number.isFinite(scale));
  if (block >= 0) {
    throw new ArgumentError(`quantize: the scale of block ${block} is larger than ${scaleType} can hold`, {
      block,
      scaleType,
    });
  }
  return new QuantizedTensor(
    shape,
    quantization,
    {
      data: wordTensor(device, encoded.words),
      scales: device.tensor(encoded.scales, [encoded.scales.length], scaleType),
      zeroPoints: encoded.zeroPoints && wordTensor(device, encoded.zeroPoints),
    },
    encoded.error,
  );
}

async function numbersOf(b: Tensor | HostWeights): Promise<TensorData> {
  if (b instanceof Tensor && !['f32', 'f16', 'bf16'].includes(b.dtype)) {
    throw new DTypeError(`quantize takes weights of f32, f16 or bf16, got ${b.dtype}`, {
      got: b.dtype,
      expected: ['f32', 'f16', 'bf16'],
    });
  }
  if (!(b instanceof Tensor)) checkDataLength(b.data, b.shape);
  const weights = b instanceof Tensor ? await b.read() : b.data;
  for (let index = 0; index < weights.length; index++) {
    if (!Number.isFinite(weights[index])) {
      throw new ArgumentError(
        `quantize: b must have finite numbers, got ${weights[index]} at element ${index}`,
        { got: weights[index], index },
      );
    }
  }
  return weights;
}
