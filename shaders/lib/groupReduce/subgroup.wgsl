// Combines the states of LANES neighbouring invocations by exchanging them within subgroups, and through workgroup memory
// where a group is wider than a subgroup: one barrier instead of one a level. A workgroup is made of ROWS such groups;
// all of it must come here. Every invocation gets its group's result. The order of combining depends on the subgroups'
// size alone, so it is the same from run to run.
//
// Expects: LANES, a power of two; ROWS; SMALLEST_SUBGROUP and LARGEST_SUBGROUP, the sizes that subgroups may have, of which
// LANES * ROWS is a multiple, so that they are full; an operator (lib/reduce) with a scalar or vector for State.

struct Invocation {
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_size) subgroupSize: u32,
  @builtin(subgroup_invocation_id) subgroupLane: u32,
}

// Number of the invocation within its workgroup, counted so that subgroups and groups are consecutive: WGSL does not
// promise that local_invocation_index is.
fn placeOf(invocation: Invocation) -> u32 {
  return invocation.subgroup * invocation.subgroupSize + invocation.subgroupLane;
}

const LEVELS: u32 = firstTrailingBit(min(LANES, LARGEST_SUBGROUP));

// One state a subgroup.
var<workgroup> states: array<State, max(1u, LANES * ROWS / SMALLEST_SUBGROUP)>;

fn groupReduce(state: State, invocation: Invocation) -> State {
  var whole = state;
  for (var level = 0u; level < LEVELS; level++) {
    let distance = 1u << level;
    let other = subgroupShuffleXor(whole, distance);
    // A smaller subgroup has nobody that far away.
    whole = select(whole, combine(whole, other), distance < invocation.subgroupSize);
  }
  // Decided by constants, since barriers need control flow that is known to be uniform.
  if (LANES > SMALLEST_SUBGROUP) {
    if (invocation.subgroupLane == 0u) {
      states[invocation.subgroup] = whole;
    }
    workgroupBarrier();
    let perGroup = max(1u, LANES / invocation.subgroupSize);
    let first = invocation.subgroup / perGroup * perGroup;
    if (perGroup > 1u) {
      whole = states[first];
      for (var i = 1u; i < perGroup; i++) {
        whole = combine(whole, states[first + i]);
      }
    }
    // The next call writes where a slower invocation may still have to read.
    workgroupBarrier();
  }
  return whole;
}
