// Scale and bias of four neighbouring channels in one load each, where the first is a multiple of four. Where HAS_SCALE or
// HAS_BIAS is false, anything may be bound there.
//
// Expects: Elem, and Words, four of it as integers of 32 bits; HAS_SCALE, HAS_BIAS. Declares bindings 3 and 4.
@group(0) @binding(3) var<storage, read> scales: array<Words>;
@group(0) @binding(4) var<storage, read> biases: array<Words>;

fn scaled(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_SCALE) {
    return x * vec4<f32>(bitcast<vec4<Elem>>(scales[channels.x / 4u]));
  }
  return x;
}

fn biased(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_BIAS) {
    return x + vec4<f32>(bitcast<vec4<Elem>>(biases[channels.x / 4u]));
  }
  return x;
}
