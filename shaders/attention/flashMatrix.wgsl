// o[i, c] = sum over keys of softmax(score(scale * q[i] . k[key])) v[key, c] for one head, in half precision, on tensor cores, with
// sums in f32.
//
// A workgroup makes TILE_Q rows of o, a subgroup MATRIX_M of them, whose queries and sums stay in registers as matrices. It
// walks along the keys that those rows see, TILE_KV at a time: their part of k, and then of v, lies in workgroup memory.
// A matrix gives no access to its elements, so scores go through workgroup memory, where LANES invocations share a row: they
// make weights of them, which come back as matrices. Nor can the rows of a matrix be multiplied by factors of their own:
// that too takes the way through memory, and so is done rarely. A row's maximum stays what it is until a score is 2^SLACK
// times as heavy; weights then are no greater than that, which halves hold, and o / l is the same.
//
// Beyond the edges of the operands there are zeros, so no matrix ever leaves its memory.
//
// Expects: Elem = f16; SUBGROUPS, SUBGROUP_SIZE, a multiple of MATRIX_M; MATRIX_M, MATRIX_N, MATRIX_K; TILE_KV, HEAD and VALUE,
// multiples of MATRIX_N and MATRIX_K: rows of k and of v have at most so many elements; Params (params.wgsl) with strides in
// vectors of eight, sequenceOf, keyRange, rowAt (range.wgsl), scoreOf (score.wgsl), softmax.wgsl, keyRow,
// notFinite, workgroupIndex.
// Dao, "FlashAttention-2", 2023, arXiv:2307.08691; Shah et al., "FlashAttention-3", 2024, arXiv:2407.08608.

alias Left = subgroup_matrix_left<f16, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<f16, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<f32, MATRIX_N, MATRIX_M>;

const INVOCATIONS: u32 = SUBGROUPS * SUBGROUP_SIZE;
const TILE_Q: u32 = SUBGROUPS * MATRIX_M;
const LANES: u32 = SUBGROUP_SIZE / MATRIX_M;
const KEYS: u32 = TILE_KV / LANES;
const HEAD_STEPS: u32 = HEAD / MATRIX_K;
const COLUMNS: u32 = VALUE / MATRIX_N;
const SLACK: f32 = 8.0;

@group(0) @binding(1) var<storage, read> q: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> k: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4<u32>>;

// Rows in vectors of eight halves, with one of padding, so that rows begin in different banks.
const HEAD_STRIDE: u32 = HEAD / 8u + 1u;
const VALUE_STRIDE: u32 = VALUE / 8u + 1u;
// In elements.
const SCORES_STRIDE: u32 = TILE_KV + 4u;
const WEIGHTS_STRIDE: u32 = TILE_KV + 8u;
const STRIP_STRIDE: u32 = MATRIX_N + 4u;

// Queries at first, then keys, values, keys, values.
var<workgroup> tile: array<vec4<u32>, max(max(TILE_Q, TILE_KV) * HEAD_STRIDE, TILE_KV * VALUE_STRIDE)>;
var<workgroup> scores: array<f32, TILE_Q * SCORES_STRIDE>;
var<workgroup> weights: array<f16, TILE_Q * WEIGHTS_STRIDE>;
// One matrix of each subgroup's sums, where its elements are needed.
var<workgroup> strip: array<f32, TILE_Q * STRIP_STRIDE>;
// What each invocation of a row has to tell the others: maxima, and in the end sums.
var<workgroup> partials: array<f32, INVOCATIONS>;
// Why the sums have to be changed before the next values are added.
var<workgroup> change: atomic<u32>;
const RESCALE: u32 = 1u;
const NOT_FINITE: u32 = 2u;

// Copies `count` rows of q, of which the first is at `first`, as TILE_Q rows.
fn stageQueries(index: u32, first: u32, count: u32) {
  for (var at = index; at < TILE_Q * (HEAD / 8u); at += INVOCATIONS) {
    let row = at / (HEAD / 8u);
    let vector = at % (HEAD / 8u);
    var eight = vec4<u32>();
    if (row < count && vector < params.headDim / 8u) {
      eight = q[first + row * params.qStrides.z + vector];
    }
    tile[row * HEAD_STRIDE + vector] = eight;
  }
}

// Copies the keys from `start` on of the head whose keys begin at `keysAt`, as TILE_KV rows.
fn stageKeys(index: u32, batch: u32, keysAt: u32, start: u32, count: u32) {
  for (var at = index; at < TILE_KV * (HEAD / 8u); at += INVOCATIONS) {
    let row = at / (HEAD / 8u);
    let vector = at % (HEAD / 8u);
    var eight = vec4<u32>();
    if (row < count && vector < params.headDim / 8u) {
      eight = k[keysAt + keyRow(batch, start + row) * params.kStrides.z + vector];
    }
    tile[row * HEAD_STRIDE + vector] = eight;
  }
}

