// The scale of four neighbouring channels in one load, where the first is a multiple of four. Where HAS_SCALE is false, anything may
// be bound there.
//
// Expects: Elem, and Words, four of it as integers of 32 bits; HAS_SCALE. Declares binding 4.
@group(0) @binding(4) var<storage, read> scales: array<Words>;

fn scaled(x: vec4<f32>, channels: vec4<u32>) -> vec4<f32> {
  if (HAS_SCALE) {
    return x * vec4<f32>(bitcast<vec4<Elem>>(scales[channels.x / 4u]));
  }
  return x;
}
