// dx[o, r] = (g - mean of g - n * mean of g n) / deviation, with n = (x - mean) / deviation and g = dy * scale, over rows o without
// gaps; see norm/params.wgsl. The first of three passes: it also leaves each row's mean and 1 / deviation for the others.
//
// LANES invocations make one row, a workgroup ROWS of them. An invocation has 4 elements of every 4 * LANES.
//
// Expects: Elem; LANES, ROWS; CENTERED, whether means are taken off; SPATIAL, whether a channel has several elements; Params
// (norm/params.wgsl), workgroupIndex, quadOf, loadPair and storeQuad (lib/pairAccess), scaled (lib/channelScale), itemCount,
// endsBlock and laterItem (lib/rowCache), rowMoments, the operator of pairs of sums (lib/reduce), groupReduce.

alias Acc = f32;
alias Item = Pair;

// Mean and 1 / deviation.
@group(0) @binding(5) var<storage, read_write> statistics: array<vec2<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let begin = min(row, params.rows - 1u) * params.length;
  let first = begin + quadOf(place % LANES, LANES);
  let end = begin + params.length;
  let count = itemCount(params.length);
  let length = f32(params.length);

  let moments = rowMoments(first, params.length, end, invocation);
  let mean = moments.mean;
  let inverseDeviation = inverseSqrt(moments.squares / length + params.epsilon);

  let channel = (row % params.groups) * params.channels;
  var gradients = vec4<f32>();
  var products = vec4<f32>();
  var blockGradients = vec4<f32>();
  var blockProducts = vec4<f32>();
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let pair = laterItem(item, at, end);
    let g = select(vec4<f32>(), scaledGradient(pair, at, begin, end, channel), at < vec4<u32>(end));
    blockGradients += g;
    blockProducts += g * ((pair.a - mean) * inverseDeviation);
    if (endsBlock(item)) {
      gradients += blockGradients;
      products += blockProducts;
      blockGradients = vec4<f32>();
      blockProducts = vec4<f32>();
    }
  }
  gradients += blockGradients;
  products += blockProducts;
  let means = groupReduce(State(total(gradients), total(products)), invocation) / length;
  let shift = select(0.0, means.x, CENTERED);
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let pair = laterItem(item, at, end);
    let n = (pair.a - mean) * inverseDeviation;
    let dx = (scaledGradient(pair, at, begin, end, channel) - shift - n * means.y) * inverseDeviation;
    storeQuad(at, at < vec4<u32>(select(0u, end, row < params.rows)), dx);
  }
  if (place % LANES == 0u && row < params.rows) {
    statistics[row] = vec2<f32>(mean, inverseDeviation);
  }
}

fn scaledGradient(pair: Pair, at: vec4<u32>, begin: u32, end: u32, channel: u32) -> vec4<f32> {
  let r = min(at, vec4<u32>(end - 1u)) - begin;
  if (SPATIAL) {
    return scaled(pair.b, channel + r / params.spatial);
  }
  return scaled(pair.b, channel + r);
}

fn loadItem(at: vec4<u32>, end: u32) -> Item {
  return loadPair(min(at, vec4<u32>(end - 1u)));
}

fn valuesOf(item: Item) -> vec4<f32> {
  return item.a;
}

fn rowSum(values: vec4<f32>, invocation: Invocation) -> f32 {
  return groupReduce(State(total(values), 0.0), invocation).x;
}

fn total(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}
