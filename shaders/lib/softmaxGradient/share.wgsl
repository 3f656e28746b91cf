// The gradient of a softmax y: dx = y (dy - sum of y dy) along its axis.
fn softmaxTerm4(y: vec4<f32>, dy: vec4<f32>) -> vec4<f32> {
  return y * dy;
}

fn softmaxGradient4(y: vec4<f32>, dy: vec4<f32>, sum: f32) -> vec4<f32> {
  return y * (dy - sum);
}
