// Combines the states of LANES neighbouring invocations through workgroup memory, as a tree. A workgroup is made of ROWS
// such groups; all of it must come here. Every invocation gets its group's result.
//
// Expects: LANES, a power of two; ROWS; an operator (lib/reduce).

struct Invocation {
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
}

// Number of the invocation within its workgroup; a group's are consecutive.
fn placeOf(invocation: Invocation) -> u32 {
  return invocation.index;
}

const LEVELS: u32 = firstTrailingBit(LANES);

var<workgroup> states: array<State, LANES * ROWS>;

fn groupReduce(state: State, invocation: Invocation) -> State {
  if (LANES == 1u) {
    return state;
  }
  let place = placeOf(invocation);
  let lane = place % LANES;
  states[place] = state;
  workgroupBarrier();
  for (var level = 0u; level < LEVELS; level++) {
    let distance = LANES >> (level + 1u);
    if (lane < distance) {
      states[place] = combine(states[place], states[place + distance]);
    }
    workgroupBarrier();
  }
  let whole = states[place - lane];
  // The next call writes where a slower invocation may still have to read.
  workgroupBarrier();
  return whole;
}
