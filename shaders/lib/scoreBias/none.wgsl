// No bias.
fn biased(score: f32, row: Row, key: u32) -> f32 {
  return score;
}
