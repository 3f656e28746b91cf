// Press, Smith and Lewis, "Train Short, Test Long: Attention with Linear Biases", 2021, arXiv:2108.12409.
@group(0) @binding(7) var<storage, read> slopes: array<f32>;

fn biased(score: f32, row: Row, key: u32) -> f32 {
  let slope = slopes[row.batch * params.slopesStride + row.head];
  return score - slope * LOG2E * f32(abs(row.position - i32(key)));
}
