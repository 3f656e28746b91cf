// y[o, i, j] = x[o, 0, j] + … + x[o, i, j], for + any associative operator: see params.wgsl.
//
// LANES invocations scan a row, or one of params.parts of it; a workgroup makes ROWS of these tasks. They go through it
// in tiles of 16 * LANES elements, four times four an invocation, and carry what came before from tile to tile. Where
// rows are cut into parts there are three passes, reduce then scan: every part's total, the totals scanned, and
// every part scanned from its prefix on (Sengupta et al., "Scan Primitives for GPU Computing", Graphics Hardware 2007).
//
// Expects: LANES, ROWS, LANE_STRIDE; Params (params.wgsl), lineOf and tilesOf (lib/lines), loadStates, combineQuad
// (elements.wgsl), workgroupIndex, an operator (lib/reduce), groupScan, firstCarry (lib/carry), emitQuad (lib/scanned), emitTotal (lib/scanTotal).

const STEP: u32 = 4u * LANES;
const TILE: u32 = 4u * STEP;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place / LANE_STRIDE % LANES;
  let row = place % LANE_STRIDE + place / (LANE_STRIDE * LANES) * LANE_STRIDE;
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + row;
  let line = lineOf(task);
  let tiles = tilesOf(line, TILE, place);
  var carry = identity();
  if (task < params.rows * params.parts) {
    carry = firstCarry(task);
  }
  for (var tile = 0u; tile < tiles; tile++) {
    let i = line.begin + tile * TILE + 4u * lane;
    let a = loadStates(line, i);
    let b = loadStates(line, i + STEP);
    let c = loadStates(line, i + 2u * STEP);
    let d = loadStates(line, i + 3u * STEP);
    let totals = vec4<State>(combineQuad(a), combineQuad(b), combineQuad(c), combineQuad(d));
    let scanned = groupScan(totals, invocation);
    // One addition to the carry a tile, not four, keeps rounding errors of long rows small.
    let ab = combine(scanned.whole.x, scanned.whole.y);
    let abc = combine(ab, scanned.whole.z);
    emitQuad(line, i, combine(carry, scanned.before.x), a);
    emitQuad(line, i + STEP, combine(carry, combine(scanned.whole.x, scanned.before.y)), b);
    emitQuad(line, i + 2u * STEP, combine(carry, combine(ab, scanned.before.z)), c);
    emitQuad(line, i + 3u * STEP, combine(carry, combine(abc, scanned.before.w)), d);
    carry = combine(carry, combine(abc, scanned.whole.w));
  }
  if (lane == 0u && task < params.rows * params.parts) {
    emitTotal(task, carry);
  }
}
