// c[b, i, j] = activate(sum over p of a[b, i, p] * b[b, p, j] + bias[j]), with sums in f32.
//
// A workgroup makes TILE_M x TILE_N of c. It walks along k in steps of TILE_K, whose part of both operands it keeps in
// workgroup memory with k outermost, so that 4 rows of a, or 4 columns of b, are one vector. An invocation makes
// THREAD_M x THREAD_N in 4 x 4 blocks, and fetches the next tile into registers while it multiplies the present one.
// Blocks are dealt out in turn: neighbouring invocations read neighbouring vectors, from different banks.
//
// Expects: Elem; TILE_M, TILE_N, TILE_K, THREAD_M, THREAD_N (multiples of 4); UNROLL: how
// many steps along k are one stretch of code (divides TILE_K); A_ALONG_K and B_ALONG_K: whether elements
// that are neighbours along k are neighbours in memory; Params (params.wgsl), workgroupIndex, tileAt, broadcastOffset,
// loadA4, loadB4, storeC4, remaining, epilogue4.
// Volkov and Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008: outer products out of registers.

const THREADS_M: u32 = TILE_M / THREAD_M;
const THREADS_N: u32 = TILE_N / THREAD_N;
const INVOCATIONS: u32 = THREADS_M * THREADS_N;
const BLOCKS_M: u32 = THREAD_M / 4u;
const BLOCKS_N: u32 = THREAD_N / 4u;

// One vector of padding: invocations that write blocks one below the other then hit different banks.
const STRIDE_A: u32 = TILE_M / 4u + 1u;
const STRIDE_B: u32 = TILE_N / 4u + 1u;
var<workgroup> tileA: array<vec4<f32>, TILE_K * STRIDE_A>;
var<workgroup> tileB: array<vec4<f32>, TILE_K * STRIDE_B>;

// Both operands are fetched in 4 x 4 blocks, dealt out in turn too.
const FETCHED_A: u32 = TILE_M / 4u * (TILE_K / 4u);
const FETCHED_B: u32 = TILE_N / 4u * (TILE_K / 4u);
const FETCHES_A: u32 = (FETCHED_A + INVOCATIONS - 1u) / INVOCATIONS;
const FETCHES_B: u32 = (FETCHED_B + INVOCATIONS - 1u) / INVOCATIONS;

// Where a block lies in its tile, in blocks: x across k (along m or n), y along k. Neighbours in number are neighbours
// in memory.
fn blockPlace(block: u32, across: u32, alongK: bool) -> vec2<u32> {
  if (alongK) {
    return vec2<u32>(block / (TILE_K / 4u), block % (TILE_K / 4u));
  }
  return vec2<u32>(block % across, block / across);
}

// Column q of the result: elements (i, p + q) to (i + 3, p + q) of a.
fn fetchA(start: u32, i: u32, p: u32) -> mat4x4<f32> {
  var lines: mat4x4<f32>;
  for (var line = 0u; line < 4u; line++) {
    if (A_ALONG_K) {
      lines[line] =
        loadA4(start + (i + line) * params.strideAi + p, remaining(i + line, params.m, p, params.k));
    } else {
      lines[line] =
        loadA4(start + (p + line) * params.strideAp + i, remaining(p + line, params.k, i, params.m));
    }
  }
  if (A_ALONG_K) {
    return transpose(lines);
  }
  return lines;
}

// Column q of the result: elements (p + q, j) to (p + q, j + 3) of b.
fn fetchB(start: u32, p: u32, j: u32) -> mat4x4<f32> {
  var lines: mat4x4<f32>;
  for (var line = 0u; line < 4u; line++) {
    if (B_ALONG_K) {
      lines[line] =
        loadB4(start + (j + line) * params.strideBj + p, remaining(j + line, params.n, p, params.k));
    } else {
      lines[line] =
        loadB4(start + (p + line) * params.strideBp + j, remaining(p + line, params.k, j, params.n));
    }
  }
  if (B_ALONG_K) {
    return transpose(lines);
  }
  return lines;
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
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
  let threadM = index / THREADS_N;
  let threadN = index % THREADS_N;

  var sums: array<array<mat4x4<f32>, BLOCKS_N>, BLOCKS_M>;
  // Each round fetches a tile, multiplies the one before, which the first round lacks, and puts the new one in its place.
  let rounds = (params.k + TILE_K - 1u) / TILE_K + 1u;
  var steps = 0u;
  for (var round = 0u; round < rounds; round++) {
    var nextA: array<mat4x4<f32>, FETCHES_A>;
    var nextB: array<mat4x4<f32>, FETCHES_B>;
    for (var f = 0u; f < FETCHES_A; f++) {
      if (index + f * INVOCATIONS < FETCHED_A) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_M / 4u, A_ALONG_K);
        nextA[f] = fetchA(aStart, i0 + 4u * place.x, round * TILE_K + 4u * place.y);
      }
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      if (index + f * INVOCATIONS < FETCHED_B) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_N / 4u, B_ALONG_K);
        nextB[f] = fetchB(bStart, round * TILE_K + 4u * place.y, j0 + 4u * place.x);
      }
    }
    for (var step = 0u; step < steps; step++) {
      for (var inner = 0u; inner < UNROLL; inner++) {
        let p = step * UNROLL + inner;
        var bs: array<vec4<f32>, BLOCKS_N>;
        for (var n = 0u; n < BLOCKS_N; n++) {
          bs[n] = tileB[p * STRIDE_B + threadN + n * THREADS_N];
        }
        for (var m = 0u; m < BLOCKS_M; m++) {
          let as4 = tileA[p * STRIDE_A + threadM + m * THREADS_M];
          for (var n = 0u; n < BLOCKS_N; n++) {
            sums[m][n][0] = fma(vec4<f32>(as4.x), bs[n], sums[m][n][0]);
            sums[m][n][1] = fma(vec4<f32>(as4.y), bs[n], sums[m][n][1]);
            sums[m][n][2] = fma(vec4<f32>(as4.z), bs[n], sums[m][n][2]);
            sums[m][n][3] = fma(vec4<f32>(as4.w), bs[n], sums[m][n][3]);
          }
        }
      }
    }
    steps = TILE_K / UNROLL;
    // Nobody may still be reading the old tile, and everybody must see the new one.
    workgroupBarrier();
    for (var f = 0u; f < FETCHES_A; f++) {
      if (index + f * INVOCATIONS < FETCHED_A) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_M / 4u, A_ALONG_K);
        for (var q = 0u; q < 4u; q++) {
          tileA[(4u * place.y + q) * STRIDE_A + place.x] = nextA[f][q];
        }
      }
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      if (index + f * INVOCATIONS < FETCHED_B) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_N / 4u, B_ALONG_K);
        for (var q = 0u; q < 4u; q++) {
          tileB[(4u * place.y + q) * STRIDE_B + place.x] = nextB[f][q];
        }
      }
    }
    workgroupBarrier();
  }

  for (var n = 0u; n < BLOCKS_N; n++) {
    let j = j0 + (threadN + n * THREADS_N) * 4u;
    for (var m = 0u; m < BLOCKS_M; m++) {
      for (var row = 0u; row < 4u; row++) {
        let i = i0 + (threadM + m * THREADS_M) * 4u + row;
        let values = epilogue4(sums[m][n][row], j, params.n);
        storeC4((batch * params.m + i) * params.n + j, remaining(i, params.m, j, params.n), values);
      }
    }
  }
}
