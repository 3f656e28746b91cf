// One bias a column, shared by all rows and batches: what is added to the sums of columns j to j + 3. Beyond the last
// column the last bias is read, and not used.
//
// Expects: BiasElem, Params (matmul/params.wgsl), columnOf (lib/columns).
@group(0) @binding(4) var<storage, read> bias: array<BiasElem>;

fn biasAt(j: u32) -> f32 {
  return f32(bias[params.offsetBias + columnOf(min(j, params.n - 1u)) * params.strideBiasJ]);
}

fn bias4(j: u32) -> vec4<f32> {
  return vec4<f32>(biasAt(j), biasAt(j + 1u), biasAt(j + 2u), biasAt(j + 3u));
}
