// Sorts pairs by one digit of four bits, stably; digit after digit, from the lowest, that sorts them by the whole key.
//
// Three passes a digit: how often each occurs in each tile (count.wgsl), the sum of what comes before (scan), and this one,
// which moves pairs to their places (Satish, Harris and Garland, "Designing Efficient Sorting Algorithms for Manycore
// GPUs", IPDPS 2009). A workgroup moves a tile of LANES * ITEMS pairs, consecutive ones an invocation. It sorts them within
// workgroup memory first, so that neighbouring invocations write neighbouring pairs.
//
// Expects: LANES, ITEMS, ROWS = 1; Params (params.wgsl), Counts, digitOf, addDigit, countOf (digits.wgsl),
// workgroupIndex, pairAt (lib/sortSource), groupScan of u32 sums.

// [row, digit, tile]: where the tile's pairs of a digit go in their row.
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> sorted: array<vec2<u32>>;

const TILE: u32 = LANES * ITEMS;

var<workgroup> slots: array<vec2<u32>, TILE>;
// Where the pairs of a digit start in the tile, and how far from there they go in the row.
var<workgroup> starts: array<u32, DIGITS>;
var<workgroup> shifts: array<u32, DIGITS>;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid);
  let row = task / params.parts;
  let tile = task % params.parts;
  let begin = tile * TILE;
  // Workgroups past the last task have no pairs.
  let end = select(0u, min(begin + TILE, params.length), row < params.rows);
  var pairs = array<vec2<u32>, ITEMS>();
  var own = Counts();
  for (var item = 0u; item < ITEMS; item++) {
    let i = begin + lane * ITEMS + item;
    if (i < end) {
      pairs[item] = pairAt(row, i);
      own = addDigit(own, digitOf(pairs[item]));
    }
  }
  let low = groupScan(own.low, invocation);
  let high = groupScan(own.high, invocation);
  let all = Counts(low.whole, high.whole);
  for (var digit = lane; digit < DIGITS && row < params.rows; digit += LANES) {
    var start = 0u;
    for (var smaller = 0u; smaller < digit; smaller++) {
      start += countOf(all, smaller);
    }
    starts[digit] = start;
    shifts[digit] = offsets[(row * DIGITS + digit) * params.parts + tile] - start;
  }
  workgroupBarrier();
  var before = Counts(low.before, high.before);
  for (var item = 0u; item < ITEMS; item++) {
    if (begin + lane * ITEMS + item < end) {
      let digit = digitOf(pairs[item]);
      slots[starts[digit] + countOf(before, digit)] = pairs[item];
      before = addDigit(before, digit);
    }
  }
  workgroupBarrier();
  for (var item = 0u; item < ITEMS; item++) {
    let slot = item * LANES + lane;
    if (begin + slot < end) {
      let pair = slots[slot];
      sorted[row * params.length + shifts[digitOf(pair)] + slot] = pair;
    }
  }
}
