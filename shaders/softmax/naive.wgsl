// y[o, i, j] = exp(x[o, i, j] - m) / sum over i' of exp(x[o, i', j] - m), with m the largest x[o, i', j], or the logarithm of that: see
// params.wgsl.
//
// One invocation makes one row (o, j), reading it three times: for the maximum, for the sum, for the result. Always legal,
// never fast. The sum is made of blocks of `chunk`, about the square root of the length, so that its rounding errors grow
// with the root only.
//
// Expects: Elem; Params (params.wgsl), workgroupIndex, expOrNan, softmaxResult.

const WORKGROUP_SIZE: u32 = 64u;
const LOWEST: f32 = -3.4028234663852886e38;

@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (row >= params.rows) {
    return;
  }
  let start = row / params.inner * params.length * params.inner + row % params.inner;
  // A finite start: in a row of -infinity alone, exp(-infinity - LOWEST) is 0 and the division makes NaN.
  var largest = LOWEST;
  for (var i = 0u; i < params.length; i++) {
    largest = max(largest, f32(x[start + i * params.inner]));
  }
  var sum = 0.0;
  for (var first = 0u; first < params.length; first += params.chunk) {
    var block = 0.0;
    for (var i = first; i < min(first + params.chunk, params.length); i++) {
      block += expOrNan(f32(x[start + i * params.inner]) - largest);
    }
    sum += block;
  }
  for (var i = 0u; i < params.length; i++) {
    let position = start + i * params.inner;
    y[position] = Elem(softmaxResult(f32(x[position]), largest, sum));
  }
}
