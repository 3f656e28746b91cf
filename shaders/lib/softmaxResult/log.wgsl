// What a logSoftmax stores: logarithms of shares of the sum, which do not underflow as the shares do. See share.wgsl.
// The bit test is for the reason that expOrNan gives: the sum of a row with NaN or +inf is NaN, and so are all its results.
fn logOrNan4(x: vec4<f32>) -> vec4<f32> {
  let nan = (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
  return select(log(x), x, nan);
}

fn softmaxResult(x: f32, largest: f32, sum: f32) -> f32 {
  return (x - largest) - logOrNan4(vec4<f32>(sum)).x;
}

fn softmaxResult4(x: vec4<f32>, largest: vec4<f32>, sum: vec4<f32>) -> vec4<f32> {
  return (x - largest) - logOrNan4(sum);
}

fn kept4(x: vec4<f32>, weight: vec4<f32>) -> vec4<f32> {
  return x;
}

fn resultOfKept4(kept: vec4<f32>, own: f32, largest: f32, sum: f32) -> vec4<f32> {
  return (kept - largest) - logOrNan4(vec4<f32>(sum)).x;
}
