// ranks[i, j] += how many elements of column j of another slab come before the i-th of this one.
//
// Slabs are stretches of the axis, each sorted on its own: `sorted` is [count, columns], `others` [otherCount, columns]. What
// these counts of all other slabs come to, with its place in its own, is the place of an element among all: the cross-ranking
// of Shiloach and Vishkin, "Finding the maximum, merging, and sorting in a parallel computation model", J. Algorithms 2, 1981.
// An invocation ranks RUN neighbours of a column and looks for each from where the one before it was found, in steps that
// double: so what the searches of a run read is seldom far apart.
//
// Expects: Elem; Key, the type that is ordered; workgroupIndex, rankKey (lib/order).

struct Params {
  columns: u32,
  count: u32,
  otherCount: u32,
  // What keys are combined with bit by bit: nothing, or all ones to sort from the largest to the smallest.
  flip: u32,
  // 1 where the other slab lies before this one, so that its equals come first.
  equalsFirst: u32,
  // 1 where other slabs have been counted already; ranks hold nothing before that.
  counted: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sorted: array<Elem>;
@group(0) @binding(2) var<storage, read> others: array<Elem>;
@group(0) @binding(3) var<storage, read_write> ranks: array<u32>;

const WORKGROUP_SIZE: u32 = 256u;
const RUN: u32 = 8u;

fn keyOf(x: Elem) -> u32 {
  return rankKey(Key(x)) ^ params.flip;
}

// Whether the i-th of the other slab's column comes before an element of such a key.
fn comesBefore(i: u32, column: u32, key: u32) -> bool {
  let other = keyOf(others[i * params.columns + column]);
  return other < key || (other == key && params.equalsFirst == 1u);
}

// How many of the other slab's column come before an element, of which at least `least` do.
fn countBefore(least: u32, column: u32, key: u32) -> u32 {
  var low = least;
  var step = 1u;
  while (low + step <= params.otherCount && comesBefore(low + step - 1u, column, key)) {
    low += step;
    step *= 2u;
  }
  var high = min(low + step - 1u, params.otherCount);
  while (low < high) {
    let middle = low + (high - low) / 2u;
    if (comesBefore(middle, column, key)) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  return low;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let task = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  let column = task % params.columns;
  let begin = task / params.columns * RUN;
  let end = min(begin + RUN, params.count);
  var before = 0u;
  for (var i = begin; i < end; i++) {
    let at = i * params.columns + column;
    before = countBefore(before, column, keyOf(sorted[at]));
    if (params.counted == 1u) {
      ranks[at] += before;
    } else {
      ranks[at] = i + before;
    }
  }
}
