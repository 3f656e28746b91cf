// The slopes of ALiBi, in a buffer of their own.
@group(0) @binding(7) var<storage, read> slopes: array<f32>;

fn slopeAt(index: u32) -> f32 {
  return slopes[params.slopesAt + index];
}
