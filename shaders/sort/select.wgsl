// The first params.count pairs of each row in order, for counts far below the length: see params.wgsl.
//
// A workgroup takes a row, or one of params.parts of it. It narrows down the last pair that is wanted, eight bits at a time
// from the highest of the key to the lowest of the position: it counts how often each value of these bits occurs among
// the pairs that agree so far, and so learns which of the values the pair has (radix select; Alabi et al., "Fast
// k-Selection Algorithms for Graphics Processing Units", JEA 2012). It stops as soon as all pairs that agree are
// wanted, gathers the pairs up to there in any order, and sorts them. Where rows are cut into parts, a second dispatch
// chooses among the parts' choices.
//
// Expects: LANES = 256; SLOTS, a power of two, no less than the count; WORKGROUP_SIZE = LANES; Params and comesBefore
// (params.wgsl), slots and sortSlots (network.wgsl), workgroupIndex, pairAt (lib/sortSource), storeSorted (lib/sorted),
// groupScan of u32 sums.

const UNROLL: u32 = 4u;
const NONE: vec2<u32> = vec2<u32>(0xffffffffu);

// Pairs by the value of the bits looked at.
var<workgroup> bins: array<atomic<u32>, LANES>;
// The value that the last pair has, how many pairs with it are wanted, and how many there are.
var<workgroup> found: vec3<u32>;
var<workgroup> gathered: atomic<u32>;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid);
  let row = task / params.parts;
  let begin = task % params.parts * params.chunk;
  let end = select(begin, min(begin + params.chunk, params.pairs), row < params.rows);
  let last = lastWanted(row, begin, end, lane, invocation);

  for (var slot = lane; slot < SLOTS; slot += LANES) {
    slots[slot] = NONE;
  }
  if (lane == 0u) {
    atomicStore(&gathered, 0u);
  }
  workgroupBarrier();
  for (var first = begin + lane; first < end; first += UNROLL * LANES) {
    for (var u = 0u; u < UNROLL; u++) {
      let i = first + u * LANES;
      if (i < end) {
        let pair = pairAt(row, i);
        if (!comesBefore(last, pair)) {
          let slot = atomicAdd(&gathered, 1u);
          if (slot < SLOTS) {
            slots[slot] = pair;
          }
        }
      }
    }
  }
  workgroupBarrier();
  sortSlots(SLOTS, lane);
  for (var rank = lane; rank < params.count && row < params.rows; rank += LANES) {
    storeSorted(task, rank, slots[rank]);
  }
}

// The last pair that is wanted, or one after it and before all others.
fn lastWanted(row: u32, begin: u32, end: u32, lane: u32, invocation: Invocation) -> vec2<u32> {
  var last = vec2<u32>();
  var wanted = params.count;
  for (var round = 0u; round < 8u; round++) {
    let inKey = round < 4u;
    let shift = 24u - round % 4u * 8u;
    atomicStore(&bins[lane], 0u);
    workgroupBarrier();
    for (var first = begin + lane; first < end; first += UNROLL * LANES) {
      for (var u = 0u; u < UNROLL; u++) {
        let i = first + u * LANES;
        if (i < end) {
          let pair = pairAt(row, i);
          let word = select(pair.y, pair.x, inKey);
          // Shifted twice, since a shift by 32 would be one by nothing.
          let unlike = ((word ^ select(last.y, last.x, inKey)) >> shift) >> 8u;
          if (unlike == 0u && (inKey || pair.x == last.x)) {
            atomicAdd(&bins[(word >> shift) & 0xffu], 1u);
          }
        }
      }
    }
    if (lane == 0u) {
      // Where there are no more pairs than are wanted, all agree.
      found = vec3<u32>(0xffu, 0u, 0u);
    }
    workgroupBarrier();
    let own = atomicLoad(&bins[lane]);
    let before = groupScan(vec4<u32>(own, 0u, 0u, 0u), invocation).before.x;
    if (before < wanted && wanted <= before + own) {
      found = vec3<u32>(lane, wanted - before, own);
    }
    let value = workgroupUniformLoad(&found);
    wanted = value.y;
    let bits = value.x << shift;
    // The bits not looked at yet are ones: if the search ends here, nothing that agrees comes after.
    let rest = (1u << shift) - 1u;
    if (value.y == value.z) {
      return select(vec2<u32>(last.x, last.y | bits | rest), vec2<u32>(last.x | bits | rest, 0xffffffffu), inKey);
    }
    last = select(vec2<u32>(last.x, last.y | bits), vec2<u32>(last.x | bits, 0u), inKey);
  }
  return last;
}
