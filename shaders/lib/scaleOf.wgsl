// Scales of quantised weights, one a block.
//
// Expects: ScaleElem.
@group(0) @binding(7) var<storage, read> scales: array<ScaleElem>;

fn scaleOf(block: u32) -> f32 {
  return f32(scales[block]);
}
