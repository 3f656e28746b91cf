// exp that leaves NaN as it is. WGSL does not promise that exp does, and SwiftShader's makes a number of it; the test is one
// on bits, because comparisons of floats may be compiled as if there were no NaN.
fn expOrNan(x: f32) -> f32 {
  let nan = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  return select(exp(x), x, nan);
}

fn expOrNan4(x: vec4<f32>) -> vec4<f32> {
  let nan = (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
  return select(exp(x), x, nan);
}
