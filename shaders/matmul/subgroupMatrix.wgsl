// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j] on tensor cores, of halves with sums in f32 or of
// bytes with sums in i32.
//
// A workgroup makes TILE_M x TILE_N of c, a subgroup SUBGROUP_M x SUBGROUP_N of it, as matrices of MATRIX_M x MATRIX_N that
// stay in registers. The workgroup walks along k in steps of TILE_K, whose part of both operands it keeps in workgroup
// memory as it lies in the operand, eight elements at a time, and fetches the next step while it multiplies the present one.
// Beyond the edges of the operands there are zeros, so no matrix ever leaves its memory: where one does, an adapter that
// checks bounds takes another one instead. Results go through workgroup memory, which only then becomes free for them,
// because a matrix gives no access to its elements.
//
// Expects: TILE_M, TILE_N, TILE_K, SUBGROUP_M, SUBGROUP_N, MATRIX_M, MATRIX_N, MATRIX_K (all multiples of 8), SUBGROUP_SIZE;
// A_ALONG_K and B_ALONG_K: whether elements that are neighbours along k are neighbours in memory; Eight, eight elements as
// they lie in memory, and stagedQuad; Left, Right and Result, types of matrices, Total, type of the sums; Params (params.wgsl),
// workgroupIndex, tileOf, columnOf, remaining, loadA8, loadB8, loadLeft, loadRight, emit4.
// The arrangement is that of NVIDIA's CUTLASS ("Efficient GEMM in CUDA"), without its asynchronous copies.

const SUBGROUPS_N: u32 = TILE_N / SUBGROUP_N;
const INVOCATIONS: u32 = TILE_M / SUBGROUP_M * SUBGROUPS_N * SUBGROUP_SIZE;
const ROWS: u32 = SUBGROUP_M / MATRIX_M;
const COLUMNS: u32 = SUBGROUP_N / MATRIX_N;

// Lines of workgroup memory, counted in Eights, run as in the operand. 16 bytes of padding make the matrices' lines start in
// different banks, and where an adapter wants them to: at multiples of 16 bytes.
const LINE_A: u32 = select(TILE_M, TILE_K, A_ALONG_K) / 8u;
const LINE_B: u32 = select(TILE_N, TILE_K, B_ALONG_K) / 8u;
const LINES_A: u32 = select(TILE_K, TILE_M, A_ALONG_K);
const LINES_B: u32 = select(TILE_K, TILE_N, B_ALONG_K);
const STRIDE_A: u32 = LINE_A + EIGHTS_PER_QUAD;
const STRIDE_B: u32 = LINE_B + EIGHTS_PER_QUAD;
const START_B: u32 = LINES_A * STRIDE_A;

// A row of a subgroup's result matrices in fours, and in Eights, with 16 bytes of padding too.
const QUADS: u32 = SUBGROUP_N / 4u;
const STRIDE_C: u32 = (QUADS + 1u) * EIGHTS_PER_QUAD;
const STRIP: u32 = MATRIX_M * STRIDE_C;

const STAGED: u32 = max(START_B + LINES_B * STRIDE_B, INVOCATIONS / SUBGROUP_SIZE * STRIP);
var<workgroup> staged: array<Eight, STAGED>;

const FETCHED_A: u32 = LINES_A * LINE_A;
const FETCHED_B: u32 = LINES_B * LINE_B;
const FETCHES_A: u32 = (FETCHED_A + INVOCATIONS - 1u) / INVOCATIONS;
const FETCHES_B: u32 = (FETCHED_B + INVOCATIONS - 1u) / INVOCATIONS;

// The number-th Eight of the tile's part of a from p0 on.
fn fetchA(number: u32, tile: Tile, p0: u32) -> Eight {
  let line = number / LINE_A;
  let along = number % LINE_A * 8u;
  if (A_ALONG_K) {
    let i = tile.i0 + line;
    let p = p0 + along;
    return loadA8(tile.aStart + i * params.strideAi + p, remaining(i, tile.iEnd, p, tile.pEnd));
  }
  let p = p0 + line;
  let i = tile.i0 + along;
  return loadA8(tile.aStart + p * params.strideAp + i, remaining(p, tile.pEnd, i, tile.iEnd));
}

