// c[b, i, j] = activate(sum over p of a[b, i, p] * b[b, p, j] + bias[j]), with sums in f32, for few rows i, where
// neighbours along k are neighbours in memory in both operands: each element of c is a dot product of two lines.
//
// LANES neighbouring invocations share 4 columns of c and VECTORS rows of it; a workgroup has ROWS such groups. Each
// invocation takes 8 elements of every line at a time, 16 or 32 bytes, and the next LANES * 8 further on. Every element
// of b is read once for VECTORS rows: the kernel is as fast as the memory.
//
// Expects: Elem; VECTORS; LANES and ROWS (lib/groupReduce); Params (params.wgsl), workgroupIndex, broadcastOffset, loadA8,
// loadB8, storeC4, remaining, epilogue4, groupReduce.

const COLUMNS: u32 = 4u;

alias State = vec4<f32>;

fn combine(a: State, b: State) -> State {
  return a + b;
}

fn dot8(a: mat2x4<f32>, b: mat2x4<f32>) -> f32 {
  return dot(a[0], b[0]) + dot(a[1], b[1]);
}

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let group = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let groupsM = (params.m + VECTORS - 1u) / VECTORS;
  let groupsN = (params.n + COLUMNS - 1u) / COLUMNS;
  let batch = group / (groupsM * groupsN);
  // Groups for other rows of the same columns come next to each other, so that they find b in the cache.
  let i0 = group % groupsM * VECTORS;
  let j = group / groupsM % groupsN * COLUMNS;

  var sums: array<vec4<f32>, VECTORS>;
  // Groups beyond the last do nothing, but take part in the barriers below.
  if (batch < params.batches) {
    let aStart = broadcastOffset(batch, params.batchDims, params.batchStridesA);
    let bStart = broadcastOffset(batch, params.batchDims, params.batchStridesB);
    for (var p = lane * 8u; p < params.k; p += LANES * 8u) {
      let b0 = loadB8(bStart + j * params.strideBj + p, remaining(j, params.n, p, params.k));
      let b1 = loadB8(bStart + (j + 1u) * params.strideBj + p, remaining(j + 1u, params.n, p, params.k));
      let b2 = loadB8(bStart + (j + 2u) * params.strideBj + p, remaining(j + 2u, params.n, p, params.k));
      let b3 = loadB8(bStart + (j + 3u) * params.strideBj + p, remaining(j + 3u, params.n, p, params.k));
      for (var v = 0u; v < VECTORS; v++) {
        let i = i0 + v;
        let a8 = loadA8(aStart + i * params.strideAi + p, remaining(i, params.m, p, params.k));
        sums[v] += vec4<f32>(dot8(a8, b0), dot8(a8, b1), dot8(a8, b2), dot8(a8, b3));
      }
    }
  }
  for (var v = 0u; v < VECTORS; v++) {
    let whole = groupReduce(sums[v], invocation);
    let i = i0 + v;
    if (lane == v % LANES && batch < params.batches) {
      storeC4(
        (batch * params.m + i) * params.n + j,
        remaining(i, params.m, j, params.n),
        epilogue4(whole, j, params.n),
      );
    }
  }
}
