// Press, Smith and Lewis, "Train Short, Test Long: Attention with Linear Biases", 2021, arXiv:2108.12409.
//
// Expects: slopeAt.

fn biased(score: f32, row: Row, key: u32) -> f32 {
  let slope = slopeAt(row.batch * params.slopesStride + row.head);
  return score - slope * LOG2E * f32(abs(row.position - i32(key)));
}
