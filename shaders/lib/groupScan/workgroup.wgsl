// Scans the states of LANES invocations through workgroup memory (Hillis and Steele, "Data Parallel Algorithms", CACM 29,
// 1986): four states an invocation at once, each of the four for itself, so that the barriers are shared. A workgroup is
// made of ROWS such groups, whose lanes lie LANE_STRIDE apart; all of it must come here. The order of combining is
// fixed, and keeps left operands left.
//
// Expects: LANES, a power of two; ROWS; LANE_STRIDE, 1 or ROWS; an operator (lib/reduce) with a scalar for State.

struct Invocation {
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
}

fn placeOf(invocation: Invocation) -> u32 {
  return invocation.index;
}

// Of each of the four: the states of earlier lanes combined, and those of all lanes.
struct Scanned {
  before: vec4<State>,
  whole: vec4<State>,
}

const SIZE: u32 = LANES * ROWS;
const LEVELS: u32 = firstTrailingBit(LANES);

// Two halves, written in turn: a level reads one and writes the other.
var<workgroup> quads: array<vec4<State>, 2u * SIZE>;

fn combineFour(a: vec4<State>, b: vec4<State>) -> vec4<State> {
  return vec4<State>(combine(a.x, b.x), combine(a.y, b.y), combine(a.z, b.z), combine(a.w, b.w));
}

fn groupScan(states: vec4<State>, invocation: Invocation) -> Scanned {
  if (LANES == 1u) {
    return Scanned(vec4<State>(identity()), states);
  }
  let place = placeOf(invocation);
  let lane = place / LANE_STRIDE % LANES;
  var half = 0u;
  var inclusive = states;
  quads[place] = inclusive;
  workgroupBarrier();
  for (var level = 0u; level < LEVELS; level++) {
    let distance = 1u << level;
    if (lane >= distance) {
      inclusive = combineFour(quads[half + place - distance * LANE_STRIDE], inclusive);
    }
    half = SIZE - half;
    quads[half + place] = inclusive;
    workgroupBarrier();
  }
  let whole = quads[half + place + (LANES - 1u - lane) * LANE_STRIDE];
  var before = vec4<State>(identity());
  if (lane > 0u) {
    before = quads[half + place - LANE_STRIDE];
  }
  // The next call writes where a slower invocation may still have to read.
  workgroupBarrier();
  return Scanned(before, whole);
}
