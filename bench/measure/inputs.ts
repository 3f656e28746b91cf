import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Distribution, InputSpec } from '../../src/kernels/define.ts';
import { isFloat, largestFinite, smallestNormal, type FloatType } from '../../src/kernels/rounding.ts';
import { CODINGS, type QuantizedFormat } from '../../src/reference/coding.ts';
import { encodeFloat, packCodes } from '../../src/reference/quantization.ts';
import { decodeElements, elementCount, encodeElements, type DType } from '../../src/tensor.ts';

/**
 * Distinct random numbers per tensor; a larger tensor repeats them. A prime, so that the repetition does not line up
 * with rows. Drawing every element of a 4096 x 14336 matrix would take longer than multiplying it.
 */
export const DISTINCT = 1_000_003;

const INTEGER_EDGES = {
  i32: [-(2 ** 31), 1 - 2 ** 31, -65_537, -1, 0, 1, 46_341, 2 ** 31 - 1],
  u32: [0, 1, 65_536, 65_537, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1],
  i8: [-128, -127, -1, 0, 1, 127],
} as const;

/** Half an f16's step from 65504 on it is infinite, and 2^-24 its least number. */
function floatEdges(dtype: FloatType): readonly number[] {
  const [large, small] = [largestFinite(dtype), smallestNormal(dtype)];
  const positive = [0, small / 2, small, 1, 65_504, 65_519, 2 ** -24, large, Infinity];
  return [...positive, ...positive.map((value) => -value), NaN];
}

/** Integers of 32 bits are drawn from -100 to 100, so that sums of a million stay exact. */
const INTEGER_RANGE = 100;

/**
 * Numbers for a tensor, reproducible from the seed, already rounded to the tensor's type, so that the reference and the
 * device see the same.
 */
export function randomElements(
  spec: InputSpec,
  seed: number,
  distribution: Distribution = 'normal',
): Float64Array {
  const count = elementCount(spec.shape);
  const pattern = randomPattern(spec, Math.min(count, DISTINCT), seed, distribution);
  const values = new Float64Array(count);
  for (let start = 0; start < count; start += DISTINCT) {
    values.set(pattern.subarray(0, count - start), start);
  }
  return values;
}

/** `count` numbers, the same for every larger count of one seed unless the distribution picks elements. */
export function randomPattern(
  { dtype, packed }: Pick<InputSpec, 'dtype' | 'packed'>,
  count: number,
  seed: number,
  distribution: Distribution = 'normal',
): Float64Array {
  const random = xoroshiro128plus(seed);
  if (packed) return randomWords(packed, count, random);
  const values = new Float64Array(count);
  const integer = !isFloat(dtype);
  for (let i = 0; i < count; i++) {
    const { normal, turn } = normalFrom(random);
    values[i] = dtype === 'i8' ? byteFrom(turn) : integer ? integerFrom(normal, dtype === 'u32') : normal;
  }
  applyDistribution(values, distribution, dtype, () => uniformFloat64(random));
  if (dtype === 'f32') return Float64Array.from(Float32Array.from(values));
  if (dtype === 'i8') return values.map((value) => Math.max(-128, Math.min(127, value)));
  if (integer) return values;
  return Float64Array.from(decodeElements(encodeElements(values, dtype).buffer, dtype, count));
}

/** Words of codes, whatever the distribution: of integers all alike, of floats those nearest to normally distributed numbers. */
function randomWords(format: QuantizedFormat, count: number, random: RandomGenerator): Float64Array {
  const words = CODINGS[format].integer
    ? Uint32Array.from({ length: count }, () => random.next())
    : packCodes(
        format,
        Uint8Array.from({ length: 4 * count }, () =>
          encodeFloat(format as 'e4m3' | 'e5m2', normalFrom(random).normal),
        ),
      );
  return Float64Array.from(words);
}

/**
 * A normally distributed number, and one of the two uniform ones that Box and Muller's transformation makes it of; 1 - u avoids
 * the logarithm of zero.
 */
function normalFrom(random: RandomGenerator): { readonly normal: number; readonly turn: number } {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
  const turn = uniformFloat64(random);
  return { normal: radius * Math.cos(2 * Math.PI * turn), turn };
}

/** All integers of 8 bits are equally likely, the extremes too. */
function byteFrom(uniform: number): number {
  return Math.floor(256 * uniform) - 128;
}

function integerFrom(normal: number, unsigned: boolean): number {
  const value = Math.max(-INTEGER_RANGE, Math.min(INTEGER_RANGE, Math.round((normal * INTEGER_RANGE) / 3)));
  return unsigned ? Math.abs(value) : value;
}

function applyDistribution(
  values: Float64Array,
  distribution: Distribution,
  dtype: DType,
  uniform: () => number,
): void {
  const integer = !isFloat(dtype);
  const pick = (): number => Math.floor(uniform() * values.length);
  switch (distribution) {
    case 'normal':
      break;
    case 'nearOne':
      for (let i = 0; i < values.length; i++) values[i] = 1 + values[i]! / 64;
      break;
    case 'outliers':
      for (let n = Math.ceil(values.length / 64); n > 0; n--) values[pick()]! *= 100;
      break;
    case 'ties':
      for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]!);
      break;
    case 'zeros':
      for (let i = 0; i < values.length; i++) {
        const turn = uniform();
        if (turn < 0.5) values[i] = turn < 0.25 && !integer ? -0 : 0;
      }
      break;
    case 'subnormal':
      if (integer) break;
      for (let i = 0; i < values.length; i++) if (uniform() < 0.5) values[i]! *= smallestNormal(dtype) / 4;
      break;
    case 'edges': {
      const edges = integer ? INTEGER_EDGES[dtype as 'i32'] : floatEdges(dtype);
      for (let i = 0; i < values.length; i++) values[i] = edges[Math.floor(uniform() * edges.length)]!;
      break;
    }
    case 'infinities':
    case 'nan': {
      if (integer || values.length === 0) break;
      const special = distribution === 'nan' ? [NaN] : [Infinity, -Infinity];
      for (const value of special) values[pick()] = value;
    }
  }
}
