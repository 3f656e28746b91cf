// Four elements of s = x + residual; those past the end of the row are 0.
//
// Expects: loadQuad (lib/quad), addResidual (lib/quadResidual).
fn loadItem(at: vec4<u32>, end: u32) -> vec4<f32> {
  let valid = min(at, vec4<u32>(end - 1u));
  return select(vec4<f32>(), addResidual(loadQuad(valid), valid), at < vec4<u32>(end));
}

fn total(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}
