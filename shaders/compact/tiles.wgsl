// y = the elements that are kept, in their order, then zeros; total = how many are kept: see params.wgsl.
//
// Three passes: how many elements of each tile are kept (count.wgsl), the running sum of these (scan), and this one. A
// workgroup moves a tile of 16 * LANES elements, four times four consecutive ones an invocation. Of tensors larger than a
// binding, this pass moves those elements that are bound whose places are bound too; of other tiles it reads nothing.
//
// Expects: LANES, ROWS = 1; Params and isKept (params.wgsl), workgroupIndex, keep and keepNothing (lib/compacted),
// groupScan of u32 sums.

@group(0) @binding(2) var<storage, read_write> total: array<u32>;
// How many elements are kept up to and with each tile.
@group(0) @binding(5) var<storage, read> ends: array<u32>;

const STEP: u32 = 4u * LANES;
const TILE: u32 = 4u * STEP;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let own = workgroupIndex(invocation.workgroup, invocation.grid);
  let tile = min(params.first / TILE + own, params.tiles - 1u);
  let all = ends[params.tiles - 1u];
  var begin = 0u;
  if (tile > 0u) {
    begin = ends[tile - 1u];
  }
  let end = params.first + min(own * TILE + TILE, params.length);
  let moves = isBound(begin, ends[tile]) || isBound(max(params.first + own * TILE, all), end);
  let length = select(0u, params.length, moves);
  let first = 4u * (own * STEP + lane);
  let counts = vec4<u32>(
    countQuad(first, length),
    countQuad(first + STEP, length),
    countQuad(first + 2u * STEP, length),
    countQuad(first + 3u * STEP, length),
  );
  let scanned = groupScan(counts, invocation);
  if (own == 0u && lane == 0u) {
    total[0] = all;
  }
  for (var step = 0u; step < 4u; step++) {
    moveQuad(first + step * STEP, length, begin + scanned.before[step], all);
    begin += scanned.whole[step];
  }
}

// Whether some of these places are.
fn isBound(begin: u32, end: u32) -> bool {
  return begin < end && begin < params.firstPlace + params.places && end > params.firstPlace;
}

fn countQuad(first: u32, length: u32) -> u32 {
  var count = 0u;
  for (var i = first; i < min(first + 4u, length); i++) {
    count += u32(isKept(i));
  }
  return count;
}

fn moveQuad(first: u32, length: u32, begin: u32, all: u32) {
  var to = begin - params.firstPlace;
  for (var i = first; i < min(first + 4u, length); i++) {
    if (isKept(i)) {
      // Those before the first place are beyond the last, since they wrap around.
      if (to < params.places) {
        keep(to, i);
      }
      to++;
    }
    let place = params.first + i;
    if (place >= all && place - params.firstPlace < params.places) {
      keepNothing(place - params.firstPlace);
    }
  }
}
