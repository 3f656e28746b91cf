// c[b, i, j] = activate(sum over p of a[b, i, p] * b[b, p, j] + bias[j]), with sums in f32.
//
// One invocation makes one element of c, reading k elements of each operand straight from memory; a workgroup makes
// 16 x 16 of them. Always legal, never fast: the kernel that the others are measured against.
//
// Expects: Elem; Params (params.wgsl), workgroupIndex, broadcastOffset, biasAt, activate.

const TILE: u32 = 16u;

@group(0) @binding(1) var<storage, read> a: array<Elem>;
@group(0) @binding(2) var<storage, read> b: array<Elem>;
@group(0) @binding(3) var<storage, read_write> c: array<Elem>;

@compute @workgroup_size(TILE, TILE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let tilesM = (params.m + TILE - 1u) / TILE;
  let tilesN = (params.n + TILE - 1u) / TILE;
  let tile = workgroupIndex(workgroup, grid);
  let batch = tile / (tilesM * tilesN);
  // Neighbouring invocations take neighbouring columns, whose elements of b and c are neighbours in memory.
  let i = (tile / tilesN % tilesM) * TILE + local.y;
  let j = (tile % tilesN) * TILE + local.x;
  if (batch >= params.batches || i >= params.m || j >= params.n) {
    return;
  }
  let aRow = broadcastOffset(batch, params.batchDims, params.batchStridesA) + i * params.strideAi;
  let bColumn = broadcastOffset(batch, params.batchDims, params.batchStridesB) + j * params.strideBj;
  var sum = 0.0;
  for (var p = 0u; p < params.k; p++) {
    sum += f32(a[aRow + p * params.strideAp]) * f32(b[bColumn + p * params.strideBp]);
  }
  c[(batch * params.m + i) * params.n + j] = Elem(activate(sum + biasAt(j)));
}
