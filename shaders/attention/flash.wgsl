// o[i, c] = sum over keys of softmax(scale * q[i] . k[key]) v[key, c] for one head, never storing the scores.
//
// A workgroup makes TILE_Q rows of o. It walks along the keys that those rows see, TILE_KV at a time: their part of k
// and then of v lies in workgroup memory. LANES invocations share four rows, whose scores and weights are vectors of
// four: each makes the scores of every LANES-th key, and every LANES-th vector of o, which it keeps in registers. They
// agree on the rows' maxima through workgroup memory; each sums its own weights, and the sums meet at the end.
//
// Expects: Elem; TILE_Q, TILE_KV, LANES; HEAD_VECTORS and VALUE_VECTORS: rows of k and of v have at most so many vectors of
// four; STAGE_Q: whether q is kept in workgroup memory too; Params (params.wgsl), keyEnd (mask.wgsl), LOWEST,
// normaliser (softmax.wgsl), workgroupIndex.
// Dao, "FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning", 2023, arXiv:2307.08691.

const GROUPS: u32 = TILE_Q / 4u;
const INVOCATIONS: u32 = GROUPS * LANES;
const KEYS: u32 = TILE_KV / LANES;
const VALUES: u32 = (VALUE_VECTORS + LANES - 1u) / LANES;

@group(0) @binding(1) var<storage, read> q: array<vec4<Elem>>;
@group(0) @binding(2) var<storage, read> k: array<vec4<Elem>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<Elem>>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4<Elem>>;

// Odd distances between rows: invocations that read neighbouring rows at once then hit different banks.
const Q_STRIDE: u32 = HEAD_VECTORS | 1u;
const KV_STRIDE: u32 = max(HEAD_VECTORS, VALUE_VECTORS) | 1u;
const WEIGHTS_STRIDE: u32 = TILE_KV + 1u;

var<workgroup> queryTile: array<vec4<Elem>, select(1u, TILE_Q * Q_STRIDE, STAGE_Q)>;
// Keys, then values. The last invocations of a group may read behind the last row, and do not use what they read.
var<workgroup> tile: array<vec4<f32>, TILE_KV * KV_STRIDE + LANES>;
// The weights of four rows for a key.
var<workgroup> weights: array<vec4<f32>, GROUPS * WEIGHTS_STRIDE>;
// What each invocation of a group has to tell the others: maxima, and in the end sums.
var<workgroup> partials: array<vec4<f32>, INVOCATIONS>;

// Long loops below end where the data ends, not at a constant: compilers that unroll whatever they can would take
// seconds over them otherwise. Rows that are not there keep what they held: nobody uses what comes of them.

// Copies `count` rows of q, from `first` on.
fn stageQueries(index: u32, first: u32, count: u32) {
  let vectors = params.headDim / 4u;
  for (var at = index; at < count * HEAD_VECTORS; at += INVOCATIONS) {
    let vector = at % HEAD_VECTORS;
    if (vector < vectors) {
      queryTile[at / HEAD_VECTORS * Q_STRIDE + vector] = q[(first + at / HEAD_VECTORS) * vectors + vector];
    }
  }
}

fn stageKeys(index: u32, first: u32, count: u32) {
  let vectors = params.headDim / 4u;
  for (var at = index; at < count * HEAD_VECTORS; at += INVOCATIONS) {
    let vector = at % HEAD_VECTORS;
    if (vector < vectors) {
      tile[at / HEAD_VECTORS * KV_STRIDE + vector] = vec4<f32>(k[(first + at / HEAD_VECTORS) * vectors + vector]);
    }
  }
}

fn stageValues(index: u32, first: u32, count: u32) {
  let vectors = params.headDimV / 4u;
  for (var at = index; at < count * VALUE_VECTORS; at += INVOCATIONS) {
    let vector = at % VALUE_VECTORS;
    if (vector < vectors) {
      tile[at / VALUE_VECTORS * KV_STRIDE + vector] = vec4<f32>(v[(first + at / VALUE_VECTORS) * vectors + vector]);
    }
  }
}

// Four rows of o in the making: rows[4 * u + r] is vector `lane + u * LANES` of the r-th.
alias Rows = array<vec4<f32>, 4u * VALUES>;

// Adds a tile of which every row of the workgroup sees every key.
fn addValues(rows: ptr<function, Rows>, group: u32, lane: u32, count: u32) {
  for (var key = 0u; key < count; key++) {
    let w = weights[group * WEIGHTS_STRIDE + key];
    for (var u = 0u; u < VALUES; u++) {
      let value = tile[key * KV_STRIDE + lane + u * LANES];
      (*rows)[4u * u] = fma(vec4<f32>(w.x), value, (*rows)[4u * u]);
      (*rows)[4u * u + 1u] = fma(vec4<f32>(w.y), value, (*rows)[4u * u + 1u]);
      (*rows)[4u * u + 2u] = fma(vec4<f32>(w.z), value, (*rows)[4u * u + 2u]);
      (*rows)[4u * u + 3u] = fma(vec4<f32>(w.w), value, (*rows)[4u * u + 3u]);
    }
  }
}

