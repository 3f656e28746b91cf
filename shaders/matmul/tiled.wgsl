// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j], with sums of floats in `Sum`, or of
// integers in i32.
//
// A workgroup makes TILE_M x TILE_N of c. It walks along k in steps of TILE_K lines, whose part of both operands it keeps in
// workgroup memory with k outermost, so that 4 rows of a, or 4 columns of b, are one vector. A line is one element along
// k, or four integers of 8 bits in a word, whose products are added by one instruction. An invocation makes
// THREAD_M x THREAD_N in 4 x 4 blocks, and fetches the next tile into registers while it multiplies the present one.
// Blocks are dealt out in turn: neighbouring invocations read neighbouring vectors, from different banks.
//
// Expects: Block, Sums, addOuter (lib/blockProducts); Total, f32 or i32; TILE_M, TILE_N, TILE_K, THREAD_M, THREAD_N (multiples
// of 4); UNROLL: how many lines along k are one stretch of code (divides TILE_K); A_ALONG_K and B_ALONG_K: whether elements
// that are neighbours along k are neighbours in memory; Params (params.wgsl), workgroupIndex, tileOf, blockOfA, blockOfB,
// emit4.
// Volkov and Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008: outer products out of registers.

const THREADS_M: u32 = TILE_M / THREAD_M;
const THREADS_N: u32 = TILE_N / THREAD_N;
const INVOCATIONS: u32 = THREADS_M * THREADS_N;
const BLOCKS_M: u32 = THREAD_M / 4u;
const BLOCKS_N: u32 = THREAD_N / 4u;
const BLOCKS_K: u32 = TILE_K / LINES_PER_BLOCK;

// One vector of padding: invocations that write blocks one below the other then hit different banks.
const STRIDE_A: u32 = TILE_M / 4u + 1u;
const STRIDE_B: u32 = TILE_N / 4u + 1u;
var<workgroup> tileA: array<Across, TILE_K * STRIDE_A>;
var<workgroup> tileB: array<Across, TILE_K * STRIDE_B>;

// Both operands are fetched in 4 x 4 blocks, dealt out in turn too.
const FETCHED_A: u32 = TILE_M / 4u * BLOCKS_K;
const FETCHED_B: u32 = TILE_N / 4u * BLOCKS_K;
const FETCHES_A: u32 = (FETCHED_A + INVOCATIONS - 1u) / INVOCATIONS;
const FETCHES_B: u32 = (FETCHED_B + INVOCATIONS - 1u) / INVOCATIONS;

// Where a block lies in its tile, in blocks: x across k (along m or n), y along k. Neighbours in number are neighbours
// in memory.
fn blockPlace(block: u32, across: u32, alongK: bool) -> vec2<u32> {
  if (alongK) {
    return vec2<u32>(block / BLOCKS_K, block % BLOCKS_K);
  }
  return vec2<u32>(block % across, block / across);
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tile = tileOf(workgroupIndex(workgroup, grid), TILE_M, TILE_N);
  if (!tile.exists) {
    return;
  }
  let threadM = index / THREADS_N;
  let threadN = index % THREADS_N;

  var sums: array<array<Sums, BLOCKS_N>, BLOCKS_M>;
  // Each round fetches a tile, multiplies the one before, which the first round lacks, and puts the new one in its place.
  let rounds = (tile.pEnd - tile.pBegin + 4u * BLOCKS_K - 1u) / (4u * BLOCKS_K) + 1u;
  var steps = 0u;
  for (var round = 0u; round < rounds; round++) {
    let p0 = tile.pBegin + round * 4u * BLOCKS_K;
    var nextA: array<Block, FETCHES_A>;
    var nextB: array<Block, FETCHES_B>;
    for (var f = 0u; f < FETCHES_A; f++) {
      if (index + f * INVOCATIONS < FETCHED_A) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_M / 4u, A_ALONG_K);
        nextA[f] = blockOfA(tile, tile.i0 + 4u * place.x, p0 + 4u * place.y);
      }
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      if (index + f * INVOCATIONS < FETCHED_B) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_N / 4u, B_ALONG_K);
        nextB[f] = blockOfB(tile, p0 + 4u * place.y, tile.j0 + 4u * place.x);
      }
    }
    for (var step = 0u; step < steps; step++) {
      for (var inner = 0u; inner < UNROLL; inner++) {
        let line = step * UNROLL + inner;
        var bs: array<Across, BLOCKS_N>;
        for (var n = 0u; n < BLOCKS_N; n++) {
          bs[n] = tileB[line * STRIDE_B + threadN + n * THREADS_N];
        }
        for (var m = 0u; m < BLOCKS_M; m++) {
          let as4 = tileA[line * STRIDE_A + threadM + m * THREADS_M];
          for (var n = 0u; n < BLOCKS_N; n++) {
            sums[m][n] = addOuter(sums[m][n], as4, bs[n]);
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
        for (var q = 0u; q < LINES_PER_BLOCK; q++) {
          tileA[(LINES_PER_BLOCK * place.y + q) * STRIDE_A + place.x] = nextA[f][q];
        }
      }
    }
    for (var f = 0u; f < FETCHES_B; f++) {
      if (index + f * INVOCATIONS < FETCHED_B) {
        let place = blockPlace(index + f * INVOCATIONS, TILE_N / 4u, B_ALONG_K);
        for (var q = 0u; q < LINES_PER_BLOCK; q++) {
          tileB[(LINES_PER_BLOCK * place.y + q) * STRIDE_B + place.x] = nextB[f][q];
        }
      }
    }
    workgroupBarrier();
  }

  for (var n = 0u; n < BLOCKS_N; n++) {
    let j = tile.j0 + (threadN + n * THREADS_N) * 4u;
    for (var m = 0u; m < BLOCKS_M; m++) {
      for (var row = 0u; row < 4u; row++) {
        let i = tile.i0 + (threadM + m * THREADS_M) * 4u + row;
        emit4(tile, i, j, vec4<Total>(sums[m][n][row]));
      }
    }
  }
}
