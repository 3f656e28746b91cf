// What a logSoftmax stores: logarithms of shares of the sum, which do not underflow as the shares do. See share.wgsl.
fn softmaxResult(x: f32, largest: f32, sum: f32) -> f32 {
  return (x - largest) - log(sum);
}

fn softmaxResult4(x: vec4<f32>, largest: vec4<f32>, sum: vec4<f32>) -> vec4<f32> {
  return (x - largest) - log(sum);
}

fn kept4(x: vec4<f32>, weight: vec4<f32>) -> vec4<f32> {
  return x;
}

fn resultOfKept4(kept: vec4<f32>, own: f32, largest: f32, sum: f32) -> vec4<f32> {
  return (kept - largest) - log(sum);
}
