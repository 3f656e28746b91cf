// One bias a column, shared by all rows and batches.
@group(0) @binding(4) var<storage, read> bias: array<Elem>;

fn biasAt(column: u32) -> f32 {
  return f32(bias[column]);
}
