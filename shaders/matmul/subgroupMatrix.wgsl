// c[b, i, j] = activate(sum over p of a[b, i, p] * b[b, p, j] + bias[j]) in half precision, on tensor cores, with sums in f32.
//
// A workgroup makes TILE_M x TILE_N of c, a subgroup SUBGROUP_M x SUBGROUP_N of it, as matrices of MATRIX_M x MATRIX_N that
// stay in registers. The workgroup walks along k in steps of TILE_K, whose part of both operands it keeps in workgroup
// memory as it lies in the operand, 16 bytes at a time, and fetches the next step while it multiplies the present one.
// Beyond the edges of the operands there are zeros, so no matrix ever leaves its memory: where one does, an adapter that
// checks bounds takes another one instead. Results go through workgroup memory, which only then becomes free for them,
// because a matrix gives no access to its elements.
//
// Expects: TILE_M, TILE_N, TILE_K, SUBGROUP_M, SUBGROUP_N, MATRIX_M, MATRIX_N, MATRIX_K (all multiples of 8), SUBGROUP_SIZE;
// A_ALONG_K and B_ALONG_K: whether elements that are neighbours along k are neighbours in memory; Params (params.wgsl),
// workgroupIndex, tileAt, remaining, broadcastOffset, fetchA8, fetchB8, loadLeft, loadRight, storeC4, epilogue4.
// The arrangement is that of NVIDIA's CUTLASS ("Efficient GEMM in CUDA"), without its asynchronous copies.

alias Left = subgroup_matrix_left<f16, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<f16, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<f32, MATRIX_N, MATRIX_M>;

const SUBGROUPS_N: u32 = TILE_N / SUBGROUP_N;
const INVOCATIONS: u32 = TILE_M / SUBGROUP_M * SUBGROUPS_N * SUBGROUP_SIZE;
const ROWS: u32 = SUBGROUP_M / MATRIX_M;
const COLUMNS: u32 = SUBGROUP_N / MATRIX_N;

// Lines of workgroup memory, counted in vectors of eight halves, run as in the operand. One vector of padding makes
// the matrices' lines start in different banks.
const LINE_A: u32 = select(TILE_M, TILE_K, A_ALONG_K) / 8u;
const LINE_B: u32 = select(TILE_N, TILE_K, B_ALONG_K) / 8u;
const LINES_A: u32 = select(TILE_K, TILE_M, A_ALONG_K);
const LINES_B: u32 = select(TILE_K, TILE_N, B_ALONG_K);
const STRIDE_A: u32 = LINE_A + 1u;
const STRIDE_B: u32 = LINE_B + 1u;
const START_B: u32 = LINES_A * STRIDE_A;

// A row of a subgroup's result matrices, counted in vectors of four f32, with one of padding.
const QUADS: u32 = SUBGROUP_N / 4u;
const STRIDE_C: u32 = QUADS + 1u;
const STRIP: u32 = MATRIX_M * STRIDE_C;

const STAGED: u32 = max(START_B + LINES_B * STRIDE_B, INVOCATIONS / SUBGROUP_SIZE * STRIP);
var<workgroup> staged: array<vec4<u32>, STAGED>;

const FETCHED_A: u32 = LINES_A * LINE_A;
const FETCHED_B: u32 = LINES_B * LINE_B;
const FETCHES_A: u32 = (FETCHED_A + INVOCATIONS - 1u) / INVOCATIONS;
const FETCHES_B: u32 = (FETCHED_B + INVOCATIONS - 1u) / INVOCATIONS;

// The number-th vector of the tile of a whose first row is i0 and whose first column is p0.
fn fetchA(number: u32, start: u32, i0: u32, p0: u32) -> vec4<u32> {
  let line = number / LINE_A;
  let along = number % LINE_A * 8u;
  if (A_ALONG_K) {
    return fetchA8(
      start + (i0 + line) * params.strideAi + p0 + along,
      remaining(i0 + line, params.m, p0 + along, params.k),
    );
  }
  return fetchA8(
    start + (p0 + line) * params.strideAp + i0 + along,
    remaining(p0 + line, params.k, i0 + along, params.m),
  );
}

// The number-th vector of the tile of b whose first row is p0 and whose first column is j0.
fn fetchB(number: u32, start: u32, p0: u32, j0: u32) -> vec4<u32> {
  let line = number / LINE_B;
  let along = number % LINE_B * 8u;
  if (B_ALONG_K) {
    return fetchB8(
      start + (j0 + line) * params.strideBj + p0 + along,
      remaining(j0 + line, params.n, p0 + along, params.k),
    );
  }
  return fetchB8(
    start + (p0 + line) * params.strideBp + j0 + along,
    remaining(p0 + line, params.k, j0 + along, params.n),
  );
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let tilesM = (params.m + TILE_M - 1u) / TILE_M;
  let tilesN = (params.n + TILE_N - 1u) / TILE_N;
  let number = workgroupIndex(workgroup, grid);
  let batch = number / (tilesM * tilesN);
  if (batch >= params.batches) {
    return;
  }
  let tile = tileAt(number % (tilesM * tilesN), tilesM, tilesN);
  let i0 = tile.x * TILE_M;
  let j0 = tile.y * TILE_N;
  let aStart = broadcastOffset(batch, params.batchDims, params.batchStridesA);
  let bStart = broadcastOffset(batch, params.batchDims, params.batchStridesB);
  // What this subgroup makes, within the tile. Workgroup sizes are whole subgroups, so its number tells its place.
  let row0 = subgroup / SUBGROUPS_N * SUBGROUP_M;
  let column0 = subgroup % SUBGROUPS_N * SUBGROUP_N;

  var sums: array<array<Result, COLUMNS>, ROWS>;
  var nextA: array<vec4<u32>, FETCHES_A>;
  var nextB: array<vec4<u32>, FETCHES_B>;
  for (var f = 0u; f < FETCHES_A; f++) {
    nextA[f] = fetchA(index + f * INVOCATIONS, aStart, i0, 0u);
  }
  for (var f = 0u; f < FETCHES_B; f++) {
    nextB[f] = fetchB(index + f * INVOCATIONS, bStart, 0u, j0);
  }
  let steps = (params.k + TILE_K - 1u) / TILE_K;
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
    for (var f = 0u; f < FETCHES_A; f++) {
      nextA[f] = fetchA(index + f * INVOCATIONS, aStart, i0, (step + 1u) * TILE_K);
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      nextB[f] = fetchB(index + f * INVOCATIONS, bStart, (step + 1u) * TILE_K, j0);
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
      subgroupMatrixStore<row_major>(&staged, strip + column * MATRIX_N / 4u, sums[row][column], STRIDE_C);
    }
    workgroupBarrier();
    for (var part = 0u; part < (MATRIX_M * QUADS + SUBGROUP_SIZE - 1u) / SUBGROUP_SIZE; part++) {
      let quad = lane + part * SUBGROUP_SIZE;
      let i = i0 + row0 + row * MATRIX_M + quad / QUADS;
      let j = j0 + column0 + quad % QUADS * 4u;
      if (quad < MATRIX_M * QUADS) {
        let values = bitcast<vec4<f32>>(staged[strip + quad / QUADS * STRIDE_C + quad % QUADS]);
        storeC4(
          (batch * params.m + i) * params.n + j,
          remaining(i, params.m, j, params.n),
          epilogue4(values, j, params.n),
        );
      }
    }
  }
}
