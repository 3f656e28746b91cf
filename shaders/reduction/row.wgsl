// y[o] = finish(combine over r of lift(x[offset(o) + offset(r)])), where the innermost axis is reduced: the elements of
// a result lie in runs without gaps, one run or one for each point of the outer reduced axes.
//
// LANES invocations make one result, or one part of it where each reduction is cut into params.split parts; a workgroup
// makes ROWS of these. An invocation reads 16 bytes at a time, four times in flight; the elements before the first multiple
// of 16 bytes and after the last are read singly, so that runs may start and end anywhere.
//
// Expects: Elem, Acc, Out; LANES, ROWS; Params (params.wgsl), workgroupIndex, keptOffset, reducedOffset and ONE_REDUCED_AXIS
// (lib/gridOffset), PACK and quadAt (lib/pack), an operator (lib/reduce), finish, groupReduce.

@group(0) @binding(1) var<storage, read> x: array<Elem>;
// The same bytes.
@group(0) @binding(2) var<storage, read> xPacks: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let o = task / params.split;
  var state = identity();
  if (o < params.kept) {
    let begin = (task % params.split) * params.chunk;
    state = reducePart(o, begin, min(begin + params.chunk, params.reduced), lane);
  }
  let whole = groupReduce(state, invocation);
  if (lane == 0u && o < params.kept) {
    y[task] = finish(whole, params.reduced, params.divisor);
  }
}

// This lane's share of the elements begin <= r < end of the o-th result.
fn reducePart(o: u32, begin: u32, end: u32, lane: u32) -> State {
  let start = keptOffset(o);
  if (ONE_REDUCED_AXIS) {
    return reduceRun(start + begin, start + end, params.first - start, lane);
  }
  let runLength = params.reducedDims.w;
  var state = identity();
  var r = begin;
  while (r < end) {
    let run = r / runLength;
    let runEnd = min(end, (run + 1u) * runLength);
    // Only the outer axes: the offset of the run's first element.
    let first = start + reducedOffset(run * runLength);
    // Adding `shift` to a position in x gives its r.
    let shift = run * runLength - first;
    state = combine(state, reduceRun(r - shift, runEnd - shift, shift + params.first, lane));
    r = runEnd;
  }
  return state;
}

fn reduceRun(begin: u32, end: u32, shift: u32, lane: u32) -> State {
  let firstPack = (begin + PACK - 1u) / PACK;
  let endPack = max(firstPack, end / PACK);
  let headEnd = min(firstPack * PACK, end);
  let tailBegin = max(headEnd, endPack * PACK);
  var state = identity();
  for (var i = begin + lane; i < headEnd; i += LANES) {
    state = combine(state, lift(Acc(x[i]), i + shift));
  }
  var pack = firstPack + lane;
  for (; pack + 3u * LANES < endPack; pack += 4u * LANES) {
    let a = xPacks[pack];
    let b = xPacks[pack + LANES];
    let c = xPacks[pack + 2u * LANES];
    let d = xPacks[pack + 3u * LANES];
    let ab = combine(reducePack(a, pack, shift), reducePack(b, pack + LANES, shift));
    let cd = combine(reducePack(c, pack + 2u * LANES, shift), reducePack(d, pack + 3u * LANES, shift));
    state = combine(state, combine(ab, cd));
  }
  for (; pack < endPack; pack += LANES) {
    state = combine(state, reducePack(xPacks[pack], pack, shift));
  }
  for (var i = tailBegin + lane; i < end; i += LANES) {
    state = combine(state, lift(Acc(x[i]), i + shift));
  }
  return state;
}

// Pairwise, which keeps both the rounding errors of a sum and the wait for the previous result small.
fn reducePack(bytes: vec4<u32>, pack: u32, shift: u32) -> State {
  let r = pack * PACK + shift;
  var state = reduceQuad(quadAt(bytes, 0u), r);
  for (var quad = 1u; quad < PACK / 4u; quad++) {
    state = combine(state, reduceQuad(quadAt(bytes, quad), r + 4u * quad));
  }
  return state;
}

fn reduceQuad(v: vec4<Acc>, r: u32) -> State {
  let xy = combine(lift(v.x, r), lift(v.y, r + 1u));
  let zw = combine(lift(v.z, r + 2u), lift(v.w, r + 3u));
  return combine(xy, zw);
}
