// counts[t] = how many elements of tile t are kept: the first pass of a compaction by tiles.
//
// A workgroup counts one tile of 16 * LANES elements, of which the first that is bound begins one.
//
// Expects: LANES, ROWS = 1; Params and isKept (params.wgsl), workgroupIndex, groupReduce of u32 sums.

@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

const ITEMS: u32 = 16u;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let tile = workgroupIndex(invocation.workgroup, invocation.grid);
  var own = 0u;
  for (var item = 0u; item < ITEMS; item++) {
    let i = (tile * ITEMS + item) * LANES + lane;
    if (i < params.length) {
      own += u32(isKept(i));
    }
  }
  let all = groupReduce(own, invocation);
  if (lane == 0u && tile * ITEMS * LANES < params.length) {
    counts[params.first / (ITEMS * LANES) + tile] = all;
  }
}
