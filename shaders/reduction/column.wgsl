// y[o] = finish(combine over r of lift(x[offset(o) + offset(r)])), where the innermost axis is kept: neighbouring results
// are made of neighbouring elements.
//
// A workgroup makes 4 * COLUMNS results, or one part of each where every reduction is cut into params.split parts. An
// invocation has four columns and every ROWS-th element of them, four rows in flight; the ROWS states of a column are then
// combined through workgroup memory.
//
// Expects: Elem, Acc, Out; COLUMNS, ROWS, powers of two; Params (params.wgsl), workgroupIndex, keptOffset and reducedOffset
// (lib/gridOffset), quadOf and loadQuad (lib/quad), an operator (lib/reduce), finish.

@group(0) @binding(2) var<storage, read_write> y: array<Out>;

// States of four columns.
struct Quad {
  a: State,
  b: State,
  c: State,
  d: State,
}

const LEVELS: u32 = firstTrailingBit(ROWS);

// Elements of a column that an invocation combines before it adds them to the others: a long sum stays accurate.
const BLOCK: u32 = 64u;

var<workgroup> quads: array<Quad, COLUMNS * ROWS>;

@compute @workgroup_size(COLUMNS * ROWS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) place: u32,
) {
  let lane = place % COLUMNS;
  let task = workgroupIndex(workgroup, grid);
  let tiles = (params.kept + 4u * COLUMNS - 1u) / (4u * COLUMNS);
  // Workgroups that follow each other go along the rows of one part, as memory lies.
  let tile = task % tiles;
  let part = task / tiles;
  let columns = tile * 4u * COLUMNS + quadOf(lane, COLUMNS);
  let begin = part * params.chunk;
  let quad = reduceColumns(columns, begin, min(begin + params.chunk, params.reduced), place / COLUMNS);
  let whole = combineRows(quad, place);
  if (place < COLUMNS) {
    store(columns.x, part, whole.a);
    store(columns.y, part, whole.b);
    store(columns.z, part, whole.c);
    store(columns.w, part, whole.d);
  }
}

// The first COLUMNS invocations get the states of all rows, as a tree.
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
  return quads[place];
}

// This invocation's share of the elements begin <= r < end of its columns.
fn reduceColumns(columns: vec4<u32>, begin: u32, end: u32, row: u32) -> Quad {
  // Columns past the last read what the last reads, and store nothing.
  let valid = min(columns, vec4<u32>(params.kept - 1u));
  let starts = vec4<u32>(keptOffset(valid.x), keptOffset(valid.y), keptOffset(valid.z), keptOffset(valid.w));
  var quad = Quad(identity(), identity(), identity(), identity());
  for (var first = begin; first < end; first += BLOCK * ROWS) {
    quad = combineQuads(quad, reduceBlock(starts, first + row, min(first + BLOCK * ROWS, end)));
  }
  return quad;
}

fn reduceBlock(starts: vec4<u32>, begin: u32, end: u32) -> Quad {
  var quad = Quad(identity(), identity(), identity(), identity());
  var r = begin;
  for (; r + 3u * ROWS < end; r += 4u * ROWS) {
    let v0 = loadQuad(starts + reducedOffset(r));
    let v1 = loadQuad(starts + reducedOffset(r + ROWS));
    let v2 = loadQuad(starts + reducedOffset(r + 2u * ROWS));
    let v3 = loadQuad(starts + reducedOffset(r + 3u * ROWS));
    let q01 = combineQuads(liftQuad(v0, r), liftQuad(v1, r + ROWS));
    let q23 = combineQuads(liftQuad(v2, r + 2u * ROWS), liftQuad(v3, r + 3u * ROWS));
    quad = combineQuads(quad, combineQuads(q01, q23));
  }
  for (; r < end; r += ROWS) {
    quad = combineQuads(quad, liftQuad(loadQuad(starts + reducedOffset(r)), r));
  }
  return quad;
}

fn liftQuad(v: vec4<Acc>, r: u32) -> Quad {
  let index = params.first + r;
  return Quad(lift(v.x, index), lift(v.y, index), lift(v.z, index), lift(v.w, index));
}

fn combineQuads(p: Quad, q: Quad) -> Quad {
  return Quad(combine(p.a, q.a), combine(p.b, q.b), combine(p.c, q.c), combine(p.d, q.d));
}

fn store(column: u32, part: u32, state: State) {
  if (column < params.kept) {
    y[column * params.split + part] = finish(state, params.reduced, params.divisor);
  }
}