// Adds a tile of which some rows see the keys before `ends` only. A weight of zero would not do: a value that a row does
// not see may be NaN, or infinite.
fn addVisibleValues(
  rows: ptr<function, Rows>,
  group: u32,
  lane: u32,
  count: u32,
  start: u32,
  ends: vec4<u32>,
) {
  for (var key = 0u; key < count; key++) {
    let w = weights[group * WEIGHTS_STRIDE + key];
    let visible = vec4<u32>(start + key) < ends;
    for (var u = 0u; u < VALUES; u++) {
      let value = tile[key * KV_STRIDE + lane + u * LANES];
      for (var r = 0u; r < 4u; r++) {
        let seen = select(vec4<f32>(), value, visible[r]);
        (*rows)[4u * u + r] = fma(vec4<f32>(w[r]), seen, (*rows)[4u * u + r]);
      }
    }
  }
}

// A vector of a row of q; rows behind the last repeat it where q is read from memory.
fn queryAt(firstQuery: u32, row: u32, lastQuery: u32, vector: u32) -> vec4<f32> {
  if (STAGE_Q) {
    return vec4<f32>(queryTile[row * Q_STRIDE + vector]);
  }
  return vec4<f32>(q[min(firstQuery + row, lastQuery) * (params.headDim / 4u) + vector]);
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tiles = (params.seqLenQ + TILE_Q - 1u) / TILE_Q;
  let number = workgroupIndex(workgroup, grid);
  let head = number / tiles;
  if (head >= params.queryHeads) {
    return;
  }
  // Of causal attention the last rows have the most keys: they begin first, so that all ends at about the same time.
  let tileStart = (tiles - 1u - number % tiles) * TILE_Q;
  let tileEnd = min(tileStart + TILE_Q, params.seqLenQ);
  let firstRow = head * params.seqLenQ + tileStart;
  let lastRow = head * params.seqLenQ + tileEnd - 1u;
  let firstKey = head / params.groupSize * params.seqLenKv;
  let end = keyEnd(tileEnd - 1u);
  let endForAll = keyEnd(tileStart);

  let group = index / LANES;
  let lane = index % LANES;
  let groupStart = group * LANES;
  let query = tileStart + 4u * group;
  let ends = vec4<u32>(keyEnd(query), keyEnd(query + 1u), keyEnd(query + 2u), keyEnd(query + 3u));

  var maxima = vec4<f32>(LOWEST);
  var sums = vec4<f32>();
  var rows: Rows;
  if (STAGE_Q) {
    stageQueries(index, firstRow, tileEnd - tileStart);
  }
  for (var start = 0u; start < end; start += TILE_KV) {
    let count = min(TILE_KV, end - start);
    stageKeys(index, firstKey + start, count);
    workgroupBarrier();

    // Without a value of its own, Dawn 0.6 would zero it once, not in each round.
    var scores = array<vec4<f32>, KEYS>();
    for (var vector = 0u; vector < params.headDim / 4u; vector++) {
      let queries = mat4x4<f32>(
        queryAt(firstRow, 4u * group, lastRow, vector),
        queryAt(firstRow, 4u * group + 1u, lastRow, vector),
        queryAt(firstRow, 4u * group + 2u, lastRow, vector),
        queryAt(firstRow, 4u * group + 3u, lastRow, vector),
      );
      for (var j = 0u; j < KEYS; j++) {
        scores[j] += tile[(lane + j * LANES) * KV_STRIDE + vector] * queries;
      }
    }
    var grown = maxima;
    for (var j = 0u; j < KEYS; j++) {
      let visible = vec4<u32>(start + lane + j * LANES) < ends;
      scores[j] = select(vec4<f32>(LOWEST), scores[j] * params.scaleLog2, visible);
      grown = max(grown, scores[j]);
    }
    partials[index] = grown;
    // Keys have been read by all, and maxima written.
    workgroupBarrier();

    stageValues(index, firstKey + start, count);
    for (var other = groupStart; other < groupStart + LANES; other++) {
      grown = max(grown, partials[other]);
    }
    if (any(grown > maxima)) {
      let correction = exp2(maxima - grown);
      sums *= correction;
      for (var u = 0u; u < VALUES; u++) {
        for (var r = 0u; r < 4u; r++) {
          rows[4u * u + r] *= correction[r];
        }
      }
      maxima = grown;
    }
    for (var j = 0u; j < KEYS; j++) {
      let key = lane + j * LANES;
      // A row that has seen no key yet has scores as low as its maximum: they must not count.
      let visible = vec4<u32>(start + key) < ends;
      let w = select(vec4<f32>(), exp2(scores[j] - maxima), visible);
      sums += w;
      weights[group * WEIGHTS_STRIDE + key] = w;
    }
    workgroupBarrier();

    if (start + count <= endForAll) {
      addValues(&rows, group, lane, count);
    } else {
      addVisibleValues(&rows, group, lane, count, start, ends);
    }
    // The next keys must not replace these values while another invocation still reads them.
    workgroupBarrier();
  }

  partials[index] = sums;
  workgroupBarrier();
  var totals = vec4<f32>();
  for (var other = groupStart; other < groupStart + LANES; other++) {
    totals += partials[other];
  }
  let vectors = params.headDimV / 4u;
  for (var r = 0u; r < 4u; r++) {
    if (query + r < tileEnd) {
      let factor = normaliser(totals[r]);
      for (var u = 0u; u < VALUES; u++) {
        let vector = lane + u * LANES;
        if (vector < vectors) {
          o[(firstRow + 4u * group + r) * vectors + vector] = vec4<Elem>(rows[4u * u + r] * factor);
        }
      }
    }
  }
}
