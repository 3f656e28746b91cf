// dx[o, i] = y[o, i] (dy[o, i] - sum over i' of y[o, i'] dy[o, i']), or the gradient of a logSoftmax (lib/softmaxGradient), over rows
// without gaps.
//
// LANES invocations make one row, a workgroup ROWS of them. An invocation has 4 elements of every 4 * LANES.
//
// Expects: Elem; LANES, ROWS; Params (softmax/params.wgsl), workgroupIndex, quadOf, loadPair and storeQuad (lib/pairAccess), itemCount,
// endsBlock, firstItem and laterItem (lib/rowCache), softmaxTerm4 and softmaxGradient4 (lib/softmaxGradient), the operator of sums
// (lib/reduce), groupReduce.

alias Acc = f32;
alias Item = Pair;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let begin = min(row, params.rows - 1u) * params.length;
  let first = begin + quadOf(place % LANES, LANES);
  let end = begin + params.length;
  let count = itemCount(params.length);

  var sums = vec4<f32>();
  var block = vec4<f32>();
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let pair = firstItem(item, at, end);
    block += select(vec4<f32>(), softmaxTerm4(pair.a, pair.b), at < vec4<u32>(end));
    if (endsBlock(item)) {
      sums += block;
      block = vec4<f32>();
    }
  }
  sums += block;
  let sum = groupReduce((sums.x + sums.y) + (sums.z + sums.w), invocation);
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let pair = laterItem(item, at, end);
    storeQuad(at, at < vec4<u32>(select(0u, end, row < params.rows)), softmaxGradient4(pair.a, pair.b, sum));
  }
}

fn loadItem(at: vec4<u32>, end: u32) -> Item {
  return loadPair(min(at, vec4<u32>(end - 1u)));
}
