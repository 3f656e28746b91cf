// dx[o, i, j] = y[o, i, j] (dy[o, i, j] - sum over i' of y[o, i', j] dy[o, i', j]), or the gradient of a logSoftmax: see
// lib/softmaxGradient, and softmax/params.wgsl for the layout.
//
// One invocation makes one row (o, j), reading it twice: for the sum, for the result. Always legal, never fast. The sum is made of
// blocks of `chunk`, about the square root of the length, so that its rounding errors grow with the root only.
//
// Expects: Elem; Params (softmax/params.wgsl), workgroupIndex, softmaxTerm4 and softmaxGradient4 (lib/softmaxGradient).

const WORKGROUP_SIZE: u32 = 64u;

@group(0) @binding(1) var<storage, read> y: array<Elem>;
@group(0) @binding(2) var<storage, read> dy: array<Elem>;
@group(0) @binding(3) var<storage, read_write> dx: array<Elem>;

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
  var sum = 0.0;
  for (var first = 0u; first < params.length; first += params.chunk) {
    var block = 0.0;
    for (var i = first; i < min(first + params.chunk, params.length); i++) {
      let at = start + i * params.inner;
      block += softmaxTerm4(vec4<f32>(f32(y[at])), vec4<f32>(f32(dy[at]))).x;
    }
    sum += block;
  }
  for (var i = 0u; i < params.length; i++) {
    let at = start + i * params.inner;
    dx[at] = Elem(softmaxGradient4(vec4<f32>(f32(y[at])), vec4<f32>(f32(dy[at])), sum).x);
  }
}
