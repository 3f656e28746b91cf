import { decodeElements, encodeElements } from '../tensor.ts';
import {
  blockCount,
  blockLength,
  CODINGS,
  wordCount,
  type BlockLayout,
  type QuantizedFormat,
} from './coding.ts';

/** All floats of 8 bits with so many bits of mantissa; `special` gives those that are no finite numbers. */
function floatValues(
  mantissaBits: number,
  bias: number,
  special: (magnitude: number) => number | undefined,
): Float64Array {
  return Float64Array.from({ length: 256 }, (_, code) => {
    const magnitude = code & 0x7f;
    const exponent = magnitude >> mantissaBits;
    const fraction = (magnitude & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
    const value = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
    return (code & 0x80 ? -1 : 1) * (special(magnitude) ?? value);
  });
}

const integerValues = (bits: 4 | 8): Float64Array =>
  Float64Array.from({ length: 2 ** bits }, (_, code) => code);

/** The number that each code stands for. */
export const CODE_VALUES: Readonly<Record<QuantizedFormat, Float64Array>> = {
  int4: integerValues(4),
  int8: integerValues(8),
  e4m3: floatValues(3, 7, (magnitude) => (magnitude === 0x7f ? NaN : undefined)),
  e5m2: floatValues(2, 15, (magnitude) =>
    magnitude < 0x7c ? undefined : magnitude === 0x7c ? Infinity : NaN,
  ),
};

/** The index-th code of packed words, the first in the lowest bits. */
export function codeAt(format: QuantizedFormat, words: ArrayLike<number>, index: number): number {
  const { bits } = CODINGS[format];
  const perWord = 32 / bits;
  return (words[Math.floor(index / perWord)]! >>> ((index % perWord) * bits)) & (2 ** bits - 1);
}

/** Codes packed into words, the first in the lowest bits. */
export function packCodes(format: QuantizedFormat, codes: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  const { bits } = CODINGS[format];
  const perWord = 32 / bits;
  const words = new Uint32Array(wordCount(format, codes.length));
  for (let index = 0; index < codes.length; index++) {
    const word = Math.floor(index / perWord);
    words[word] = words[word]! | (codes[index]! << ((index % perWord) * bits));
  }
  return words;
}

/** The code of the nearest number that there is, the even one of two; beyond the largest, the largest. */
export function encodeFloat(format: 'e4m3' | 'e5m2', x: number): number {
  const { largest } = CODINGS[format];
  const values = CODE_VALUES[format];
  const magnitude = Math.min(Math.abs(x), largest);
  // Codes of positive numbers are in the order of the numbers.
  let below = 0;
  let above = values.indexOf(largest);
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (values[middle]! <= magnitude) below = middle;
    else above = middle;
  }
  const excess = 2 * magnitude - values[below]! - values[above]!;
  const nearest = excess > 0 || (excess === 0 && below % 2 === 1) ? above : below;
  return nearest | (x < 0 ? 0x80 : 0);
}

/**
 * The definition of the weights: `scale * (number of the code - zero point)`, for all weights of all rows, with those that
 * only fill up the last block of a row.
 *
 * @param words codes, packed
 * @param scales one a block
 * @param zeroPoints codes, one a block, packed likewise
 */
export function decodeBlocks(
  layout: BlockLayout,
  words: ArrayLike<number>,
  scales: ArrayLike<number>,
  zeroPoints?: ArrayLike<number>,
): Float64Array {
  const { dtype, elements } = layout;
  const { zero } = CODINGS[dtype];
  const values = CODE_VALUES[dtype];
  const length = blockLength(layout);
  const weights = new Float64Array(elements);
  for (let block = 0; block < elements / length; block++) {
    const from = zeroPoints ? codeAt(dtype, zeroPoints, block) : zero;
    for (let index = block * length; index < (block + 1) * length; index++)
      weights[index] = scales[block]! * (values[codeAt(dtype, words, index)]! - from);
  }
  return weights;
}

