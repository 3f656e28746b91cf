// d[t] = c[t] + rounds x ROUND x a b for tiles c[t] of m x n, and one a [m, k] and one b [k, n]: products
// of subgroup matrices on registers and nothing else, whose speed is the ceiling of every kernel on matrix units.
//
// A subgroup owns CHAINS neighbouring tiles, named one by one, and adds the same product to each again and again: the
// sums do not depend on each other, so the matrix unit always has one to go on with. Each starts from its own c and is
// stored, so that none can be left out or shared. A workgroup is SUBGROUPS subgroups.
//
// Expects: LeftMatrix, RightMatrix, ResultMatrix; Total, type of the sums; PER_WORD, elements of a and b in 32 bits; MATRIX_M,
// MATRIX_N, MATRIX_K; WORKGROUP_SIZE; workgroupIndex.

const CHAINS: u32 = 8u;
// Steps between two looks at the loop's dynamic bound.
const ROUND: u32 = 8u;

struct Params {
  subgroups: u32,
  rounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read> c: array<Total>;
@group(0) @binding(4) var<storage, read_write> d: array<Total>;

const TILE: u32 = MATRIX_M * MATRIX_N;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(subgroup_id) subgroupInWorkgroup: u32,
  @builtin(num_subgroups) subgroupsPerWorkgroup: u32,
) {
  let group = workgroupIndex(workgroup, grid);
  let subgroup = group * subgroupsPerWorkgroup + subgroupInWorkgroup;
  if (subgroup >= params.subgroups) {
    return;
  }
  let left = subgroupMatrixLoad<LeftMatrix, row_major>(&a, 0u, MATRIX_K / PER_WORD);
  let right = subgroupMatrixLoad<RightMatrix, row_major>(&b, 0u, MATRIX_N / PER_WORD);
  let first = subgroup * CHAINS * TILE;
  var d0 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first, MATRIX_N);
  var d1 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + TILE, MATRIX_N);
  var d2 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + 2u * TILE, MATRIX_N);
  var d3 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + 3u * TILE, MATRIX_N);
  var d4 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + 4u * TILE, MATRIX_N);
  var d5 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + 5u * TILE, MATRIX_N);
  var d6 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + 6u * TILE, MATRIX_N);
  var d7 = subgroupMatrixLoad<ResultMatrix, row_major>(&c, first + 7u * TILE, MATRIX_N);
  for (var round = 0u; round < params.rounds; round++) {
    for (var step = 0u; step < ROUND; step++) {
      d0 = subgroupMatrixMultiplyAccumulate(left, right, d0);
      d1 = subgroupMatrixMultiplyAccumulate(left, right, d1);
      d2 = subgroupMatrixMultiplyAccumulate(left, right, d2);
      d3 = subgroupMatrixMultiplyAccumulate(left, right, d3);
      d4 = subgroupMatrixMultiplyAccumulate(left, right, d4);
      d5 = subgroupMatrixMultiplyAccumulate(left, right, d5);
      d6 = subgroupMatrixMultiplyAccumulate(left, right, d6);
      d7 = subgroupMatrixMultiplyAccumulate(left, right, d7);
    }
  }
  subgroupMatrixStore<row_major>(&d, first, d0, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + TILE, d1, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + 2u * TILE, d2, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + 3u * TILE, d3, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + 4u * TILE, d4, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + 5u * TILE, d5, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + 6u * TILE, d6, MATRIX_N);
  subgroupMatrixStore<row_major>(&d, first + 7u * TILE, d7, MATRIX_N);
}
