// Attention of a few queries to many keys, for a part of the keys: o[row, c] * l = sum over keys of 2^(s - m) v[key, c],
// with s the score of row and key and m the largest s. merge.wgsl joins the parts.
//
// A workgroup takes TILE_Q of the rows that share a head of k and v (all queries of all heads of a group), in blocks of four, and
// walks along its part of the keys, TILE_KV at a time, reading each element of k and v once, straight into registers. For the
// scores, LANES invocations share a key and each makes KEYS of them; for the output, VALUE_LANES invocations share a value, of
// which each has every VALUE_LANES-th vector. The VALUE_GROUPS groups of these have consecutive keys each, so that what one reads
// lies together, and maxima, sums and outputs of their own, which are joined at the end.
//
// Expects: Elem; TILE_Q, LANES, KEYS, VALUE_LANES; HEAD_VECTORS and VALUE_VECTORS: rows of k and of v have at most so many
// vectors of four; KEEP_Q: whether invocations keep their vectors of q in registers; Params (params.wgsl), sequenceOf, keyRange,
// rowAt (range.wgsl), scoreOf (score.wgsl), softmax.wgsl, keyRow, keyQuad, valueQuad, workgroupIndex.
// Dao, Haziza, Massa and Sizov, "Flash-Decoding for long-context inference", 2023 (splitting the keys).

const INVOCATIONS: u32 = 128u;
const BLOCKS: u32 = TILE_Q / 4u;
const KEY_GROUPS: u32 = INVOCATIONS / LANES;
const TILE_KV: u32 = KEY_GROUPS * KEYS;
const HEAD_COLUMNS: u32 = (HEAD_VECTORS + LANES - 1u) / LANES;
const VALUE_COLUMNS: u32 = (VALUE_VECTORS + VALUE_LANES - 1u) / VALUE_LANES;
const VALUE_GROUPS: u32 = INVOCATIONS / VALUE_LANES;
const GROUP_KEYS: u32 = (TILE_KV + VALUE_GROUPS - 1u) / VALUE_GROUPS;

@group(0) @binding(1) var<storage, read> q: array<vec4<Elem>>;
// For each split and each row of o its part of o * l; behind all of these, for each of them m and l.
@group(0) @binding(4) var<storage, read_write> partials: array<vec4<f32>>;

// An odd distance between keys, so that invocations that add up neighbouring keys read different banks.
const DOT_STRIDE: u32 = LANES + 1u;

struct TileRow {
  row: Row,
  range: vec2<u32>,
}

// Rows that are not there repeat the last one.
var<workgroup> tileRows: array<TileRow, TILE_Q>;
var<workgroup> queryTile: array<vec4<f32>, TILE_Q * HEAD_VECTORS>;
// For four rows: parts of the dot products, one a lane; in the end, a vector of the groups' rows each.
var<workgroup> exchange: array<vec4<f32>, BLOCKS * max(TILE_KV * DOT_STRIDE, 4u * INVOCATIONS)>;
var<workgroup> scores: array<vec4<f32>, BLOCKS * TILE_KV>;
// Maxima, and then sums, of four rows.
var<workgroup> groupStats: array<mat2x4<f32>, BLOCKS * VALUE_GROUPS>;

// The number-th of the rows that share a head of k and v: queries of the group's first head, then of its next.
fn tileRowOf(sequence: Sequence, batch: u32, kvHead: u32, number: u32) -> TileRow {
  let head = kvHead * params.groupSize + number / params.seqLenQ;
  let query = number % params.seqLenQ;
  return TileRow(rowOf(sequence, batch, head, query), keyRange(sequence, query));
}

// A vector of all rows, by blocks.
alias Queries = array<mat4x4<f32>, BLOCKS>;

fn queriesAt(vector: u32) -> Queries {
  var queries: Queries;
  for (var b = 0u; b < BLOCKS; b++) {
    let first = 4u * b * HEAD_VECTORS + vector;
    queries[b] = mat4x4<f32>(
      queryTile[first],
      queryTile[first + HEAD_VECTORS],
      queryTile[first + 2u * HEAD_VECTORS],
      queryTile[first + 3u * HEAD_VECTORS],
    );
  }
  return queries;
}