/** Weights in blocks, as `decodeBlocks` takes them. */
export interface EncodedBlocks {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
  readonly zeroPoints: Uint32Array<ArrayBuffer> | undefined;
  readonly error: Deviation;
}

/** By how much quantised weights differ from those that they were made of. */
export interface Deviation {
  /** Root of the mean squared difference. */
  readonly rms: number;
  /** Largest absolute difference. */
  readonly max: number;
  /** `rms` in relation to the root of the mean square of the weights; 0 where all are 0. */
  readonly relativeRms: number;
}

export interface EncodingOptions {
  readonly scaleType: 'f32' | 'f16';
  /** Whether blocks have a zero point each, so that their codes span from their least weight to their largest. */
  readonly zeroPoints: boolean;
}

/**
 * The nearest codes of rows of `k` weights. Each block's scale is the smallest with which none of its weights is out of range,
 * rounded to `scaleType`; the range without zero points is as wide on both sides of 0.
 */
export function encodeBlocks(
  layout: BlockLayout,
  k: number,
  weights: ArrayLike<number>,
  { scaleType, zeroPoints }: EncodingOptions,
): EncodedBlocks {
  const { dtype, lineStride, elements } = layout;
  const { bits, integer, zero, largest } = CODINGS[dtype];
  const values = CODE_VALUES[dtype];
  const length = blockLength(layout);
  const blocks = blockCount(layout);
  const perRow = lineStride / length;
  const span = zeroPoints ? 2 ** bits - 1 : largest;
  /** The weights of a block that are not there to fill it up. */
  const range = (block: number): readonly [start: number, end: number] => {
    const start = Math.floor(block / perRow) * k;
    const within = (block % perRow) * length;
    return [start + Math.min(k, within), start + Math.min(k, within + length)];
  };

  const least = new Float64Array(blocks);
  const wanted = new Float64Array(blocks);
  for (let block = 0; block < blocks; block++) {
    let low = 0;
    let high = 0;
    const [start, end] = range(block);
    for (let index = start; index < end; index++) {
      low = Math.min(low, weights[index]!);
      high = Math.max(high, weights[index]!);
    }
    least[block] = low;
    wanted[block] = (zeroPoints ? high - low : Math.max(high, -low)) / span;
  }
  const scales = Float32Array.from(
    decodeElements(encodeElements(wanted, scaleType).buffer, scaleType, blocks),
  );

  const codes = new Uint8Array(elements);
  const zeros = new Uint8Array(blocks);
  let squaredError = 0;
  let squares = 0;
  let max = 0;
  for (let block = 0; block < blocks; block++) {
    const scale = scales[block]!;
    const inverse = scale === 0 ? 0 : 1 / scale;
    const from = zeroPoints ? clamp(Math.round(-least[block]! * inverse), 2 ** bits - 1) : zero;
    zeros[block] = from;
    const [start, end] = range(block);
    const first = block * length;
    codes.fill(from, first, first + length);
    for (let index = start; index < end; index++) {
      const weight = weights[index]!;
      const code = integer
        ? clamp(Math.round(weight * inverse) + from, 2 ** bits - 1)
        : encodeFloat(dtype as 'e4m3' | 'e5m2', weight * inverse);
      codes[first + index - start] = code;
      const error = Math.abs(scale * (values[code]! - from) - weight);
      squaredError += error * error;
      squares += weight * weight;
      max = Math.max(max, error);
    }
  }
  return {
    words: packCodes(dtype, codes),
    scales,
    zeroPoints: zeroPoints ? packCodes(dtype, zeros) : undefined,
    error: {
      rms: Math.sqrt(squaredError / Math.max(1, weights.length)),
      max,
      relativeRms: squares === 0 ? 0 : Math.sqrt(squaredError / squares),
    },
  };
}

const clamp = (code: number, largest: number): number => Math.min(largest, Math.max(0, code));
