import type { Rope } from './config.ts';

/** Cosines and sines of the angles by which rotary embedding turns a head's pairs, [positions, headDim / 2] each. */
export function rotaryTables(
  headDim: number,
  positions: number,
  rope: Rope,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const pairs = headDim / 2;
  const speeds = Array.from({ length: pairs }, (_, pair) => stretched(rope.theta ** (-pair / pairs), rope));
  const angles = Float64Array.from(
    { length: positions * pairs },
    (_, i) => Math.floor(i / pairs) * speeds[i % pairs]!,
  );
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}

/** Llama 3.1 leaves short waves as they are, slows long ones by a factor, and goes evenly over from one to the other. */
function stretched(speed: number, { scaling }: Rope): number {
  if (!scaling) return speed;
  if (scaling.kind === 'linear') return speed / scaling.factor;
  const { factor, lowFactor, highFactor, originalContext } = scaling;
  const waves = (originalContext * speed) / (2 * Math.PI);
  const share = Math.min(1, Math.max(0, (waves - lowFactor) / (highFactor - lowFactor)));
  return speed * (share + (1 - share) / factor);
}
