// o[i, c] = sum over keys of softmax(score(scale * q[i] . k[key])) v[key, c] for one head, never storing the scores.
//
// A workgroup makes TILE_Q rows of o. It walks along the keys that those rows see, TILE_KV at a time: their part of k
// and then of v lies in workgroup memory. LANES invocations share THREAD_Q rows, whose scores and weights are vectors of
// four: each makes the scores of every LANES-th key, and every LANES-th vector of o, which it keeps in registers. They
// agree on the rows' maxima through workgroup memory; each sums its own weights, and the sums meet at the end.
//
// Expects: Elem, Out; TILE_Q, TILE_KV, LANES; HEAD_VECTORS and VALUE_VECTORS: rows of k and of v have at most so many vectors of
// four; STAGE_Q: whether q is kept in workgroup memory too; Params (params.wgsl), sequenceOf, keyRange, rowAt (range.wgsl),
// scoreOf (score.wgsl), softmax.wgsl, QueryVector, queryQuad, keyRow, keyQuad, valueQuad, workgroupIndex.
// Dao, "FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning", 2023, arXiv:2307.08691.

const THREAD_Q: u32 = 8u;
const BLOCKS: u32 = THREAD_Q / 4u;
const GROUPS: u32 = TILE_Q / THREAD_Q;
const INVOCATIONS: u32 = GROUPS * LANES;
const KEYS: u32 = TILE_KV / LANES;
const VALUES: u32 = (VALUE_VECTORS + LANES - 1u) / LANES;

@group(0) @binding(4) var<storage, read_write> o: array<vec4<Out>>;

// Odd distances between rows: invocations that read neighbouring rows at once then hit different banks.
const Q_STRIDE: u32 = HEAD_VECTORS | 1u;
const KV_STRIDE: u32 = max(HEAD_VECTORS, VALUE_VECTORS) | 1u;
const WEIGHTS_STRIDE: u32 = TILE_KV + 1u;

var<workgroup> queryTile: array<QueryVector, select(1u, TILE_Q * Q_STRIDE, STAGE_Q)>;
// Keys, then values. The last invocations of a group may read behind the last row, and do not use what they read.
var<workgroup> tile: array<vec4<f32>, TILE_KV * KV_STRIDE + LANES>;
// The weights of four rows for a key; HIDDEN where a row does not see it.
var<workgroup> weights: array<vec4<f32>, GROUPS * BLOCKS * WEIGHTS_STRIDE>;
// A weight of zero would not do: a value that a row does not see may be NaN, or infinite.
const HIDDEN: f32 = -1.0;

// What each invocation of a group has to tell the others: maxima, and in the end sums.
var<workgroup> partials: array<vec4<f32>, BLOCKS * INVOCATIONS>;

// Long loops below end where the data ends, not at a constant: compilers that unroll whatever they can would take
// seconds over them otherwise. Rows that are not there keep what they held: nobody uses what comes of them.

// Copies `count` rows of q, of which the first is at `first`.
fn stageQueries(index: u32, first: u32, count: u32) {
  let vectors = params.headDim / 4u;
  for (var at = index; at < count * HEAD_VECTORS; at += INVOCATIONS) {
    let row = at / HEAD_VECTORS;
    let vector = at % HEAD_VECTORS;
    if (vector < vectors) {
      queryTile[row * Q_STRIDE + vector] = q[first + row * params.qStrides.z + vector];
    }
  }
}

// Copies the keys from `start` on of the head whose keys begin at `keysAt`.
fn stageKeys(index: u32, batch: u32, keysAt: u32, start: u32, count: u32) {
  let vectors = params.headDim / 4u;
  for (var at = index; at < count * HEAD_VECTORS; at += INVOCATIONS) {
    let row = at / HEAD_VECTORS;
    let vector = at % HEAD_VECTORS;
    if (vector < vectors) {
      tile[row * KV_STRIDE + vector] = keyQuad(keysAt + keyRow(batch, start + row) * params.kStrides.z + vector);
    }
  }
}

fn stageValues(index: u32, batch: u32, valuesAt: u32, start: u32, count: u32) {
  let vectors = params.headDimV / 4u;
  for (var at = index; at < count * VALUE_VECTORS; at += INVOCATIONS) {
    let row = at / VALUE_VECTORS;
    let vector = at % VALUE_VECTORS;
    if (vector < vectors) {
      tile[row * KV_STRIDE + vector] =
        valueQuad(valuesAt + keyRow(batch, start + row) * params.vStrides.z + vector);
    }
  }
}

