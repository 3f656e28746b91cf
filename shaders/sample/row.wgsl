// tokens[r] = a token drawn with probability proportional to exp(logits[r, i] * scale), of those candidates that are kept: at
// least minP times as likely as the likeliest, and, in the order given, the first that together have topP of what is left.
//
// A workgroup of LANES invocations draws for one row, which it reads up to four times: for the largest logit, for the sum of
// the weights, for the sum of those that are kept, and for the token at which the running sum exceeds a random part of
// that. A row that has no largest finite logit has no distribution, and gives NONE.
//
// Both sums are running sums of candidates, bit for bit: a sum that was added in another order could be below the last
// candidate's by a rounding. So the goal, which is less, is always exceeded, and by the last that is kept at the latest.
//
// Expects: Elem; LANES, ROWS = 1; workgroupIndex, philox, orderKey and fromOrderKey (lib/order), tokenOf (lib/token),
// groupScan of f32 sums.

struct Params {
  rows: u32,
  length: u32,
  scale: f32,
  minP: f32,
  topP: f32,
  // What the random number is made from, with the row.
  seedLow: u32,
  seedHigh: u32,
  step: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<Elem>;
@group(0) @binding(2) var<storage, read_write> tokens: array<u32>;

const NONE: u32 = 0xffffffffu;
const EXPONENT: u32 = 0x7f800000u;
const STEP: u32 = 4u * LANES;

var<workgroup> largestKey: atomic<u32>;
// Positive floats are ordered as their bits are.
var<workgroup> totalBits: atomic<u32>;
var<workgroup> keptBits: atomic<u32>;
var<workgroup> drawn: atomic<u32>;

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid);
  if (lane == 0u) {
    atomicStore(&largestKey, 0u);
    atomicStore(&totalBits, 0u);
    atomicStore(&keptBits, NONE);
    atomicStore(&drawn, NONE);
  }
  workgroupBarrier();
  var key = 0u;
  for (var i = lane; i < params.length && row < params.rows; i += LANES) {
    key = max(key, orderKey(f32(logits[row * params.length + i])));
  }
  atomicMax(&largestKey, key);
  workgroupBarrier();
  let largest = fromOrderKey(atomicLoad(&largestKey));

  var before = 0.0;
  for (var begin = 0u; begin < params.length; begin += STEP) {
    let w = weights(row, begin + 4u * lane, largest);
    let sums = runningSums(w, before, invocation);
    let each = select(vec4<f32>(), sums.each, w > vec4<f32>());
    atomicMax(&totalBits, bitcast<u32>(max(max(each.x, each.y), max(each.z, each.w))));
    before = sums.all;
  }
  workgroupBarrier();
  let total = bitcast<f32>(atomicLoad(&totalBits));
  // A distribution is cut where its running sum reaches its part.
  var kept = total;
  if (params.topP < 1.0) {
    before = 0.0;
    for (var begin = 0u; begin < params.length; begin += STEP) {
      let w = weights(row, begin + 4u * lane, largest);
      let sums = runningSums(w, before, invocation);
      for (var e = 0u; e < 4u; e++) {
        if (w[e] > 0.0 && sums.each[e] >= params.topP * total) {
          atomicMin(&keptBits, bitcast<u32>(sums.each[e]));
        }
      }
      before = sums.all;
    }
    workgroupBarrier();
    kept = bitcast<f32>(atomicLoad(&keptBits));
  }
  let random = philox(vec4<u32>(row, params.step, 0u, 0u), vec2<u32>(params.seedLow, params.seedHigh)).x;
  let goal = f32(random >> 8u) * 0x1p-24 * kept;
  before = 0.0;
  for (var begin = 0u; begin < params.length; begin += STEP) {
    let i = begin + 4u * lane;
    let w = weights(row, i, largest);
    let sums = runningSums(w, before, invocation);
    for (var e = 0u; e < 4u; e++) {
      if (w[e] > 0.0 && sums.each[e] > goal) {
        atomicMin(&drawn, i + e);
      }
    }
    before = sums.all;
  }
  workgroupBarrier();
  if (lane == 0u && row < params.rows) {
    let i = atomicLoad(&drawn);
    let valid = i < params.length && (bitcast<u32>(largest) & EXPONENT) != EXPONENT;
    tokens[row] = NONE;
    if (valid) {
      tokens[row] = tokenOf(row, i);
    }
  }
}

// Four candidates' weights, relative to the likeliest; none for those that are not likely enough.
fn weights(row: u32, i: u32, largest: f32) -> vec4<f32> {
  var w = vec4<f32>();
  for (var e = 0u; e < 4u; e++) {
    if (i + e < params.length && row < params.rows) {
      let distance = f32(logits[row * params.length + i + e]) - largest;
      let weight = exp(distance * params.scale);
      // The likeliest always is likely enough, however exp rounds.
      w[e] = select(0.0, weight, weight >= params.minP || distance == 0.0);
    }
  }
  return w;
}

struct RunningSums {
  each: vec4<f32>,
  all: f32,
}

// Those of four weights of each lane, after what came before.
fn runningSums(w: vec4<f32>, before: f32, invocation: Invocation) -> RunningSums {
  let y = w.x + w.y;
  let z = y + w.z;
  let all = z + w.w;
  let scanned = groupScan(vec4<f32>(all, 0.0, 0.0, 0.0), invocation);
  let start = before + scanned.before.x;
  return RunningSums(vec4<f32>(start + w.x, start + y, start + z, start + all), before + scanned.whole.x);
}
