// As write.wgsl, where the statistics of other keys are already: then those of all of them.
//
// Expects: LOWEST, normaliser (softmax.wgsl).
@group(0) @binding(5) var<storage, read_write> statistics: array<vec2<u32>>;

fn storeStatistic(at: u32, statistic: vec2<f32>) {
  let before = bitcast<vec2<f32>>(statistics[at]);
  let logarithms = vec2<f32>(before.x, statistic.x);
  // Where no key has been seen the logarithm may be -infinity, of which no difference is to be made.
  let maximum = max(LOWEST, max(logarithms.x, logarithms.y));
  let shares = exp2(logarithms - maximum);
  let total = shares.x + shares.y;
  let mean = dot(shares, vec2<f32>(before.y, statistic.y)) * normaliser(total);
  statistics[at] = bitcast<vec2<u32>>(vec2<f32>(maximum + log2(total), mean));
}
