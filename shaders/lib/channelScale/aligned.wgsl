// The scale of four neighbouring channels in one load, where the first is a multiple of four. Where HAS_SCALE is false, anything may
// be bound there.
//
// Expects: Elem, HAS_SCALE. Declares binding 4.
@group(0) @binding(4) var<storage, read> scales: array<vec4<Elem>>;

fn scaled(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_SCALE) {
    return x * vec4<f32>(scales[channels.x / 4u]);
  }
  return x;
}
