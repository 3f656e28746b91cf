// The words of joined inputs, behind the statistics of rows.
//
// Expects: statistics (attentionBackward).
fn joinedWord(index: u32) -> u32 {
  return statistics[index / 2u][index % 2u];
}
