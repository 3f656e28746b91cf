// Scans the states of LANES neighbouring invocations by exchanging them within subgroups, and through workgroup memory
// where a group is wider than a subgroup. Otherwise as groupScan/workgroup.wgsl, with LANE_STRIDE 1.
//
// Expects: LANES, a power of two; ROWS; SMALLEST_SUBGROUP and LARGEST_SUBGROUP, the sizes that subgroups may have, of which
// LANES * ROWS is a multiple, so that they are full; an operator (lib/reduce) with a scalar for State.

struct Invocation {
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_size) subgroupSize: u32,
  @builtin(subgroup_invocation_id) subgroupLane: u32,
}

// As in groupReduce/subgroup.wgsl.
fn placeOf(invocation: Invocation) -> u32 {
  return invocation.subgroup * invocation.subgroupSize + invocation.subgroupLane;
}

// Of each of the four: the states of earlier lanes combined, and those of all lanes.
struct Scanned {
  before: vec4<State>,
  whole: vec4<State>,
}

const LEVELS: u32 = firstTrailingBit(min(LANES, LARGEST_SUBGROUP));

// The states of a whole subgroup each.
var<workgroup> wholes: array<vec4<State>, max(1u, LANES * ROWS / SMALLEST_SUBGROUP)>;

fn combineFour(a: vec4<State>, b: vec4<State>) -> vec4<State> {
  return vec4<State>(combine(a.x, b.x), combine(a.y, b.y), combine(a.z, b.z), combine(a.w, b.w));
}

fn groupScan(states: vec4<State>, invocation: Invocation) -> Scanned {
  // Within the part of the group that is in this subgroup.
  let width = min(LANES, invocation.subgroupSize);
  let lane = invocation.subgroupLane % width;
  var inclusive = states;
  for (var level = 0u; level < LEVELS; level++) {
    let distance = 1u << level;
    let earlier = subgroupShuffleUp(inclusive, distance);
    inclusive = select(inclusive, combineFour(earlier, inclusive), lane >= distance);
  }
  var before = select(vec4<State>(identity()), subgroupShuffleUp(inclusive, 1u), lane > 0u);
  var whole = subgroupShuffle(inclusive, invocation.subgroupLane - lane + width - 1u);
  // Decided by constants, since barriers need control flow that is known to be uniform.
  if (LANES > SMALLEST_SUBGROUP) {
    if (invocation.subgroupLane == 0u) {
      wholes[invocation.subgroup] = whole;
    }
    workgroupBarrier();
    let perGroup = max(1u, LANES / invocation.subgroupSize);
    let first = invocation.subgroup / perGroup * perGroup;
    if (perGroup > 1u) {
      var sum = vec4<State>(identity());
      for (var i = 0u; i < perGroup; i++) {
        if (first + i == invocation.subgroup) {
          before = combineFour(sum, before);
        }
        sum = combineFour(sum, wholes[first + i]);
      }
      whole = sum;
    }
    // The next call writes where a slower invocation may still have to read.
    workgroupBarrier();
  }
  return Scanned(before, whole);
}
