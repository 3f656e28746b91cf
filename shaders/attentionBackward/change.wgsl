// What a pair of query and key adds to the gradients, as factors of rows: dS and p.
//
// Expects: Params (params.wgsl), Row, scoreOf, slopeOf (score.wgsl), softmax.wgsl.

// A query with what it needs to know of its row.
struct BlockRow {
  row: Row,
  range: vec2<u32>,
  // logSumExp in units of log2(e), and D.
  statistic: vec2<f32>,
}

// dS, but for the scale, and p of a query and a key; zeros if the query does not see it.
fn changeOf(product: f32, change: f32, at: BlockRow, key: u32) -> vec2<f32> {
  if (key < at.range.x || key >= at.range.y) {
    return vec2<f32>();
  }
  let score = scoreOf(product, at.row, key);
  if (isHidden(score)) {
    return vec2<f32>();
  }
  let p = exp2(score - at.statistic.x);
  return vec2<f32>(slopeOf(product) * p * (change - at.statistic.y), p);
}
