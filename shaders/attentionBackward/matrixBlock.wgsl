// The core of the kernels on tensor cores, which make gradients of OWN rows, a subgroup MATRIX_M of them, and walk along what
// these have to do with, TILE rows at a time: the queries' own rows meet keys, the keys' own rows meet queries.
//
// Both products of a pair, q . k and dO . v, are made of the own rows, in registers as matrices, and of the tile, in workgroup
// memory; dS and p are made of them there by LANES invocations a row, and come back as matrices of halves. dS may have any
// size, and halves end at 65504 and 2^-24: they hold dS * 2^-exponent, with an exponent that all of a workgroup share, and
// which grows with the largest dS so far. Sums are multiplied when it grows.
//
// A zero times what is not finite would not be zero, so nothing of that kind may be in the tile when its rows are added up.
//
// Expects: SUBGROUPS, SUBGROUP_SIZE, a multiple of MATRIX_M; MATRIX_M, MATRIX_N, MATRIX_K; TILE, a multiple of all three;
// HEAD and VALUE, multiples of MATRIX_N and MATRIX_K: rows of k and of v have at most so many elements; Params (params.wgsl)
// with strides in vectors of eight, notFinite.

alias Left = subgroup_matrix_left<f16, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<f16, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<f32, MATRIX_N, MATRIX_M>;

const INVOCATIONS: u32 = SUBGROUPS * SUBGROUP_SIZE;
const OWN: u32 = SUBGROUPS * MATRIX_M;
const LANES: u32 = SUBGROUP_SIZE / MATRIX_M;
const HEAD_STEPS: u32 = HEAD / MATRIX_K;
const VALUE_STEPS: u32 = VALUE / MATRIX_K;
const HEAD_COLUMNS: u32 = HEAD / MATRIX_N;
const VALUE_COLUMNS: u32 = VALUE / MATRIX_N;

@group(0) @binding(1) var<storage, read> q: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> k: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4<u32>>;
// dQ, or dK.
@group(0) @binding(15) var<storage, read_write> headGradient: array<vec4<u32>>;

// Rows in vectors of eight halves, with one of padding, so that rows begin in different banks.
const HEAD_STRIDE: u32 = HEAD / 8u + 1u;
const VALUE_STRIDE: u32 = VALUE / 8u + 1u;
// In elements.
const PAIRS_STRIDE: u32 = TILE + 4u;
const HALVES_STRIDE: u32 = TILE + 8u;
// Matrices of a subgroup's sums that have room where dS was.
const STRIP_COLUMNS: u32 = TILE / MATRIX_N;

// Rows of q or k, and of dO or v.
var<workgroup> headTile: array<vec4<u32>, TILE * HEAD_STRIDE>;
var<workgroup> valueTile: array<vec4<u32>, TILE * VALUE_STRIDE>;
// Of each own row and row of the tile q . k, and then p.
var<workgroup> weights: array<f32, OWN * PAIRS_STRIDE>;
// dO . v, and then dS. When that has become halves, a strip of the rows' sums, where their elements are needed.
var<workgroup> changes: array<f32, OWN * PAIRS_STRIDE>;
var<workgroup> halfChanges: array<f16, OWN * HALVES_STRIDE>;
// Whether the tile has what is not finite.
var<workgroup> spoilt: atomic<u32>;
// The largest dS so far, as bits.
var<workgroup> largest: atomic<u32>;

// Copies `count` rows of k, or of q, as TILE rows of the tile.
fn stageHeads(index: u32, ofKeys: bool, first: u32, count: u32) {
  let stride = select(params.qStrides.z, params.kStrides.z, ofKeys);
  for (var at = index; at < TILE * (HEAD / 8u); at += INVOCATIONS) {
    let row = at / (HEAD / 8u);
    let vector = at % (HEAD / 8u);
    var eight = vec4<u32>();
    if (row < count && vector < params.headDim / 8u) {
      let source = first + row * stride + vector;
      if (ofKeys) {
        eight = k[source];
      } else {
        eight = q[source];
      }
    }
    headTile[row * HEAD_STRIDE + vector] = eight;
    noteSpoilt(eight);
  }
}

// Copies `count` rows of v, or of dO, as TILE rows of the tile.
fn stageValues(index: u32, ofKeys: bool, first: u32, count: u32) {
  let stride = select(params.oStrides.z, params.vStrides.z, ofKeys);
  for (var at = index; at < TILE * (VALUE / 8u); at += INVOCATIONS) {
    let row = at / (VALUE / 8u);
    let vector = at % (VALUE / 8u);
    var eight = vec4<u32>();
    if (row < count && vector < params.headDimV / 8u) {
      let source = first + row * stride + vector;
      if (ofKeys) {
        eight = v[source];
      } else {
        eight = gradient[source];
      }
    }
    valueTile[row * VALUE_STRIDE + vector] = eight;
    noteSpoilt(eight);
  }
}

