// For each query the base-2 logarithm of the sum of its exponentials, and D. As words, since others may lie behind them: a word
// that is no number of f32 need not stay what it is when it is read as one.
@group(0) @binding(5) var<storage, read> statistics: array<vec2<u32>>;

fn statisticAt(at: u32) -> vec2<f32> {
  return bitcast<vec2<f32>>(statistics[at]);
}
