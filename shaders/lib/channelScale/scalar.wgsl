// The scale of four channels, whichever they are. Where HAS_SCALE is false, anything may be bound there.
//
// Expects: Elem, HAS_SCALE. Declares binding 4.
@group(0) @binding(4) var<storage, read> scales: array<Elem>;

fn scaled(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_SCALE) {
    let scale = vec4<Elem>(scales[channels.x], scales[channels.y], scales[channels.z], scales[channels.w]);
    return x * vec4<f32>(scale);
  }
  return x;
}