// Adds what a vector of the keys contributes to the products.
fn addProducts(
  products: ptr<function, array<array<vec4<f32>, KEYS>, BLOCKS>>,
  keyAt: ptr<function, array<u32, KEYS>>,
  vector: u32,
  queries: ptr<function, Queries>,
) {
  var keys: array<vec4<f32>, KEYS>;
  for (var j = 0u; j < KEYS; j++) {
    keys[j] = keyQuad((*keyAt)[j] + vector);
  }
  for (var b = 0u; b < BLOCKS; b++) {
    for (var j = 0u; j < KEYS; j++) {
      (*products)[b][j] += keys[j] * (*queries)[b];
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let headVectors = params.headDim / 4u;
  let valueVectors = params.headDimV / 4u;
  let rowsPerHead = params.groupSize * params.seqLenQ;
  let rowTiles = (rowsPerHead + TILE_Q - 1u) / TILE_Q;
  let kvHeads = params.heads / params.groupSize;
  let number = workgroupIndex(workgroup, grid);
  let split = number % params.splits;
  let rowTile = number / params.splits % rowTiles;
  let kvHead = number / params.splits / rowTiles % kvHeads;
  let batch = number / params.splits / rowTiles / kvHeads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  let tileStart = rowTile * TILE_Q;
  let rowCount = min(TILE_Q, rowsPerHead - tileStart);
  let keysAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow);
  let valuesAt = rowAt(params.vStrides, batch, kvHead, sequence.keyRow);
  if (sequence.seqLenQ == 0u) {
    return;
  }
  // No row sees keys before those of the first query, or behind those of the last. The parts are whole tiles.
  let firstKey = keyRange(sequence, 0u).x;
  let endKey = max(firstKey, keyRange(sequence, sequence.seqLenQ - 1u).y);
  let tiles = (endKey - firstKey + TILE_KV - 1u) / TILE_KV;
  let keysPerSplit = (tiles + params.splits - 1u) / params.splits * TILE_KV;
  let splitStart = min(firstKey + split * keysPerSplit, endKey);
  let splitEnd = min(splitStart + keysPerSplit, endKey);

  if (index < TILE_Q) {
    tileRows[index] = tileRowOf(sequence, batch, kvHead, min(tileStart + index, rowsPerHead - 1u));
  }
  workgroupBarrier();
  for (var at = index; at < TILE_Q * HEAD_VECTORS; at += INVOCATIONS) {
    let vector = at % HEAD_VECTORS;
    if (vector < headVectors) {
      let row = tileRows[at / HEAD_VECTORS].row;
      let query = min(row.query, sequence.seqLenQ - 1u);
      queryTile[at] = vec4<f32>(q[rowAt(params.qStrides, batch, row.head, sequence.queryRow + query) + vector]);
    }
  }
  workgroupBarrier();

  let keyGroup = index / LANES;
  let lane = index % LANES;
  var kept: array<Queries, select(1u, HEAD_COLUMNS, KEEP_Q)>;
  if (KEEP_Q) {
    for (var u = 0u; u < HEAD_COLUMNS; u++) {
      kept[u] = queriesAt(min(lane + u * LANES, HEAD_VECTORS - 1u));
    }
  }
  let valueGroup = index / VALUE_LANES;
  let valueLane = index % VALUE_LANES;
  var maxima: array<vec4<f32>, BLOCKS>;
  var sums: array<vec4<f32>, BLOCKS>;
  var rows: array<array<vec4<f32>, VALUE_COLUMNS>, TILE_Q>;
  for (var b = 0u; b < BLOCKS; b++) {
    maxima[b] = vec4<f32>(LOWEST);
  }

  for (var start = splitStart; start < splitEnd; start += TILE_KV) {
    // Without a value of its own, Dawn 0.6 would zero it once, not in each round.
    var products = array<array<vec4<f32>, KEYS>, BLOCKS>();
    var keyAt: array<u32, KEYS>;
    for (var j = 0u; j < KEYS; j++) {
      let key = min(start + keyGroup + j * KEY_GROUPS, splitEnd - 1u);
      keyAt[j] = keysAt + keyRow(batch, key) * params.kStrides.z;
    }
    if (KEEP_Q) {
      for (var u = 0u; u < HEAD_COLUMNS; u++) {
        let vector = lane + u * LANES;
        if (vector < headVectors) {
          var queries = kept[u];
          addProducts(&products, &keyAt, vector, &queries);
        }
      }
    } else {
      for (var vector = lane; vector < headVectors; vector += LANES) {
        var queries = queriesAt(vector);
        addProducts(&products, &keyAt, vector, &queries);
      }
    }
    for (var b = 0u; b < BLOCKS; b++) {
      for (var j = 0u; j < KEYS; j++) {
        exchange[(b * TILE_KV + keyGroup + j * KEY_GROUPS) * DOT_STRIDE + lane] = products[b][j];
      }
    }
    workgroupBarrier();

    for (var at = index; at < BLOCKS * TILE_KV; at += INVOCATIONS) {
      var product = vec4<f32>();
      for (var part = at * DOT_STRIDE; part < at * DOT_STRIDE + LANES; part++) {
        product += exchange[part];
      }
      // The last tile may reach behind the last key, whose score is then nobody's.
      let key = start + at % TILE_KV;
      for (var r = 0u; r < 4u; r++) {
        let tileRow = tileRows[at / TILE_KV * 4u + r];
        if (tileRow.range.x <= key && key < min(tileRow.range.y, splitEnd)) {
          product[r] = scoreOf(product[r], tileRow.row, key);
        } else {
          product[r] = LOWEST;
        }
      }
      scores[at] = product;
    }
    workgroupBarrier();

    if (valueGroup < VALUE_GROUPS) {
      let first = valueGroup * GROUP_KEYS;
      let end = min(first + GROUP_KEYS, min(TILE_KV, splitEnd - start));
      for (var b = 0u; b < BLOCKS; b++) {
        var grown = maxima[b];
        for (var t = first; t < end; t++) {
          grown = max(grown, scores[b * TILE_KV + t]);
        }
        let correction = exp2(maxima[b] - grown);
        sums[b] *= correction;
        for (var r = 0u; r < 4u; r++) {
          for (var c = 0u; c < VALUE_COLUMNS; c++) {
            rows[4u * b + r][c] *= correction[r];
          }
        }
        maxima[b] = grown;
      }
      for (var t = first; t < end; t++) {
        let valueAt = valuesAt + keyRow(batch, start + t) * params.vStrides.z;
        var values: array<vec4<f32>, VALUE_COLUMNS>;
        for (var c = 0u; c < VALUE_COLUMNS; c++) {
          values[c] = valueQuad(valueAt + min(valueLane + c * VALUE_LANES, valueVectors - 1u));
        }
        for (var b = 0u; b < BLOCKS; b++) {
          let score = scores[b * TILE_KV + t];
          // A weight of zero would not do: a value that a row does not see may be NaN, or infinite.
          let hidden = score <= vec4<f32>(LOWEST);
          let w = select(exp2(score - maxima[b]), vec4<f32>(), hidden);
          sums[b] += w;
          for (var r = 0u; r < 4u; r++) {
            for (var c = 0u; c < VALUE_COLUMNS; c++) {
              let seen = select(values[c], vec4<f32>(), hidden[r]);
              rows[4u * b + r][c] = fma(vec4<f32>(w[r]), seen, rows[4u * b + r][c]);
            }
          }
        }
      }
    }
    // No barrier: the next scores are written after another one, which all reach when they have read these.
  }

  if (valueGroup < VALUE_GROUPS && valueLane == 0u) {
    for (var b = 0u; b < BLOCKS; b++) {
      groupStats[b * VALUE_GROUPS + valueGroup] = mat2x4<f32>(maxima[b], sums[b]);
    }
  }
  for (var c = 0u; c < VALUE_COLUMNS; c++) {
    // The sums of the last column, or the last scores' products, have been read.
    workgroupBarrier();
    for (var r = 0u; r < TILE_Q; r++) {
      exchange[r * INVOCATIONS + index] = rows[r][c];
    }
    workgroupBarrier();
    for (var at = index; at < rowCount * VALUE_LANES; at += INVOCATIONS) {
      let r = at / VALUE_LANES;
      let lane = at % VALUE_LANES;
      let firstGroup = r / 4u * VALUE_GROUPS;
      var maximum = LOWEST;
      for (var g = firstGroup; g < firstGroup + VALUE_GROUPS; g++) {
        maximum = max(maximum, groupStats[g][0][r % 4u]);
      }
      var sum = 0.0;
      var joined = vec4<f32>();
      for (var g = firstGroup; g < firstGroup + VALUE_GROUPS; g++) {
        let factor = exp2(groupStats[g][0][r % 4u] - maximum);
        sum += factor * groupStats[g][1][r % 4u];
        joined += factor * exchange[r * INVOCATIONS + (g - firstGroup) * VALUE_LANES + lane];
      }
      let row = tileRows[r].row;
      let slot = ((split * params.batch + batch) * params.heads + row.head) * params.seqLenQ + row.query;
      let vector = lane + c * VALUE_LANES;
      if (vector < valueVectors) {
        partials[slot * valueVectors + vector] = joined;
      }
      if (vector == 0u) {
        let slots = params.splits * params.batch * params.heads * params.seqLenQ;
        partials[slots * valueVectors + slot] = vec4<f32>(maximum, sum, 0.0, 0.0);
      }
    }
  }
}
