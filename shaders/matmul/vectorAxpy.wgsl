// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j], with sums in `Total`, for few rows i, where
// neighbours along n are neighbours in memory in b: c is a sum of lines of b, each times a number of a.
//
// A workgroup makes 8 * LANES columns of c in VECTORS rows of it. SLICES invocations share 8 columns: each adds up four
// lines of b at a time, 8 to 32 bytes of each, and the next 4 * SLICES further on; in the end their sums are added. Every
// element of b is read once for VECTORS rows: the kernel is as fast as the memory.
//
// Expects: Total, f32 or i32; VECTORS; LANES, SLICES (powers of two); Params (params.wgsl), workgroupIndex, tileOf, loadA4,
// loadB8, Sums8 and addLines (lib/addLines), remaining, emit4.

const COLUMNS: u32 = 8u;
const INVOCATIONS: u32 = LANES * SLICES;

// Sums of four columns, by half of the 8 columns within row, and by invocation.
const HALVES: u32 = 2u * VECTORS;
var<workgroup> partials: array<vec4<Total>, HALVES * INVOCATIONS>;

// The fours of columns that the workgroup makes, and how many rounds it takes to add up the slices of all.
const FOURS: u32 = HALVES * LANES;
const ROUNDS: u32 = (FOURS + INVOCATIONS - 1u) / INVOCATIONS;

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tile = tileOf(workgroupIndex(workgroup, grid), VECTORS, LANES * COLUMNS);
  if (!tile.exists) {
    return;
  }
  let j = tile.j0 + index % LANES * COLUMNS;

  var sums: array<Sums8, VECTORS>;
  for (var p = tile.pBegin + index / LANES * 4u; p < tile.pEnd; p += SLICES * 4u) {
    let at = tile.bStart + p * params.strideBp + j;
    let b0 = loadB8(at, remaining(p, tile.pEnd, j, params.n));
    let b1 = loadB8(at + params.strideBp, remaining(p + 1u, tile.pEnd, j, params.n));
    let b2 = loadB8(at + 2u * params.strideBp, remaining(p + 2u, tile.pEnd, j, params.n));
    let b3 = loadB8(at + 3u * params.strideBp, remaining(p + 3u, tile.pEnd, j, params.n));
    for (var v = 0u; v < VECTORS; v++) {
      let i = tile.i0 + v;
      let a4 = loadA4(tile.aStart + i * params.strideAi + p, remaining(i, tile.iEnd, p, tile.pEnd));
      sums[v] = addLines(sums[v], a4, b0, b1, b2, b3);
    }
  }

  for (var v = 0u; v < VECTORS; v++) {
    partials[2u * v * INVOCATIONS + index] = sums[v][0];
    partials[(2u * v + 1u) * INVOCATIONS + index] = sums[v][1];
  }
  workgroupBarrier();
  for (var round = 0u; round < ROUNDS; round++) {
    let four = round * INVOCATIONS + index;
    if (four < FOURS) {
      let half = four / LANES;
      let lane = four % LANES;
      var whole = partials[half * INVOCATIONS + lane];
      for (var slice = 1u; slice < SLICES; slice++) {
        whole += partials[half * INVOCATIONS + slice * LANES + lane];
      }
      emit4(tile, tile.i0 + half / 2u, tile.j0 + lane * COLUMNS + half % 2u * 4u, whole);
    }
  }
}
