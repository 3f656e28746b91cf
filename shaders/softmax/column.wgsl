// y[o, i, j] = exp(x[o, i, j] - m) / sum over i' of exp(x[o, i', j] - m), with m the largest x[o, i', j], or the
// logarithm of that: rows whose elements lie apart, so that neighbouring rows, here called columns, have neighbouring elements.
//
// A workgroup makes 4 * COLUMNS columns. An invocation has four of them and every ROWS-th element; it reads them twice, once
// for the maximum and the sum, rescaling the sum whenever the maximum grows, and once for the result. In between, the
// ROWS states of a column are combined through workgroup memory.
//
// Expects: Elem; COLUMNS, ROWS, powers of two; Params (params.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad),
// storeQuad (lib/quadStore), expOrNan4, softmaxResult4.

alias Acc = f32;

const LOWEST: f32 = -3.4028234663852886e38;
const LEVELS: u32 = firstTrailingBit(ROWS);

// As in lib/reduce/softmax.wgsl, for four columns: a finite start, so that nothing subtracts infinity from itself.
struct Quad {
  largest: vec4<f32>,
  sum: vec4<f32>,
}

var<workgroup> quads: array<Quad, COLUMNS * ROWS>;

@compute @workgroup_size(COLUMNS * ROWS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) place: u32,
) {
  let lane = place % COLUMNS;
  let columns = workgroupIndex(workgroup, grid) * 4u * COLUMNS + quadOf(lane, COLUMNS);
  // Columns past the last read what the last reads, and store nothing.
  let valid = min(columns, vec4<u32>(params.rows - 1u));
  let starts = valid / params.inner * (params.length * params.inner) + valid % params.inner;

  var quad = Quad(vec4<f32>(LOWEST), vec4<f32>());
  for (var i = place / COLUMNS; i < params.length; i += 4u * ROWS) {
    quad = combineQuads(quad, reduceFour(starts, i));
  }
  let whole = combineRows(quad, place);
  for (var i = place / COLUMNS; i < params.length; i += ROWS) {
    let at = starts + i * params.inner;
    storeQuad(at, columns < vec4<u32>(params.rows), softmaxResult4(loadQuad(at), whole.largest, whole.sum));
  }
}

// Four rows of this invocation's columns, as far as there are so many.
fn reduceFour(starts: vec4<u32>, i: u32) -> Quad {
  let a = loadRow(starts, i);
  let b = loadRow(starts, i + ROWS);
  let c = loadRow(starts, i + 2u * ROWS);
  let d = loadRow(starts, i + 3u * ROWS);
  let largest = max(vec4<f32>(LOWEST), max(max(a, b), max(c, d)));
  let ab = weightsOf(a, largest, i) + weightsOf(b, largest, i + ROWS);
  let cd = weightsOf(c, largest, i + 2u * ROWS) + weightsOf(d, largest, i + 3u * ROWS);
  return Quad(largest, ab + cd);
}

fn loadRow(starts: vec4<u32>, i: u32) -> vec4<f32> {
  let v = loadQuad(starts + min(i, params.length - 1u) * params.inner);
  return select(vec4<f32>(LOWEST), v, i < params.length);
}

fn weightsOf(v: vec4<f32>, largest: vec4<f32>, i: u32) -> vec4<f32> {
  return select(vec4<f32>(), expOrNan4(v - largest), i < params.length);
}

fn combineQuads(p: Quad, q: Quad) -> Quad {
  let largest = max(p.largest, q.largest);
  return Quad(largest, p.sum * exp(p.largest - largest) + q.sum * exp(q.largest - largest));
}

// Every invocation gets the states of its columns' rows, combined as a tree.
fn combineRows(quad: Quad, place: u32) -> Quad {
  if (ROWS == 1u) {
    return quad;
  }
  quads[place] = quad;
  workgroupBarrier();
  for (var level = 0u; level < LEVELS; level++) {
    let distance = COLUMNS * (ROWS >> (level + 1u));
    if (place < distance) {
      quads[place] = combineQuads(quads[place], quads[place + distance]);
    }
    workgroupBarrier();
  }
  return quads[place % COLUMNS];
}
