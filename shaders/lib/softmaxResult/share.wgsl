// What a softmax stores: shares of the sum. `largest` and `sum` are those of the operator of softmax (lib/reduce).
fn softmaxResult(x: f32, largest: f32, sum: f32) -> f32 {
  return exp(x - largest) / sum;
}

fn softmaxResult4(x: vec4<f32>, largest: vec4<f32>, sum: vec4<f32>) -> vec4<f32> {
  return exp(x - largest) * (1.0 / sum);
}

// What is worth keeping of x whose weight is relative to a maximum `own` of its own: the weight, so that exp is taken once.
fn kept4(x: vec4<f32>, weight: vec4<f32>) -> vec4<f32> {
  return weight;
}

fn resultOfKept4(kept: vec4<f32>, own: f32, largest: f32, sum: f32) -> vec4<f32> {
  return kept * (exp(own - largest) / sum);
}
