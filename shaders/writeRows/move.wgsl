// Takes the row of each new token to where it belongs, in a cache or in its own place, rotated by its position.
//
// An invocation moves UNIT neighbouring elements of a row.
//
// Expects: Elem; UNIT, of which rows are multiples; ROTARY, IN_PLACE, RING; keyRow, angleOf, storeUnit, workgroupIndex.
// Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021, arXiv:2104.09864.

const THREADS: u32 = 256u;

struct Params {
  batch: u32,
  heads: u32,
  seqLen: u32,
  headDim: u32,
  // Pairs that are rotated; the table has rotaryRows rows of them.
  pairs: u32,
  rotaryRows: u32,
  // Positions that a sequence has in the cache, and the blocks of a paged one.
  seqLenKv: u32,
  blocks: u32,
  blockSize: u32,
  // Where positions and blocks of the first sequence are.
  positionsAt: u32,
  blockTableAt: u32,
  // The first token, of so many in all; rows of the cache and of the tables of angles that are bound, from one to before
  // another, and where the first row of the tables would be.
  firstToken: u32,
  tokens: u32,
  rowBegin: u32,
  rowEnd: u32,
  angleBegin: u32,
  angleEnd: u32,
  anglesAt: u32,
  // From one sequence, head and row to the next, and where the first begins, in elements.
  xStrides: vec4<u32>,
  outStrides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(4) var<storage, read> positions: array<u32>;

struct Source {
  // The row's first element.
  at: u32,
  // Its row of the tables.
  angle: u32,
}

fn rowAt(strides: vec4<u32>, batch: u32, head: u32, row: u32) -> u32 {
  return strides.w + batch * strides.x + head * strides.y + row * strides.z;
}

// Element d of a row, rotated.
fn rotated(source: Source, d: u32) -> f32 {
  let value = f32(x[source.at + d]);
  if (!ROTARY || d >= 2u * params.pairs) {
    return value;
  }
  let pair = pairOf(d);
  let angle = angleOf(params.anglesAt + source.angle * params.pairs + pair.number);
  let other = f32(x[source.at + pair.partner]);
  return select(other * angle.y + value * angle.x, value * angle.x - other * angle.y, d < pair.partner);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let units = params.headDim / UNIT;
  let number = workgroupIndex(workgroup, grid) * THREADS + index;
  let unit = number % units;
  let source = number / units;
  let token = source % params.seqLen;
  let sequenceHead = source / params.seqLen;
  let head = sequenceHead % params.heads;
  let batch = sequenceHead / params.heads;
  if (batch >= params.batch) {
    return;
  }
  let position = positions[params.positionsAt + batch] + params.firstToken + token;
  let angle = min(position, params.rotaryRows - 1u);
  if (ROTARY && (angle < params.angleBegin || angle >= params.angleEnd)) {
    return;
  }
  var row = token;
  if (!IN_PLACE) {
    // Behind the end there is no place; of a ring, the last tokens keep theirs.
    let fits = position < params.seqLenKv;
    let isLast = params.firstToken + token + params.seqLenKv >= params.tokens;
    if (!select(fits, isLast, RING)) {
      return;
    }
    row = keyRow(batch, position);
    if (row < params.rowBegin || row >= params.rowEnd) {
      return;
    }
  }
  storeUnit(Source(rowAt(params.xStrides, batch, head, token), angle), unit, rowAt(params.outStrides, batch, head, row));
}
