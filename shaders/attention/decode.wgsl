// Attention of a few queries to many keys, for a part of the keys: o[row, c] * l = sum over keys of 2^(s - m) v[key, c],
// with s = scale * log2(e) * q[row] . k[key] and m the largest s. merge.wgsl joins the parts.
//
// A workgroup takes TILE_Q of the rows that share a head of k and v (all queries of all heads of a group: they lie one
// behind the other in q), in blocks of four, and walks along its part of the keys, TILE_KV at a time, reading each element
// of k and v once, straight into registers. For the scores, LANES invocations share a key and each makes KEYS of
// them; for the output, each vector of v has an invocation to itself in each of VALUE_GROUPS groups, which take turns at
// the keys. Each group has maxima, sums and outputs of its own, which are joined at the end.
//
// Expects: Elem; TILE_Q, LANES; HEAD_VECTORS and VALUE_VECTORS: rows of k and of v have at most so many vectors of four,
// VALUE_VECTORS at most INVOCATIONS; Params (params.wgsl), keyEnd (mask.wgsl), LOWEST (softmax.wgsl), workgroupIndex.
// Dao, Haziza, Massa and Sizov, "Flash-Decoding for long-context inference", 2023 (splitting the keys).

const INVOCATIONS: u32 = 128u;
const BLOCKS: u32 = TILE_Q / 4u;
const KEYS: u32 = 4u;
const KEY_GROUPS: u32 = INVOCATIONS / LANES;
const TILE_KV: u32 = KEY_GROUPS * KEYS;
const VALUE_GROUPS: u32 = INVOCATIONS / VALUE_VECTORS;

@group(0) @binding(1) var<storage, read> q: array<vec4<Elem>>;
@group(0) @binding(2) var<storage, read> k: array<vec4<Elem>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<Elem>>;
// For each split and each row of o: its part of o * l, and m and l.
@group(0) @binding(4) var<storage, read_write> partialO: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> partialStats: array<vec2<f32>>;

// An odd distance between keys, so that invocations that add up neighbouring keys read different banks.
const DOT_STRIDE: u32 = LANES + 1u;

