// One bias for the whole result, which has a single column and is stored as a row.
@group(0) @binding(4) var<storage, read> bias: array<Elem>;

fn biasAt(column: u32) -> f32 {
  return f32(bias[0]);
}