// Rows of o in the making: block b of four has vector `lane + u * LANES` of its r-th row at [b][u][r].
alias Rows = array<array<mat4x4<f32>, VALUES>, BLOCKS>;

// Adds a tile of which every row of the workgroup sees every key; a score of -infinity has a weight of zero.
fn addValues(rows: ptr<function, Rows>, group: u32, lane: u32, count: u32) {
  for (var key = 0u; key < count; key++) {
    for (var u = 0u; u < VALUES; u++) {
      let value = tile[key * KV_STRIDE + lane + u * LANES];
      for (var b = 0u; b < BLOCKS; b++) {
        let w = weights[(group * BLOCKS + b) * WEIGHTS_STRIDE + key];
        (*rows)[b][u][0] = fma(vec4<f32>(w.x), value, (*rows)[b][u][0]);
        (*rows)[b][u][1] = fma(vec4<f32>(w.y), value, (*rows)[b][u][1]);
        (*rows)[b][u][2] = fma(vec4<f32>(w.z), value, (*rows)[b][u][2]);
        (*rows)[b][u][3] = fma(vec4<f32>(w.w), value, (*rows)[b][u][3]);
      }
    }
  }
}

// Adds a tile of which some rows do not see all keys.
fn addVisibleValues(rows: ptr<function, Rows>, group: u32, lane: u32, count: u32) {
  for (var key = 0u; key < count; key++) {
    for (var u = 0u; u < VALUES; u++) {
      let value = tile[key * KV_STRIDE + lane + u * LANES];
      for (var b = 0u; b < BLOCKS; b++) {
        let w = weights[(group * BLOCKS + b) * WEIGHTS_STRIDE + key];
        for (var r = 0u; r < 4u; r++) {
          let added = fma(vec4<f32>(w[r]), value, (*rows)[b][u][r]);
          (*rows)[b][u][r] = select(added, (*rows)[b][u][r], w[r] == HIDDEN);
        }
      }
    }
  }
}

