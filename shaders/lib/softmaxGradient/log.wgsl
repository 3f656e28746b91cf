// The gradient of a logSoftmax y: dx = dy - exp(y) sum of dy along its axis.
//
// Expects: expOrNan4.
fn softmaxTerm4(y: vec4<f32>, dy: vec4<f32>) -> vec4<f32> {
  return dy;
}

fn softmaxGradient4(y: vec4<f32>, dy: vec4<f32>, sum: f32) -> vec4<f32> {
  return dy - expOrNan4(y) * sum;
}
