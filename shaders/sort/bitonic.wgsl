// Sorts rows of up to SIZE elements within workgroup memory: see params.wgsl.
//
// A workgroup sorts ROWS rows with a bitonic network (Batcher, "Sorting Networks and their Applications", AFIPS 1968), in the
// form whose exchanges all have the same direction: level by level, sorted runs are joined to runs of twice the
// length, first by comparing elements that lie symmetrically to the middle. The network is not stable by itself; that no
// two pairs are equal makes it so.
//
// Expects: SIZE and ROWS, powers of two, SIZE no less than a row; Params and comesBefore (params.wgsl), workgroupIndex,
// pairAt (lib/sortSource), storeSorted (lib/sorted).

const WORKGROUP_SIZE: u32 = 256u;
const SLOTS: u32 = SIZE * ROWS;

var<workgroup> slots: array<vec2<u32>, SLOTS>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let firstRow = workgroupIndex(workgroup, grid) * ROWS;
  for (var slot = local; slot < SLOTS; slot += WORKGROUP_SIZE) {
    let row = firstRow + slot / SIZE;
    let i = slot % SIZE;
    // Comes after every element: no key is larger, and no position of an element.
    var pair = vec2<u32>(0xffffffffu, i);
    if (row < params.rows && i < params.length) {
      pair = pairAt(row, i);
    }
    slots[slot] = pair;
  }
  workgroupBarrier();
  // The bound is a number of the problem, lest a software adapter unroll the loops.
  let levels = 32u - countLeadingZeros(params.length - 1u);
  for (var level = 0u; level < levels; level++) {
    for (var step = level + 1u; step > 0u; step--) {
      exchange(step - 1u, step > level, local);
      workgroupBarrier();
    }
  }
  for (var slot = local; slot < SLOTS; slot += WORKGROUP_SIZE) {
    let row = firstRow + slot / SIZE;
    if (row < params.rows && slot % SIZE < params.count) {
      storeSorted(row, slot % SIZE, slots[slot].y);
    }
  }
}

// Compares pairs 2^step apart, or as far as they are from the middle on either side, and puts them in order.
fn exchange(step: u32, symmetric: bool, local: u32) {
  let distance = 1u << step;
  for (var i = local; i < SLOTS / 2u; i += WORKGROUP_SIZE) {
    let first = ((i >> step) << (step + 1u)) + (i & (distance - 1u));
    let second = select(first + distance, first ^ (2u * distance - 1u), symmetric);
    let a = slots[first];
    let b = slots[second];
    if (comesBefore(b, a)) {
      slots[first] = b;
      slots[second] = a;
    }
  }
}
