// No mask.
const HAS_MASK: bool = false;

fn masked(score: f32, row: Row, key: u32) -> f32 {
  return score;
}
