// As keys.wgsl, for a tile of keys: dK[key, c] = scale * sum over queries of dS[i, key] q[i, c], and dV[key, c] = sum over queries of
// p[i, key] dO[i, c], over the queries of all heads that share a head of k and v.
//
// A workgroup makes TILE rows of both, and walks along the queries, TILE at a time, head by head. An invocation has four
// keys, which GROUPS invocations share: it makes dS and p of four queries of each tile, and every GROUPS-th vector of dK and
// dV, which it keeps in registers. The order is always the same, and so are the results.
//
// Expects: HEAD_VECTORS and VALUE_VECTORS: rows of k and v have at most so many vectors of four, multiples of GROUPS;
// Out and GOES_ON as keys.wgsl; block.wgsl, change.wgsl and ownKeys.wgsl and what they expect; sequenceOf, keyRange, rowAt (range.wgsl), keyRow, statisticAt, workgroupIndex.

const HEAD_COLUMNS: u32 = HEAD_VECTORS / GROUPS;
const VALUE_COLUMNS: u32 = VALUE_VECTORS / GROUPS;

@group(0) @binding(15) var<storage, read_write> dk: array<vec4<Out>>;
@group(0) @binding(16) var<storage, read_write> dv: array<vec4<Out>>;

// dS and p of each query for four keys.
var<workgroup> changes: array<vec4<f32>, TILE * GROUPS>;
var<workgroup> weights: array<vec4<f32>, TILE * GROUPS>;

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tiles = (ownKeyCount() + TILE - 1u) / TILE;
  let kvHeads = params.heads / params.groupSize;
  let number = workgroupIndex(workgroup, grid);
  let kvHead = number / tiles % kvHeads;
  let batch = number / tiles / kvHeads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  let own = ownKeys(sequence);
  let tileStart = own.x + number % tiles * TILE;
  if (tileStart >= own.y) {
    return;
  }
  let tileEnd = min(tileStart + TILE, own.y);
  let group = index / GROUPS;
  let lane = index % GROUPS;
  let keys = tileStart + group * 4u + vec4<u32>(0u, 1u, 2u, 3u);
  var keyRows: vec4<u32>;
  for (var j = 0u; j < 4u; j++) {
    keyRows[j] = sequence.keyRow + keyRow(batch, min(keys[j], tileEnd - 1u));
  }
  let keyAt = rowsAt(params.kStrides, batch, kvHead, keyRows);
  let valueAt = rowsAt(params.vStrides, batch, kvHead, keyRows);

  var keySums: array<array<vec4<f32>, HEAD_COLUMNS>, 4>;
  var valueSums: array<array<vec4<f32>, VALUE_COLUMNS>, 4>;
  for (var head = kvHead * params.groupSize; head < (kvHead + 1u) * params.groupSize; head++) {
    for (var start = 0u; start < sequence.seqLenQ; start += TILE) {
      let count = min(TILE, sequence.seqLenQ - start);
      // Ranges move forward from query to query: those of the first and the last say if any sees a key of this tile.
      if (keyRange(sequence, start).x >= tileEnd || keyRange(sequence, start + count - 1u).y <= tileStart) {
        continue;
      }
      let queries = start + lane * 4u + vec4<u32>(0u, 1u, 2u, 3u);
      let queryRows = sequence.queryRow + min(queries, vec4<u32>(start + count - 1u));
      let block = blockOf(
        rowsAt(params.qStrides, batch, head, queryRows),
        rowsAt(params.oStrides, batch, head, queryRows),
        keyAt,
        valueAt,
      );
      for (var r = 0u; r < 4u; r++) {
        let query = min(queries[r], start + count - 1u);
        let row = BlockRow(
          rowOf(sequence, batch, head, query),
          keyRange(sequence, query),
          statisticAt(rowAt(params.lseStrides, batch, head, queryRows[r])),
        );
        var change: vec4<f32>;
        var weight: vec4<f32>;
        for (var j = 0u; j < 4u; j++) {
          let both = changeOf(block.products[j][r], block.changes[j][r], row, keys[j]);
          change[j] = both.x;
          weight[j] = both.y;
        }
        changes[(lane * 4u + r) * GROUPS + group] = change;
        weights[(lane * 4u + r) * GROUPS + group] = weight;
      }
      workgroupBarrier();
      for (var i = 0u; i < count; i++) {
        let change = changes[i * GROUPS + group];
        let queryAt = rowAt(params.qStrides, batch, head, sequence.queryRow + start + i);
        for (var u = 0u; u < HEAD_COLUMNS; u++) {
          let values = vec4<f32>(q[queryAt + min(lane + u * GROUPS, params.headDim / 4u - 1u)]);
          for (var j = 0u; j < 4u; j++) {
            keySums[j][u] = addSeen(keySums[j][u], change[j], values);
          }
        }
        let weight = weights[i * GROUPS + group];
        let gradientAt = rowAt(params.oStrides, batch, head, sequence.queryRow + start + i);
        for (var u = 0u; u < VALUE_COLUMNS; u++) {
          let values = vec4<f32>(gradient[gradientAt + min(lane + u * GROUPS, params.headDimV / 4u - 1u)]);
          for (var j = 0u; j < 4u; j++) {
            valueSums[j][u] = addSeen(valueSums[j][u], weight[j], values);
          }
        }
      }
      // The next changes must not replace these while another invocation still reads them.
      workgroupBarrier();
    }
  }
  for (var j = 0u; j < 4u; j++) {
    if (keys[j] < tileEnd) {
      for (var u = 0u; u < HEAD_COLUMNS; u++) {
        let vector = lane + u * GROUPS;
        if (vector < params.headDim / 4u) {
          var result = keySums[j][u] * (params.scaleLog2 / LOG2E);
          if (GOES_ON) {
            result += vec4<f32>(dk[keyAt[j] + vector]);
          }
          dk[keyAt[j] + vector] = vec4<Out>(result);
        }
      }
      for (var u = 0u; u < VALUE_COLUMNS; u++) {
        let vector = lane + u * GROUPS;
        if (vector < params.headDimV / 4u) {
          var result = valueSums[j][u];
          if (GOES_ON) {
            result += vec4<f32>(dv[valueAt[j] + vector]);
          }
          dv[valueAt[j] + vector] = vec4<Out>(result);
        }
      }
    }
  }
}
