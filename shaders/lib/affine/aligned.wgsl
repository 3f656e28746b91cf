// Scale and bias of four neighbouring channels in one load each, where the first is a multiple of four. Where HAS_SCALE or
// HAS_BIAS is false, anything may be bound there.
//
// Expects: Elem, HAS_SCALE, HAS_BIAS. Declares bindings 3 and 4.
@group(0) @binding(3) var<storage, read> scales: array<vec4<Elem>>;
@group(0) @binding(4) var<storage, read> biases: array<vec4<Elem>>;

fn scaled(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_SCALE) {
    return x * vec4<f32>(scales[channels.x / 4u]);
  }
  return x;
}

fn biased(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_BIAS) {
    return x + vec4<f32>(biases[channels.x / 4u]);
  }
  return x;
}
