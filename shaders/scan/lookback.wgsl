// y[o, i] = x[o, 0] + … + x[o, i], for + any associative operator, reading x and writing y once: see params.wgsl.
//
// A workgroup scans one of params.parts parts of a row, a tile of 16 * LANES elements. It publishes the tile's total, looks
// back at what earlier tiles have published until it finds one that knows all elements up to its end, and publishes
// as much itself (Merrill and Garland, "Single-pass Parallel Prefix Scan with Decoupled Look-back", 2016). WebGPU
// does not promise that a workgroup that others wait for ever goes on, so after params.patience looks in vain a workgroup
// makes the missing total itself (Smith, Levien and Owens, "Decoupled Fallback", SPAA 2025).
//
// The results' bits do not depend on who was faster: totals are made in one order by whoever makes them, and are added
// to a prefix strictly from left to right, wherever the look back ended.
//
// Expects: LANES, ROWS = 1; Params (params.wgsl), lineOf (lib/lines), loadStates, combineQuad (elements.wgsl),
// workgroupIndex, an operator (lib/reduce), groupScan, emitQuad (lib/scanned).

// How many workgroups have begun, then four words for each tile: its total, and the prefix up to and with it.
@group(0) @binding(3) var<storage, read_write> status: array<atomic<u32>>;

const STEP: u32 = 4u * LANES;
const TOTAL: u32 = 0u;
const PREFIX: u32 = 2u;

// A value takes two words, half in each, beside a mark that it is there: no order between words is assumed.
const PUBLISHED: u32 = 0x10000u;

var<workgroup> ticket: u32;
// Of the tiles looked at: one more than the last that has a prefix, and than the last that has nothing.
var<workgroup> known: atomic<u32>;
var<workgroup> missing: atomic<u32>;
var<workgroup> seen: vec2<u32>;
var<workgroup> window: array<State, LANES>;
var<workgroup> sum: State;

struct Tile {
  a: vec4<State>,
  b: vec4<State>,
  c: vec4<State>,
  d: vec4<State>,
}

@compute @workgroup_size(LANES)
fn main(invocation: Invocation) {
  let lane = placeOf(invocation);
  // Tiles in the order in which workgroups begin, so that nobody waits for one that has not.
  if (lane == 0u) {
    ticket = atomicAdd(&status[0], 1u);
  }
  let task = workgroupUniformLoad(&ticket);
  if (task >= params.rows * params.parts) {
    return;
  }
  let row = task % params.rows;
  let part = task / params.rows;
  let line = lineOf(task);
  let i = line.begin + 4u * lane;
  let tile = loadTile(line, i);
  let scanned = scanTile(tile, invocation);
  let total = combineWholes(scanned.whole);
  if (lane == 0u) {
    publish(row, part, TOTAL, total);
  }
  let before = prefixBefore(row, part, lane, invocation);
  if (lane == 0u) {
    publish(row, part, PREFIX, combine(before, total));
  }
  var carry = before;
  emitQuad(line, i, combine(carry, scanned.before.x), tile.a);
  carry = combine(carry, scanned.whole.x);
  emitQuad(line, i + STEP, combine(carry, scanned.before.y), tile.b);
  carry = combine(carry, scanned.whole.y);
  emitQuad(line, i + 2u * STEP, combine(carry, scanned.before.z), tile.c);
  carry = combine(carry, scanned.whole.z);
  emitQuad(line, i + 3u * STEP, combine(carry, scanned.before.w), tile.d);
}

fn loadTile(line: Line, i: u32) -> Tile {
  return Tile(
    loadStates(line, i),
    loadStates(line, i + STEP),
    loadStates(line, i + 2u * STEP),
    loadStates(line, i + 3u * STEP),
  );
}

fn scanTile(tile: Tile, invocation: Invocation) -> Scanned {
  let totals = vec4<State>(combineQuad(tile.a), combineQuad(tile.b), combineQuad(tile.c), combineQuad(tile.d));
  return groupScan(totals, invocation);
}

// All elements of the row before the part, combined. The whole workgroup must come here.
fn prefixBefore(row: u32, part: u32, lane: u32, invocation: Invocation) -> State {
  // Back: the parts from `first` on have totals.
  var first = part;
  var start = identity();
  var looks = 0u;
  while (first > 0u) {
    let width = min(LANES, first);
    if (lane == 0u) {
      atomicStore(&known, 0u);
      atomicStore(&missing, 0u);
    }
    workgroupBarrier();
    if (lane < width) {
      let earlier = first - 1u - lane;
      let prefix = published(row, earlier, PREFIX);
      if (prefix.there) {
        window[lane] = prefix.value;
        atomicMax(&known, earlier + 1u);
      } else if (!published(row, earlier, TOTAL).there) {
        atomicMax(&missing, earlier + 1u);
      }
    }
    workgroupBarrier();
    if (lane == 0u) {
      seen = vec2<u32>(atomicLoad(&known), atomicLoad(&missing));
    }
    let found = workgroupUniformLoad(&seen);
    if (found.y > found.x) {
      looks++;
      if (looks > params.patience) {
        makeTotal(row, found.y - 1u, lane, invocation);
        looks = 0u;
      }
    } else if (found.x > 0u) {
      start = window[first - found.x];
      first = found.x;
      break;
    } else {
      first -= width;
    }
  }
  // Forth: add the totals from `first` on.
  for (; first < part; first += LANES) {
    let width = min(LANES, part - first);
    workgroupBarrier();
    if (lane < width) {
      window[lane] = awaitTotal(row, first + lane);
    }
    workgroupBarrier();
    if (lane == 0u) {
      var state = start;
      for (var i = 0u; i < width; i++) {
        state = combine(state, window[i]);
      }
      sum = state;
    }
    start = workgroupUniformLoad(&sum);
  }
  return start;
}

// Does another workgroup's work. If that one does it after all, it publishes the same.
fn makeTotal(row: u32, part: u32, lane: u32, invocation: Invocation) {
  let line = lineOf(part * params.rows + row);
  let total = combineWholes(scanTile(loadTile(line, line.begin + 4u * lane), invocation).whole);
  if (lane == 0u) {
    publish(row, part, TOTAL, total);
  }
}

// From left to right, as tiles are added to each other.
fn combineWholes(wholes: vec4<State>) -> State {
  return combine(combine(combine(wholes.x, wholes.y), wholes.z), wholes.w);
}

struct Published {
  there: bool,
  value: State,
}

fn slotOf(row: u32, part: u32, what: u32) -> u32 {
  return 1u + 4u * (part * params.rows + row) + what;
}

fn publish(row: u32, part: u32, what: u32, value: State) {
  let slot = slotOf(row, part, what);
  let bits = bitcast<u32>(value);
  atomicStore(&status[slot], PUBLISHED | (bits & 0xffffu));
  atomicStore(&status[slot + 1u], PUBLISHED | (bits >> 16u));
}

fn published(row: u32, part: u32, what: u32) -> Published {
  let slot = slotOf(row, part, what);
  let low = atomicLoad(&status[slot]);
  let high = atomicLoad(&status[slot + 1u]);
  return Published((low & high & PUBLISHED) != 0u, bitcast<State>((low & 0xffffu) | (high << 16u)));
}

// A total that somebody in this workgroup has seen already.
fn awaitTotal(row: u32, part: u32) -> State {
  var total = published(row, part, TOTAL);
  while (!total.there) {
    total = published(row, part, TOTAL);
  }
  return total.value;
}