fn noteSpoilt(eight: vec4<u32>) {
  if (any(notFinite(eight) != vec4<u32>())) {
    atomicStore(&spoilt, 1u);
  }
}

// Puts zeros in the place of what is not finite. Of q and k nothing is lost by that: a dS that is not hidden is NaN then.
fn mendTile(index: u32) {
  for (var at = index; at < TILE * HEAD_STRIDE; at += INVOCATIONS) {
    headTile[at] &= ~notFinite(headTile[at]);
  }
  for (var at = index; at < TILE * VALUE_STRIDE; at += INVOCATIONS) {
    valueTile[at] &= ~notFinite(valueTile[at]);
  }
}

// Makes matrices of the own rows, `count` of them: of k and v, or of q and dO.
fn loadOwn(
  index: u32,
  firstRow: u32,
  ofKeys: bool,
  headsAt: u32,
  valuesAt: u32,
  count: u32,
  heads: ptr<function, array<Left, HEAD_STEPS>>,
  values: ptr<function, array<Left, VALUE_STEPS>>,
) {
  let headStride = select(params.qStrides.z, params.kStrides.z, ofKeys);
  let valueStride = select(params.oStrides.z, params.vStrides.z, ofKeys);
  for (var piece = 0u; piece < count; piece += TILE) {
    stageHeads(index, ofKeys, headsAt + piece * headStride, count - piece);
    stageValues(index, ofKeys, valuesAt + piece * valueStride, count - piece);
    workgroupBarrier();
    if (firstRow / TILE == piece / TILE) {
      for (var step = 0u; step < HEAD_STEPS; step++) {
        let place = (firstRow - piece) * HEAD_STRIDE + step * (MATRIX_K / 8u);
        (*heads)[step] = subgroupMatrixLoad<Left, row_major>(&headTile, place, HEAD_STRIDE);
      }
      for (var step = 0u; step < VALUE_STEPS; step++) {
        let place = (firstRow - piece) * VALUE_STRIDE + step * (MATRIX_K / 8u);
        (*values)[step] = subgroupMatrixLoad<Left, row_major>(&valueTile, place, VALUE_STRIDE);
      }
    }
    workgroupBarrier();
  }
  if (index == 0u) {
    atomicStore(&largest, 0u);
    atomicStore(&spoilt, 0u);
  }
}

// Makes both products of the own rows with those of the tile, of which `count` are there. Returns whether the tile has what is
// not finite.
fn multiply(
  index: u32,
  firstRow: u32,
  count: u32,
  heads: ptr<function, array<Left, HEAD_STEPS>>,
  values: ptr<function, array<Left, VALUE_STEPS>>,
) -> bool {
  // A barrier, too.
  let isSpoilt = workgroupUniformLoad(&spoilt) != 0u;
  for (var first = 0u; first < count; first += MATRIX_N) {
    let place = firstRow * PAIRS_STRIDE + first;
    var products = Result();
    for (var step = 0u; step < HEAD_STEPS; step++) {
      let others = subgroupMatrixLoad<Right, col_major>(
        &headTile,
        first * HEAD_STRIDE + step * (MATRIX_K / 8u),
        HEAD_STRIDE,
      );
      products = subgroupMatrixMultiplyAccumulate((*heads)[step], others, products);
    }
    subgroupMatrixStore<row_major>(&weights, place, products, PAIRS_STRIDE);
    products = Result();
    for (var step = 0u; step < VALUE_STEPS; step++) {
      let others = subgroupMatrixLoad<Right, col_major>(
        &valueTile,
        first * VALUE_STRIDE + step * (MATRIX_K / 8u),
        VALUE_STRIDE,
      );
      products = subgroupMatrixMultiplyAccumulate((*values)[step], others, products);
    }
    subgroupMatrixStore<row_major>(&changes, place, products, PAIRS_STRIDE);
  }
  workgroupBarrier();
  if (index == 0u) {
    atomicStore(&spoilt, 0u);
  }
  return isSpoilt;
}

// Bits of a number's magnitude, or zero if it is not finite: they grow with it.
fn magnitudeBits(x: f32) -> u32 {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  return select(bits, 0u, bits >= 0x7f800000u);
}

