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
// Operands may come in PARTS, of which each is 2^-12 times as much worth as the one before (matmul/split.wgsl). Products of
// parts are summed up apart by their worth, those that are worth less than the last part are left out. Where SUMMED_APART is
// true, sums are taken out of the matrices every CHUNK steps and added up outside of them: tensor cores cut the digits off
// that their sums have no room for, always towards zero, and errors of one sign add up.
//
// Expects: PARTS, SUMMED_APART, CHUNK; TILE_M, TILE_N, TILE_K, SUBGROUP_M, SUBGROUP_N, MATRIX_M, MATRIX_N, MATRIX_K (all multiples of 8), SUBGROUP_SIZE;
// A_ALONG_K and B_ALONG_K: whether elements that are neighbours along k are neighbours in memory; Eight, eight elements as
// they lie in memory, and stagedQuad; Left, Right and Result, types of matrices, Total, type of the sums; Params (params.wgsl),
// workgroupIndex, tileOf, columnOf, remaining, takes, weigh4 and rescale4 (lib/share), loadA8, loadB8, loadLeft, loadRight, emit4.
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
const PART_A: u32 = LINES_A * STRIDE_A;
const PART_B: u32 = LINES_B * STRIDE_B;
const START_B: u32 = PARTS * PART_A;

// A row of a subgroup's result matrices in fours, and in Eights, with 16 bytes of padding too.
const QUADS: u32 = SUBGROUP_N / 4u;
const STRIDE_C: u32 = (QUADS + 1u) * EIGHTS_PER_QUAD;
const STRIP: u32 = MATRIX_M * STRIDE_C;
// Those of one invocation.
const OWN_QUADS: u32 = (MATRIX_M * QUADS + SUBGROUP_SIZE - 1u) / SUBGROUP_SIZE;

const STAGED: u32 = max(START_B + PARTS * PART_B, INVOCATIONS / SUBGROUP_SIZE * STRIP);
// Of an invocation: all of its own, or those of one row of matrices at a time.
const TOTALS: u32 = select(1u, ROWS, SUMMED_APART) * OWN_QUADS;

var<workgroup> staged: array<Eight, STAGED>;

// Parts of the same eight elements are neighbours in memory.
const FETCHED_A: u32 = PARTS * LINES_A * LINE_A;
const FETCHED_B: u32 = PARTS * LINES_B * LINE_B;
const FETCHES_A: u32 = (FETCHED_A + INVOCATIONS - 1u) / INVOCATIONS;
const FETCHES_B: u32 = (FETCHED_B + INVOCATIONS - 1u) / INVOCATIONS;

// The number-th Eight of the tile's part of a from p0 on.
fn fetchA(number: u32, tile: Tile, p0: u32) -> Eight {
  let part = number % PARTS * 8u;
  let line = number / PARTS / LINE_A;
  let along = number / PARTS % LINE_A * 8u;
  if (A_ALONG_K) {
    let i = tile.i0 + line;
    let p = p0 + along;
    let at = tile.aStart + i * params.strideAi + p;
    return loadA8(PARTS * at + part, remaining(i, tile.iEnd, p, tile.pEnd));
  }
  let p = p0 + line;
  let i = tile.i0 + along;
  let at = tile.aStart + p * params.strideAp + i;
  return loadA8(PARTS * at + part, remaining(p, tile.pEnd, i, tile.iEnd));
}

// Where it goes.
fn placeA(number: u32) -> u32 {
  let vector = number / PARTS;
  return number % PARTS * PART_A + vector / LINE_A * STRIDE_A + vector % LINE_A;
}

// The number-th Eight of the tile's part of b from p0 on.
fn fetchB(number: u32, tile: Tile, p0: u32) -> Eight {
  let part = number % PARTS * 8u;
  let line = number / PARTS / LINE_B;
  let along = number / PARTS % LINE_B * 8u;
  if (B_ALONG_K) {
    let j = tile.j0 + line;
    let p = p0 + along;
    let at = tile.bStart + columnOf(j) * params.strideBj + p;
    return loadB8(PARTS * at + part, remaining(j, params.n, p, tile.pEnd));
  }
  let p = p0 + line;
  let j = tile.j0 + along;
  let at = tile.bStart + p * params.strideBp + j;
  return loadB8(PARTS * at + part, remaining(p, tile.pEnd, j, params.n));
}