// Puts zeros in the place of what is not finite: a hidden key's weight of zero times a NaN would not be zero. `addNotFinite`
// adds what is left out here to the rows that see it.
fn stageValues(index: u32, batch: u32, valuesAt: u32, start: u32, count: u32) {
  for (var at = index; at < TILE_KV * (VALUE / 8u); at += INVOCATIONS) {
    let row = at / (VALUE / 8u);
    let vector = at % (VALUE / 8u);
    var eight = vec4<u32>();
    if (row < count && vector < params.headDimV / 8u) {
      eight = v[valuesAt + keyRow(batch, start + row) * params.vStrides.z + vector];
      let wrong = notFinite(eight);
      if (any(wrong != vec4<u32>())) {
        atomicOr(&change, NOT_FINITE);
        eight &= ~wrong;
      }
    }
    tile[row * VALUE_STRIDE + vector] = eight;
  }
}

// A part of the keys of a head: those from `start` on.
struct Values {
  batch: u32,
  at: u32,
  start: u32,
  count: u32,
}

// Adds to a row's element of column `column` in the strip the values that are not finite.
fn addNotFinite(row: u32, inStrip: u32, column: u32, maximum: f32, values: Values) {
  if (column >= params.headDimV) {
    return;
  }
  for (var key = 0u; key < values.count; key++) {
    let valueRow = keyRow(values.batch, values.start + key);
    let eight = v[values.at + valueRow * params.vStrides.z + column / 8u];
    let word = column % 8u / 2u;
    if (((notFinite(eight)[word] >> (column % 2u * 16u)) & 1u) != 0u) {
      let score = scores[row * SCORES_STRIDE + key];
      if (!isHidden(score)) {
        strip[row * STRIP_STRIDE + inStrip] += weightOf(score, maximum) * unpack2x16float(eight[word])[column % 2u];
      }
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
) {
  let tiles = (params.seqLenQ + TILE_Q - 1u) / TILE_Q;
  let number = workgroupIndex(workgroup, grid);
  let head = number / tiles % params.heads;
  let batch = number / tiles / params.heads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  // Of causal attention the last rows have the most keys: they begin first, so that all ends at about the same time.
  let tileStart = (tiles - 1u - number % tiles) * TILE_Q;
  if (tileStart >= sequence.seqLenQ) {
    return;
  }
  let tileEnd = min(tileStart + TILE_Q, sequence.seqLenQ);
  let kvHead = head / params.groupSize;
  let queriesAt = rowAt(params.qStrides, batch, head, sequence.queryRow + tileStart);
  let keysAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow);
  let valuesAt = rowAt(params.vStrides, batch, kvHead, sequence.keyRow);
  let firstRange = keyRange(sequence, tileStart);
  let lastRange = keyRange(sequence, tileEnd - 1u);

  // The rows of this subgroup's matrices, and the row and the lane of this invocation.
  let firstRow = subgroup * MATRIX_M;
  let row = index / LANES;
  let lane = index % LANES;
  let query = tileStart + row;
  let place = rowOf(sequence, batch, head, query);
  let range = keyRange(sequence, query);

  if (index == 0u) {
    atomicStore(&change, 0u);
  }
  stageQueries(index, queriesAt, tileEnd - tileStart);
  workgroupBarrier();
  var queries: array<Left, HEAD_STEPS>;
  for (var step = 0u; step < HEAD_STEPS; step++) {
    queries[step] =
      subgroupMatrixLoad<Left, row_major>(&tile, firstRow * HEAD_STRIDE + step * (MATRIX_K / 8u), HEAD_STRIDE);
  }

  var sums: array<Result, COLUMNS>;
  var maximum = LOWEST;
  var sum = 0.0;
  for (var start = firstRange.x; start < lastRange.y; start += TILE_KV) {
    let count = min(TILE_KV, lastRange.y - start);
    // Every row sees every key of a whole tile.
    let allVisible = !HIDES_KEYS && lastRange.x <= start && start + TILE_KV <= firstRange.y;
    // Nobody may still be reading the queries, or the last values.
    workgroupBarrier();
    stageKeys(index, batch, keysAt, start, count);
    workgroupBarrier();
    for (var block = 0u; block < TILE_KV / MATRIX_N; block++) {
      var products = Result();
      for (var step = 0u; step < HEAD_STEPS; step++) {
        let keys = subgroupMatrixLoad<Right, col_major>(
          &tile,
          block * MATRIX_N * HEAD_STRIDE + step * (MATRIX_K / 8u),
          HEAD_STRIDE,
        );
        products = subgroupMatrixMultiplyAccumulate(queries[step], keys, products);
      }
      subgroupMatrixStore<row_major>(
        &scores,
        firstRow * SCORES_STRIDE + block * MATRIX_N,
        products,
        SCORES_STRIDE,
      );
    }
    workgroupBarrier();

    stageValues(index, batch, valuesAt, start, count);
    var grown = maximum;
    for (var j = 0u; j < KEYS; j++) {
      let column = lane + j * LANES;
      let key = start + column;
      var score = LOWEST;
      // Neither rows nor keys that are not there have an entry in a mask.
      if (allVisible || (query < tileEnd && range.x <= key && key < range.y)) {
        score = scoreOf(scores[row * SCORES_STRIDE + column], place, key);
      }
      scores[row * SCORES_STRIDE + column] = score;
      grown = max(grown, score);
    }
    partials[index] = grown;
    workgroupBarrier();

    for (var other = row * LANES; other < row * LANES + LANES; other++) {
      grown = max(grown, partials[other]);
    }
    var correction = 1.0;
    if (maximum == LOWEST) {
      // The row has no sums yet.
      maximum = grown;
    } else if (grown > maximum + SLACK) {
      correction = exp2(maximum - grown);
      maximum = grown;
      sum *= correction;
      atomicOr(&change, RESCALE);
    }
    for (var j = 0u; j < KEYS; j++) {
      let column = lane + j * LANES;
      let w = weightOf(scores[row * SCORES_STRIDE + column], maximum);
      sum += w;
      weights[row * WEIGHTS_STRIDE + column] = f16(w);
    }
    // Values and weights are there for all.
    let changes = workgroupUniformLoad(&change);
    if (changes != 0u) {
      if (index == 0u) {
        atomicStore(&change, 0u);
      }
      for (var n = 0u; n < COLUMNS; n++) {
        subgroupMatrixStore<row_major>(&strip, firstRow * STRIP_STRIDE, sums[n], STRIP_STRIDE);
        workgroupBarrier();
        for (var column = lane; column < MATRIX_N; column += LANES) {
          strip[row * STRIP_STRIDE + column] *= correction;
          if ((changes & NOT_FINITE) != 0u) {
            let values = Values(batch, valuesAt, start, count);
            addNotFinite(row, column, n * MATRIX_N + column, maximum, values);
          }
        }
        workgroupBarrier();
        sums[n] = subgroupMatrixLoad<Result, row_major>(&strip, firstRow * STRIP_STRIDE, STRIP_STRIDE);
        workgroupBarrier();
      }
    }
    for (var step = 0u; step < TILE_KV / MATRIX_K; step++) {
      let left = subgroupMatrixLoad<Left, row_major>(
        &weights,
        firstRow * WEIGHTS_STRIDE + step * MATRIX_K,
        WEIGHTS_STRIDE,
      );
      for (var n = 0u; n < COLUMNS; n++) {
        let values = subgroupMatrixLoad<Right, row_major>(
          &tile,
          step * MATRIX_K * VALUE_STRIDE + n * (MATRIX_N / 8u),
          VALUE_STRIDE,
        );
        sums[n] = subgroupMatrixMultiplyAccumulate(left, values, sums[n]);
      }
    }
  }

  // The last maxima have been read.
  workgroupBarrier();
  partials[index] = sum;
  workgroupBarrier();
  var total = 0.0;
  for (var other = row * LANES; other < row * LANES + LANES; other++) {
    total += partials[other];
  }
  var factor = 0.0;
  let rowNumber = sequence.queryRow + query;
  if (query < tileEnd) {
    factor = finishRow(maximum, total, head, rowAt(params.lseStrides, batch, head, rowNumber));
  }
  let rowOfO = rowAt(params.oStrides, batch, head, rowNumber);
  for (var n = 0u; n < COLUMNS; n++) {
    subgroupMatrixStore<row_major>(&strip, firstRow * STRIP_STRIDE, sums[n], STRIP_STRIDE);
    workgroupBarrier();
    for (var eight = lane; eight < MATRIX_N / 8u; eight += LANES) {
      let vector = n * (MATRIX_N / 8u) + eight;
      if (query < tileEnd && vector < params.headDimV / 8u) {
        let at = row * STRIP_STRIDE + eight * 8u;
        var words: vec4<u32>;
        for (var word = 0u; word < 4u; word++) {
          words[word] =
            pack2x16float(vec2<f32>(strip[at + 2u * word], strip[at + 2u * word + 1u]) * factor);
        }
        o[rowOfO + vector] = words;
      }
    }
    workgroupBarrier();
  }
}