// Exponents are those of f32's bits. Below this one 2^-exponent would not be finite, nor its inverse a normal number.
const LEAST_EXPONENT: u32 = 8u;
// The largest dS becomes 2^ROOM or more when an exponent is chosen, and then may grow as much again.
const ROOM: u32 = 7u;

// The exponent to go on with: larger if the largest dS would else not fit into a half.
fn grownExponent(exponent: u32, largestBits: u32) -> u32 {
  let needed = largestBits >> 23u;
  return select(exponent, needed, needed > exponent + ROOM);
}

// What dS is multiplied by.
fn scaleOf(exponent: u32) -> f32 {
  return bitcast<f32>((254u + ROOM - exponent) << 23u);
}

// What sums of products with it are multiplied by when they are ready.
fn unscaleOf(exponent: u32) -> f32 {
  return bitcast<f32>((exponent - ROOM) << 23u);
}

// What sums are multiplied by when the exponent grows. Never zero, which times an infinite sum would be NaN.
fn shrinkage(before: u32, after: u32) -> f32 {
  return bitcast<f32>((127u - min(126u, after - before)) << 23u);
}

// Makes halves of an own row's dS, of which `most` is the largest that this invocation made, in bits. Returns their exponent, for which
// sums of products with those before are made ready.
fn halveChanges(index: u32, exponent: u32, most: u32, sums: ptr<function, array<Result, HEAD_COLUMNS>>) -> u32 {
  atomicMax(&largest, most);
  let grown = grownExponent(exponent, workgroupUniformLoad(&largest));
  if (grown != exponent) {
    let factor = shrinkage(exponent, grown);
    for (var n = 0u; n < HEAD_COLUMNS; n++) {
      (*sums)[n] = subgroupMatrixScalarMultiply((*sums)[n], factor);
    }
  }
  let scale = scaleOf(grown);
  for (var column = index % LANES; column < TILE; column += LANES) {
    halfChanges[index / LANES * HALVES_STRIDE + column] = f16(changes[index / LANES * PAIRS_STRIDE + column] * scale);
  }
  return grown;
}

// Adds the tile's rows of q or k, each times its dS, to sums.
fn addHeads(firstRow: u32, count: u32, sums: ptr<function, array<Result, HEAD_COLUMNS>>) {
  for (var first = 0u; first < count; first += MATRIX_K) {
    let left = subgroupMatrixLoad<Left, row_major>(
      &halfChanges,
      firstRow * HALVES_STRIDE + first,
      HALVES_STRIDE,
    );
    for (var n = 0u; n < HEAD_COLUMNS; n++) {
      let others = subgroupMatrixLoad<Right, row_major>(
        &headTile,
        first * HEAD_STRIDE + n * (MATRIX_N / 8u),
        HEAD_STRIDE,
      );
      (*sums)[n] = subgroupMatrixMultiplyAccumulate(left, others, (*sums)[n]);
    }
  }
}

// Stores a row of dQ or dK at `place`, if it is there.
fn storeHeads(
  index: u32,
  firstRow: u32,
  isThere: bool,
  place: u32,
  exponent: u32,
  sums: ptr<function, array<Result, HEAD_COLUMNS>>,
) {
  let factor = unscaleOf(exponent) * (params.scaleLog2 / LOG2E);
  for (var first = 0u; first < HEAD_COLUMNS; first += STRIP_COLUMNS) {
    workgroupBarrier();
    for (var n = first; n < min(first + STRIP_COLUMNS, HEAD_COLUMNS); n++) {
      storeStrip(firstRow, n - first, (*sums)[n]);
    }
    workgroupBarrier();
    for (var eight = index % LANES; eight < TILE / 8u; eight += LANES) {
      let vector = first * (MATRIX_N / 8u) + eight;
      if (isThere && vector < params.headDim / 8u) {
        headGradient[place + vector] = eightOfStrip(index / LANES, eight, factor);
      }
    }
  }
}

// Puts a matrix of sums into the strip, as its `n`-th.
fn storeStrip(firstRow: u32, n: u32, sums: Result) {
  let place = firstRow * PAIRS_STRIDE + n * MATRIX_N;
  subgroupMatrixStore<row_major>(&changes, place, sums, PAIRS_STRIDE);
}

// Eight elements of the strip's row, times a factor.
fn eightOfStrip(row: u32, eight: u32, factor: f32) -> vec4<u32> {
  let at = row * PAIRS_STRIDE + eight * 8u;
  var words: vec4<u32>;
  for (var word = 0u; word < 4u; word++) {
    let pair = vec2<f32>(changes[at + 2u * word], changes[at + 2u * word + 1u]) * factor;
    words[word] = bitcast<u32>(vec2<f16>(pair));
  }
  return words;
}
