import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Always the same numbers between -2 and 2, in quarters, so that they can be followed by eye. */
export function drawNumbers(count: number, seed: number): Float32Array {
  const random = xoroshiro128plus(seed);
  return Float32Array.from({ length: count }, () => Math.round(uniformFloat32(random) * 16 - 8) / 4);
}