var<workgroup> queryTile: array<vec4<f32>, TILE_Q * HEAD_VECTORS>;
// For four rows: parts of the dot products, one a lane; in the end, a vector of the groups' rows each.
var<workgroup> exchange: array<vec4<f32>, BLOCKS * max(TILE_KV * DOT_STRIDE, 4u * INVOCATIONS)>;
var<workgroup> scores: array<vec4<f32>, BLOCKS * TILE_KV>;
// Maxima, and then sums, of four rows.
var<workgroup> groupStats: array<mat2x4<f32>, BLOCKS * VALUE_GROUPS>;

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
  let number = workgroupIndex(workgroup, grid);
  let split = number % params.splits;
  let rowTile = number / params.splits % rowTiles;
  let kvHead = number / params.splits / rowTiles;
  if (kvHead * params.groupSize >= params.queryHeads) {
    return;
  }
  let tileStart = rowTile * TILE_Q;
  let rowCount = min(TILE_Q, rowsPerHead - tileStart);
  let firstRow = kvHead * rowsPerHead + tileStart;
  let firstKey = kvHead * params.seqLenKv;
  let splitStart = split * params.keysPerSplit;
  // No row sees more keys than the last query does.
  let splitEnd = min(splitStart + params.keysPerSplit, keyEnd(params.seqLenQ - 1u));

  // Rows that are not there repeat the last one.
  for (var at = index; at < TILE_Q * HEAD_VECTORS; at += INVOCATIONS) {
    let vector = at % HEAD_VECTORS;
    if (vector < headVectors) {
      let row = firstRow + min(at / HEAD_VECTORS, rowCount - 1u);
      queryTile[at] = vec4<f32>(q[row * headVectors + vector]);
    }
  }
  workgroupBarrier();

  let keyGroup = index / LANES;
  let lane = index % LANES;
  let valueGroup = index / VALUE_VECTORS;
  // An invocation that has no vector of v reads the last, and does not use it.
  let valueLane = min(index % VALUE_VECTORS, valueVectors - 1u);
  var ends: array<vec4<u32>, BLOCKS>;
  var maxima: array<vec4<f32>, BLOCKS>;
  var sums: array<vec4<f32>, BLOCKS>;
  var rows: array<vec4<f32>, TILE_Q>;
  for (var b = 0u; b < BLOCKS; b++) {
    let queries = (tileStart + 4u * b + vec4<u32>(0u, 1u, 2u, 3u)) % params.seqLenQ;
    ends[b] = vec4<u32>(keyEnd(queries.x), keyEnd(queries.y), keyEnd(queries.z), keyEnd(queries.w));
    maxima[b] = vec4<f32>(LOWEST);
  }

  for (var start = splitStart; start < splitEnd; start += TILE_KV) {
    // Without a value of its own, Dawn 0.6 would zero it once, not in each round.
    var products = array<array<vec4<f32>, KEYS>, BLOCKS>();
    for (var vector = lane; vector < headVectors; vector += LANES) {
      var keys: array<vec4<f32>, KEYS>;
      for (var j = 0u; j < KEYS; j++) {
        let key = min(start + keyGroup + j * KEY_GROUPS, splitEnd - 1u);
        keys[j] = vec4<f32>(k[(firstKey + key) * headVectors + vector]);
      }
      for (var b = 0u; b < BLOCKS; b++) {
        let first = 4u * b * HEAD_VECTORS + vector;
        let queries = mat4x4<f32>(
          queryTile[first],
          queryTile[first + HEAD_VECTORS],
          queryTile[first + 2u * HEAD_VECTORS],
          queryTile[first + 3u * HEAD_VECTORS],
        );
        for (var j = 0u; j < KEYS; j++) {
          products[b][j] += keys[j] * queries;
        }
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
      scores[at] = product * params.scaleLog2;
    }
    workgroupBarrier();

    if (valueGroup < VALUE_GROUPS) {
      let count = min(TILE_KV, splitEnd - start);
      for (var b = 0u; b < BLOCKS; b++) {
        var grown = maxima[b];
        for (var t = valueGroup; t < count; t += VALUE_GROUPS) {
          let visible = vec4<u32>(start + t) < ends[b];
          grown = select(grown, max(grown, scores[b * TILE_KV + t]), visible);
        }
        let correction = exp2(maxima[b] - grown);
        sums[b] *= correction;
        for (var r = 0u; r < 4u; r++) {
          rows[4u * b + r] *= correction[r];
        }
        maxima[b] = grown;
      }
      for (var t = valueGroup; t < count; t += VALUE_GROUPS) {
        let value = vec4<f32>(v[(firstKey + start + t) * valueVectors + valueLane]);
        for (var b = 0u; b < BLOCKS; b++) {
          // A weight of zero would not do: a value that a row does not see may be NaN, or infinite.
          let visible = vec4<u32>(start + t) < ends[b];
          let w = select(vec4<f32>(), exp2(scores[b * TILE_KV + t] - maxima[b]), visible);
          sums[b] += w;
          for (var r = 0u; r < 4u; r++) {
            let seen = select(vec4<f32>(), value, visible[r]);
            rows[4u * b + r] = fma(vec4<f32>(w[r]), seen, rows[4u * b + r]);
          }
        }
      }
    }
    // No barrier: the next scores are written after another one, which all reach when they have read these.
  }

  for (var r = 0u; r < TILE_Q; r++) {
    exchange[r * INVOCATIONS + index] = rows[r];
  }
  if (valueGroup < VALUE_GROUPS && index % VALUE_VECTORS == 0u) {
    for (var b = 0u; b < BLOCKS; b++) {
      groupStats[b * VALUE_GROUPS + valueGroup] = mat2x4<f32>(maxima[b], sums[b]);
    }
  }
  workgroupBarrier();
  for (var at = index; at < rowCount * VALUE_VECTORS; at += INVOCATIONS) {
    let r = at / VALUE_VECTORS;
    let vector = at % VALUE_VECTORS;
    let firstGroup = r / 4u * VALUE_GROUPS;
    var maximum = LOWEST;
    for (var g = firstGroup; g < firstGroup + VALUE_GROUPS; g++) {
      maximum = max(maximum, groupStats[g][0][r % 4u]);
    }
    var sum = 0.0;
    var row = vec4<f32>();
    for (var g = firstGroup; g < firstGroup + VALUE_GROUPS; g++) {
      let factor = exp2(groupStats[g][0][r % 4u] - maximum);
      sum += factor * groupStats[g][1][r % 4u];
      row += factor * exchange[r * INVOCATIONS + (g - firstGroup) * VALUE_VECTORS + vector];
    }
    let slot = split * params.queryHeads * params.seqLenQ + firstRow + r;
    if (vector < valueVectors) {
      partialO[slot * valueVectors + vector] = row;
    }
    if (vector == 0u) {
      partialStats[slot] = vec2<f32>(maximum, sum);
    }
  }
}
