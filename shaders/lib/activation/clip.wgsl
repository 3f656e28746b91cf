// The nearest number to x between two bounds; NaN passes through.
//
// Expects: Params (matmul/params.wgsl).
fn activate(x: f32) -> f32 {
  return select(select(x, params.clipMax, x > params.clipMax), params.clipMin, x < params.clipMin);
}
