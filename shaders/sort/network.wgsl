// Sorts pairs within workgroup memory by a bitonic network (Batcher, "Sorting Networks and their Applications", AFIPS 1968),
// in the form whose exchanges all have the same direction: level by level, sorted runs are joined to runs of twice the
// length, first by comparing pairs that lie symmetrically to the middle. The network is not stable by itself; that no
// two pairs are equal makes it so.
//
// Expects: SLOTS, a power of two; WORKGROUP_SIZE; comesBefore (params.wgsl).

var<workgroup> slots: array<vec2<u32>, SLOTS>;

// Sorts each run of slots as long as the least power of two that is no less than `length`, which must be uniform. The
// whole workgroup must come here, after a barrier, and finds the slots sorted.
fn sortSlots(length: u32, local: u32) {
  // Not a constant, lest a software adapter unroll the loops.
  let levels = 32u - countLeadingZeros(length - 1u);
  for (var level = 0u; level < levels; level++) {
    for (var step = level + 1u; step > 0u; step--) {
      exchange(step - 1u, step > level, local);
      workgroupBarrier();
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
