// y[o, i, j] = exp(x[o, i, j] - m) / sum over i' of exp(x[o, i', j] - m), with m the largest x[o, i', j], or the
// logarithm of that: rows whose elements lie apart, so that neighbouring rows, here called columns, have neighbouring elements.
//
// A workgroup makes 4 * COLUMNS columns. An invocation has four of them and every ROWS-th element; it reads them twice, once
// for the maximum and the sum, rescaling the sum whenever the maximum grows, and once for the result. In between, the
// ROWS states of a column are combined through workgroup memory.
//
// Expects: Elem; COLUMNS, ROWS, powers of two; Params (params.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad),
// storeQuad (lib/quadStore), softmaxResult4, Quad and what makes it (lib/softmaxQuad).

alias Acc = f32;

const LEVELS: u32 = firstTrailingBit(ROWS);

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

  var quad = emptyQuad();
  for (var i = place / COLUMNS; i < params.length; i += 4u * ROWS) {
    quad = combineQuads(quad, reduceFour(starts, i, ROWS, params.length));
  }
  let whole = combineRows(quad, place);
  for (var i = place / COLUMNS; i < params.length; i += ROWS) {
    let at = starts + i * params.inner;
    storeQuad(at, columns < vec4<u32>(params.rows), softmaxResult4(loadQuad(at), whole.largest, whole.sum));
  }
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
