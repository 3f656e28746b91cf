/** Cosines and sines of the angles by which rotary embedding turns a head's pairs, [positions, headDim / 2] each. */
export function rotaryTables(
  headDim: number,
  positions: number,
  theta: number,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const pairs = headDim / 2;
  const angles = Float64Array.from(
    { length: positions * pairs },
    (_, i) => Math.floor(i / pairs) * theta ** (-(i % pairs) / pairs),
  );
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}
