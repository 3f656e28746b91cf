// Maxima and sums of four neighbouring columns, as in lib/reduce/softmax.wgsl: from a finite start, so that nothing subtracts infinity
// from itself.
//
// Expects: Params with `inner`, the distance of a column's elements; loadQuad (lib/quad), expOrNan4.

const LOWEST: f32 = -3.4028234663852886e38;

struct Quad {
  largest: vec4<f32>,
  sum: vec4<f32>,
}

fn emptyQuad() -> Quad {
  return Quad(vec4<f32>(LOWEST), vec4<f32>());
}

fn combineQuads(p: Quad, q: Quad) -> Quad {
  let largest = max(p.largest, q.largest);
  return Quad(largest, p.sum * exp(p.largest - largest) + q.sum * exp(q.largest - largest));
}

// Four rows, `step` apart, of the columns that start at `starts`, as far as they lie before `end`.
fn reduceFour(starts: vec4<u32>, i: u32, step: u32, end: u32) -> Quad {
  let a = loadRow(starts, i, end);
  let b = loadRow(starts, i + step, end);
  let c = loadRow(starts, i + 2u * step, end);
  let d = loadRow(starts, i + 3u * step, end);
  let largest = max(vec4<f32>(LOWEST), max(max(a, b), max(c, d)));
  let ab = weightsOf(a, largest, i < end) + weightsOf(b, largest, i + step < end);
  let cd = weightsOf(c, largest, i + 2u * step < end) + weightsOf(d, largest, i + 3u * step < end);
  return Quad(largest, ab + cd);
}

fn loadRow(starts: vec4<u32>, i: u32, end: u32) -> vec4<f32> {
  let v = loadQuad(starts + min(i, end - 1u) * params.inner);
  return select(vec4<f32>(LOWEST), v, i < end);
}

fn weightsOf(v: vec4<f32>, largest: vec4<f32>, wanted: bool) -> vec4<f32> {
  return select(vec4<f32>(), expOrNan4(v - largest), wanted);
}
