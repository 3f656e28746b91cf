// y = the elements that are kept, in their order, then zeros; total = how many are kept: see params.wgsl.
//
// Three passes: how many elements of each tile are kept (count.wgsl), the running sum of these (scan), and this one. A
// workgroup moves a tile of 16 * LANES elements, four times four consecutive ones an invocation.
//
// Expects: LANES, ROWS = 1; Params and isKept (params.wgsl), workgroupIndex, keep and keepNothing (lib/compacted),
// groupScan of u32 sums.

@group(0) @binding(2) var<storage, read_write> total: array<u32>;
// How many elements are kept up to and with each tile.
@group(0) @binding(5) var<storage, read> ends: array<u32>;

const STEP: u32 = 4u * LANES;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let tile = workgroupIndex(invocation.workgroup, invocation.grid);
  let first = 4u * (tile * STEP + lane);
  let counts = vec4<u32>(
    countQuad(first),
    countQuad(first + STEP),
    countQuad(first + 2u * STEP),
    countQuad(first + 3u * STEP),
  );
  let scanned = groupScan(counts, invocation);
  if (tile >= params.tiles) {
    return;
  }
  let all = ends[params.tiles - 1u];
  if (tile == 0u && lane == 0u) {
    total[0] = all;
  }
  var begin = 0u;
  if (tile > 0u) {
    begin = ends[tile - 1u];
  }
  for (var step = 0u; step < 4u; step++) {
    moveQuad(first + step * STEP, begin + scanned.before[step], all);
    begin += scanned.whole[step];
  }
}

fn countQuad(first: u32) -> u32 {
  var count = 0u;
  for (var i = first; i < min(first + 4u, params.length); i++) {
    count += u32(isKept(i));
  }
  return count;
}

fn moveQuad(first: u32, begin: u32, all: u32) {
  var to = begin;
  for (var i = first; i < min(first + 4u, params.length); i++) {
    if (isKept(i)) {
      keep(to, i);
      to++;
    }
    if (i >= all) {
      keepNothing(i);
    }
  }
}
