import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** How elements are drawn, to try what becomes of products of operands in parts; `uniform` draws from 0 to 1. */
type Draw = (uniform: () => number, index: number) => number;

const normal: Draw = (uniform) => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** Of either sign, with exponents spread evenly. */
const exponents =
  (least: number, most: number): Draw =>
  (uniform) =>
    (uniform() < 0.5 ? -1 : 1) * (1 + uniform()) * 2 ** (least + Math.floor(uniform() * (most + 1 - least)));

/** Operands that are hard in one way or another, by what a table of errors calls them. */
export const splitInputs: Readonly<Record<string, Draw>> = {
  normal,
  'from 0 to 1': (uniform) => uniform(),
  'all the same': () => 0.7310585786300049,
  'outliers: 1 in 64 is 100 times larger': (uniform, index) =>
    normal(uniform, index) * (uniform() < 1 / 64 ? 100 : 1),
  'exponents from -10 to 10': exponents(-10, 10),
  'exponents from -20 to 20': exponents(-20, 20),
  'exponents from -60 to 60': exponents(-60, 60),
};

/** `count` numbers of f32, the same for the same seed. */
export function drawSplitInput(draw: Draw, count: number, seed: number): Float64Array {
  const random = xoroshiro128plus(seed);
  return Float64Array.from({ length: count }, (_, index) =>
    Math.fround(draw(() => uniformFloat64(random), index)),
  );
}

/** Root of the mean square, and the largest, of errors counted in 2^-24 of the sum of the products' magnitudes. */
export interface ErrorSize {
  readonly rms: number;
  readonly max: number;
}

/** Errors of dot products: `exact` sums, and the sums of their terms' `magnitudes`. */
export function errorSize(
  sums: ArrayLike<number>,
  exact: ArrayLike<number>,
  magnitudes: ArrayLike<number>,
): ErrorSize {
  const errors = Array.from(
    sums,
    (sum, index) => Math.abs(sum - exact[index]!) / (2 ** -24 * magnitudes[index]!),
  );
  return {
    rms: Math.sqrt(errors.reduce((total, error) => total + error * error, 0) / errors.length),
    max: Math.max(...errors),
  };
}