// Where it goes.
fn placeB(number: u32) -> u32 {
  let vector = number / PARTS;
  return START_B + number % PARTS * PART_B + vector / LINE_B * STRIDE_B + vector % LINE_B;
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

  // By worth of the parts.
  var sums: array<array<array<Result, COLUMNS>, ROWS>, PARTS>;
  var totals: array<vec4<Total>, TOTALS>;
  var nextA: array<Eight, FETCHES_A>;
  var nextB: array<Eight, FETCHES_B>;
  for (var f = 0u; f < FETCHES_A; f++) {
    nextA[f] = fetchA(index + f * INVOCATIONS, tile, tile.pBegin);
  }
  for (var f = 0u; f < FETCHES_B; f++) {
    nextB[f] = fetchB(index + f * INVOCATIONS, tile, tile.pBegin);
  }
  let steps = (tile.pEnd - tile.pBegin + TILE_K - 1u) / TILE_K;
  let chunks = select(1u, (max(steps, 1u) + CHUNK - 1u) / CHUNK, SUMMED_APART);
  for (var chunk = 0u; chunk < chunks; chunk++) {
    let end = select(steps, min(steps, (chunk + 1u) * CHUNK), SUMMED_APART);
    for (var step = chunk * CHUNK; step < end; step++) {
      // Nobody may still be reading the last step's tiles.
      workgroupBarrier();
      for (var f = 0u; f < FETCHES_A; f++) {
        let vector = index + f * INVOCATIONS;
        if (vector < FETCHED_A) {
          staged[placeA(vector)] = nextA[f];
        }
      }
      for (var f = 0u; f < FETCHES_B; f++) {
        let vector = index + f * INVOCATIONS;
        if (vector < FETCHED_B) {
          staged[placeB(vector)] = nextB[f];
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
        var right: array<array<Right, COLUMNS>, PARTS>;
        for (var part = 0u; part < PARTS; part++) {
          for (var column = 0u; column < COLUMNS; column++) {
            right[part][column] = loadRight(part, inner * MATRIX_K, column0 + column * MATRIX_N);
          }
        }
        for (var row = 0u; row < ROWS; row++) {
          for (var partA = 0u; partA < PARTS; partA++) {
            let left = loadLeft(partA, row0 + row * MATRIX_M, inner * MATRIX_K);
            for (var partB = 0u; partB < PARTS - partA; partB++) {
              let worth = partA + partB;
              for (var column = 0u; column < COLUMNS; column++) {
                sums[worth][row][column] =
                  subgroupMatrixMultiplyAccumulate(left, right[partB][column], sums[worth][row][column]);
              }
            }
          }
        }
      }
    }

    let strip = subgroup * STRIP;
    for (var row = 0u; row < ROWS; row++) {
      let own = select(0u, row * OWN_QUADS, SUMMED_APART);
      // The smallest first.
      for (var part = 0u; part < PARTS; part++) {
        let worth = PARTS - 1u - part;
        // Sums that are worth less can wait: what they lose is worth as much less.
        if (worth > 0u && chunk + 1u < chunks) {
          continue;
        }
        // The tiles, then the last matrices, have been read.
        workgroupBarrier();
        for (var column = 0u; column < COLUMNS; column++) {
          let at = strip + column * MATRIX_N / 4u * EIGHTS_PER_QUAD;
          subgroupMatrixStore<row_major>(&staged, at, sums[worth][row][column], STRIDE_C);
          sums[worth][row][column] = Result();
        }
        workgroupBarrier();
        for (var q = 0u; q < OWN_QUADS; q++) {
          let quad = lane + q * SUBGROUP_SIZE;
          if (quad < MATRIX_M * QUADS) {
            let at = strip + quad / QUADS * STRIDE_C + quad % QUADS * EIGHTS_PER_QUAD;
            totals[own + q] += weigh4(worth, bitcast<vec4<Total>>(stagedQuad(at)));
          }
        }
      }
      for (var q = 0u; q < OWN_QUADS; q++) {
        let quad = lane + q * SUBGROUP_SIZE;
        let i = tile.i0 + row0 + row * MATRIX_M + quad / QUADS;
        let j = tile.j0 + column0 + quad % QUADS * 4u;
        if (chunk + 1u == chunks && quad < MATRIX_M * QUADS && takes(tile, i, j)) {
          emit4(tile, i, j, rescale4(tile, i, j, totals[own + q]));
        }
        if (!SUMMED_APART) {
          totals[own + q] = vec4<Total>();
        }
      }
    }
  }
}