// The number-th Eight of the tile's part of b from p0 on.
fn fetchB(number: u32, tile: Tile, p0: u32) -> Eight {
  let line = number / LINE_B;
  let along = number % LINE_B * 8u;
  if (B_ALONG_K) {
    let j = tile.j0 + line;
    let p = p0 + along;
    return loadB8(tile.bStart + columnOf(j) * params.strideBj + p, remaining(j, params.n, p, tile.pEnd));
  }
  let p = p0 + line;
  let j = tile.j0 + along;
  return loadB8(tile.bStart + p * params.strideBp + j, remaining(p, tile.pEnd, j, params.n));
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let tile = tileOf(workgroupIndex(workgroup, grid), TILE_M, TILE_N);
  if (!tile.exists) {
    return;
  }
  // What this subgroup makes, within the tile. Workgroup sizes are whole subgroups, so its number tells its place.
  let row0 = subgroup / SUBGROUPS_N * SUBGROUP_M;
  let column0 = subgroup % SUBGROUPS_N * SUBGROUP_N;

  var sums: array<array<Result, COLUMNS>, ROWS>;
  var nextA: array<Eight, FETCHES_A>;
  var nextB: array<Eight, FETCHES_B>;
  for (var f = 0u; f < FETCHES_A; f++) {
    nextA[f] = fetchA(index + f * INVOCATIONS, tile, tile.pBegin);
  }
  for (var f = 0u; f < FETCHES_B; f++) {
    nextB[f] = fetchB(index + f * INVOCATIONS, tile, tile.pBegin);
  }
  let steps = (tile.pEnd - tile.pBegin + TILE_K - 1u) / TILE_K;
  for (var step = 0u; step < steps; step++) {
    // Nobody may still be reading the last step's tiles.
    workgroupBarrier();
    for (var f = 0u; f < FETCHES_A; f++) {
      let vector = index + f * INVOCATIONS;
      if (vector < FETCHED_A) {
        staged[vector / LINE_A * STRIDE_A + vector % LINE_A] = nextA[f];
      }
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      let vector = index + f * INVOCATIONS;
      if (vector < FETCHED_B) {
        staged[START_B + vector / LINE_B * STRIDE_B + vector % LINE_B] = nextB[f];
      }
    }
    workgroupBarrier();
    // Beyond the last step these are zeros, and never used.
    let next = tile.pBegin + (step + 1u) * TILE_K;
    for (var f = 0u; f < FETCHES_A; f++) {
      nextA[f] = fetchA(index + f * INVOCATIONS, tile, next);
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      nextB[f] = fetchB(index + f * INVOCATIONS, tile, next);
    }
    for (var inner = 0u; inner < TILE_K / MATRIX_K; inner++) {
      var right: array<Right, COLUMNS>;
      for (var column = 0u; column < COLUMNS; column++) {
        right[column] = loadRight(inner * MATRIX_K, column0 + column * MATRIX_N);
      }
      for (var row = 0u; row < ROWS; row++) {
        let left = loadLeft(row0 + row * MATRIX_M, inner * MATRIX_K);
        for (var column = 0u; column < COLUMNS; column++) {
          sums[row][column] = subgroupMatrixMultiplyAccumulate(left, right[column], sums[row][column]);
        }
      }
    }
  }

  let strip = subgroup * STRIP;
  for (var row = 0u; row < ROWS; row++) {
    // The tiles, then the last row of matrices, have been read.
    workgroupBarrier();
    for (var column = 0u; column < COLUMNS; column++) {
      let at = strip + column * MATRIX_N / 4u * EIGHTS_PER_QUAD;
      subgroupMatrixStore<row_major>(&staged, at, sums[row][column], STRIDE_C);
    }
    workgroupBarrier();
    for (var part = 0u; part < (MATRIX_M * QUADS + SUBGROUP_SIZE - 1u) / SUBGROUP_SIZE; part++) {
      let quad = lane + part * SUBGROUP_SIZE;
      let i = tile.i0 + row0 + row * MATRIX_M + quad / QUADS;
      let j = tile.j0 + column0 + quad % QUADS * 4u;
      if (quad < MATRIX_M * QUADS) {
        let at = strip + quad / QUADS * STRIDE_C + quad % QUADS * EIGHTS_PER_QUAD;
        emit4(tile, i, j, bitcast<vec4<Total>>(stagedQuad(at)));
      }
    }
  }
}
