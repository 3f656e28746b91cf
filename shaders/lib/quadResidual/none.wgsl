// The counterpart of the others where nothing is added.
fn addResidual(x: vec4<f32>, at: vec4<u32>) -> vec4<f32> {
  return x;
}
