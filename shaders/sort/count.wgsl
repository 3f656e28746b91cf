// counts[row, digit, tile] = how many pairs of a tile have the digit: the first pass of a digit of a radix sort.
//
// A workgroup counts one tile of LANES * ITEMS pairs.
//
// Expects: LANES, ITEMS, ROWS = 1; Params (params.wgsl), digitOf, addDigit, countOf (digits.wgsl), workgroupIndex,
// pairAt (lib/sortSource), groupReduce of vec4<u32>.

@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid);
  let row = task / params.parts;
  let tile = task % params.parts;
  // Workgroups past the last task count nothing.
  let end = select(0u, params.length, row < params.rows);
  var own = Counts();
  for (var item = 0u; item < ITEMS; item++) {
    let i = (tile * ITEMS + item) * LANES + lane;
    if (i < end) {
      own = addDigit(own, digitOf(pairAt(row, i)));
    }
  }
  let all = Counts(groupReduce(own.low, invocation), groupReduce(own.high, invocation));
  for (var digit = lane; digit < DIGITS && row < params.rows; digit += LANES) {
    counts[(row * DIGITS + digit) * params.parts + tile] = countOf(all, digit);
  }
}
