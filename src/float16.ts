import type { Float16Array as Ponyfill } from '@petamoriken/float16';

/** The platform's own half-precision array where there is one, else the ponyfill's once it is loaded. */
let Float16 = (globalThis as { Float16Array?: typeof Ponyfill }).Float16Array;

/** Loads the ponyfill where the platform needs it: browsers with WebGPU do not, and then do not download it either. */
export async function loadFloat16(): Promise<void> {
  Float16 ??= (await import('@petamoriken/float16')).Float16Array;
}

function float16(): typeof Ponyfill {
  if (Float16) return Float16;
  throw new Error('loadFloat16() comes before any conversion: opening a device does it');
}

/** The platform's own array of half precision; undefined where it has none. */
export const nativeFloat16 = ():
  | (new (buffer: ArrayBuffer, byteOffset: number, length: number) => unknown)
  | undefined => (globalThis as { Float16Array?: typeof Ponyfill }).Float16Array;

/** Numbers rounded to half precision, to nearest, as bit patterns. */
export function halfPatterns(data: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  return new Uint16Array(new (float16())(data).buffer);
}

/** Every f16 widened to f32, by bit pattern; made on first use. Faster than converting one by one. */
let widened: Float32Array | undefined;

/** Numbers in half precision, given by their bit patterns, in f32: exact. */
export function widenHalves(patterns: Uint16Array): Float32Array<ArrayBuffer> {
  widened ??= Float32Array.from(
    new (float16())(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer),
  );
  const out = new Float32Array(patterns.length);
  for (let i = 0; i < out.length; i++) out[i] = widened[patterns[i]!]!;
  return out;
}
