// Scale and bias of four channels, whichever they are. Where HAS_SCALE or HAS_BIAS is false, anything may be bound there.
//
// Expects: Elem, HAS_SCALE, HAS_BIAS. Declares bindings 3 and 4.
@group(0) @binding(3) var<storage, read> scales: array<Elem>;
@group(0) @binding(4) var<storage, read> biases: array<Elem>;

fn scaled(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_SCALE) {
    let scale = vec4<Elem>(scales[channels.x], scales[channels.y], scales[channels.z], scales[channels.w]);
    return x * vec4<f32>(scale);
  }
  return x;
}

fn biased(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_BIAS) {
    let bias = vec4<Elem>(biases[channels.x], biases[channels.y], biases[channels.z], biases[channels.w]);
    return x + vec4<f32>(bias);
  }
  return x;
}