// A vector of a row of q; rows behind the last repeat it where q is read from memory.
fn queryAt(first: u32, row: u32, lastRow: u32, vector: u32) -> vec4<f32> {
  if (STAGE_Q) {
    return queryQuad(queryTile[row * Q_STRIDE + vector]);
  }
  return queryQuad(q[first + min(row, lastRow) * params.qStrides.z + vector]);
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
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
  let lastRow = tileEnd - 1u - tileStart;
  let kvHead = head / params.groupSize;
  let queriesAt = rowAt(params.qStrides, batch, head, sequence.queryRow + tileStart);
  let keysAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow);
  let valuesAt = rowAt(params.vStrides, batch, kvHead, sequence.keyRow);
  // Keys that some row sees, and those that all see.
  let firstRange = keyRange(sequence, tileStart);
  let lastRange = keyRange(sequence, tileEnd - 1u);

  let group = index / LANES;
  let lane = index % LANES;
  let groupStart = group * LANES;
  let threadStart = group * THREAD_Q;

  var maxima: array<vec4<f32>, BLOCKS>;
  var sums: array<vec4<f32>, BLOCKS>;
  var rows: Rows;
  for (var b = 0u; b < BLOCKS; b++) {
    maxima[b] = vec4<f32>(LOWEST);
  }
  if (STAGE_Q) {
    stageQueries(index, queriesAt, tileEnd - tileStart);
  }
  for (var start = firstRange.x; start < lastRange.y; start += TILE_KV) {
    let count = min(TILE_KV, lastRange.y - start);
    // Every row sees every key of a whole tile.
    let allVisible = !HIDES_KEYS && lastRange.x <= start && start + TILE_KV <= firstRange.y;
    stageKeys(index, batch, keysAt, start, count);
    workgroupBarrier();

    // Without a value of its own, Dawn 0.6 would zero it once, not in each round.
    var scores = array<array<vec4<f32>, KEYS>, BLOCKS>();
    for (var vector = 0u; vector < params.headDim / 4u; vector++) {
      var keys: array<vec4<f32>, KEYS>;
      for (var j = 0u; j < KEYS; j++) {
        keys[j] = tile[(lane + j * LANES) * KV_STRIDE + vector];
      }
      for (var b = 0u; b < BLOCKS; b++) {
        let row = threadStart + 4u * b;
        let queries = mat4x4<f32>(
          queryAt(queriesAt, row, lastRow, vector),
          queryAt(queriesAt, row + 1u, lastRow, vector),
          queryAt(queriesAt, row + 2u, lastRow, vector),
          queryAt(queriesAt, row + 3u, lastRow, vector),
        );
        for (var j = 0u; j < KEYS; j++) {
          scores[b][j] += keys[j] * queries;
        }
      }
    }
    for (var b = 0u; b < BLOCKS; b++) {
      for (var r = 0u; r < 4u; r++) {
        let query = tileStart + threadStart + 4u * b + r;
        let row = rowOf(sequence, batch, head, query);
        if (allVisible) {
          for (var j = 0u; j < KEYS; j++) {
            scores[b][j][r] = scoreOf(scores[b][j][r], row, start + lane + j * LANES);
          }
        } else {
          let range = keyRange(sequence, query);
          for (var j = 0u; j < KEYS; j++) {
            let key = start + lane + j * LANES;
            // Neither rows nor keys that are not there have an entry in a mask.
            if (query < tileEnd && range.x <= key && key < range.y) {
              scores[b][j][r] = scoreOf(scores[b][j][r], row, key);
            } else {
              scores[b][j][r] = LOWEST;
            }
          }
        }
      }
      var grown = maxima[b];
      for (var j = 0u; j < KEYS; j++) {
        grown = max(grown, scores[b][j]);
      }
      partials[b * INVOCATIONS + index] = grown;
    }
    // Keys have been read by all, and maxima written.
    workgroupBarrier();

    stageValues(index, batch, valuesAt, start, count);
    for (var b = 0u; b < BLOCKS; b++) {
      var grown = maxima[b];
      let firstPartial = b * INVOCATIONS + groupStart;
      for (var other = firstPartial; other < firstPartial + LANES; other++) {
        grown = max(grown, partials[other]);
      }
      if (any(grown > maxima[b])) {
        let correction = exp2(maxima[b] - grown);
        sums[b] *= correction;
        for (var u = 0u; u < VALUES; u++) {
          for (var r = 0u; r < 4u; r++) {
            rows[b][u][r] *= correction[r];
          }
        }
        maxima[b] = grown;
      }
      for (var j = 0u; j < KEYS; j++) {
        let hidden = scores[b][j] <= vec4<f32>(LOWEST);
        let w = exp2(scores[b][j] - maxima[b]);
        sums[b] += select(w, vec4<f32>(), hidden);
        let key = lane + j * LANES;
        let unseen = vec4<f32>(select(HIDDEN, 0.0, allVisible));
        weights[(group * BLOCKS + b) * WEIGHTS_STRIDE + key] = select(w, unseen, hidden);
      }
    }
    workgroupBarrier();

    if (allVisible) {
      addValues(&rows, group, lane, count);
    } else {
      addVisibleValues(&rows, group, lane, count);
    }
    // The next keys must not replace these values while another invocation still reads them.
    workgroupBarrier();
  }

  for (var b = 0u; b < BLOCKS; b++) {
    partials[b * INVOCATIONS + index] = sums[b];
  }
  workgroupBarrier();
  let vectors = params.headDimV / 4u;
  for (var b = 0u; b < BLOCKS; b++) {
    var totals = vec4<f32>();
    let firstPartial = b * INVOCATIONS + groupStart;
    for (var other = firstPartial; other < firstPartial + LANES; other++) {
      totals += partials[other];
    }
    for (var r = 0u; r < 4u; r++) {
      let row = threadStart + 4u * b + r;
      if (tileStart + row < tileEnd) {
        // The invocations of a group store the same logSumExp.
        let place = sequence.queryRow + tileStart + row;
        let factor = finishRow(maxima[b][r], totals[r], head, rowAt(params.lseStrides, batch, head, place));
        let rowOfO = rowAt(params.oStrides, batch, head, place);
        for (var u = 0u; u < VALUES; u++) {
          let vector = lane + u * LANES;
          if (vector < vectors) {
            o[rowOfO + vector] = vec4<Out>(rows[b][u][r] * factor);
          }
        }
      }
    }
  }
}
